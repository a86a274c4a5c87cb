// Licensed under the Apache License, Version 2.0.
//
// Where in its life the newest checkpoint is, as seen from outside: the last phase of
// kCheckpointPhases that began and did not end, "recovery" from a restart until every subtask runs,
// "" otherwise. For the signatures of failures and for the grid of faults by phase.
#ifndef WEIR_FAULTS_PHASE_TRACKER_H_
#define WEIR_FAULTS_PHASE_TRACKER_H_

#include <array>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "runtime/env/events.h"

namespace weir::faults {

class PhaseTracker {
 public:
  PhaseTracker();
  // Whether OnEvent would look at such an event at all.
  bool Watches(EventId id) const { return watched_[static_cast<size_t>(id)]; }
  void OnEvent(const Event& event);
  // Static memory.
  absl::string_view Phase() const;

 private:
  static constexpr size_t kNone = kCheckpointPhases.size();
  std::array<bool, kEventCount> watched_{};
  uint64_t checkpoint_ = 0;
  size_t phase_ = kNone;
  bool recovering_ = false;
};

}  // namespace weir::faults

#endif  // WEIR_FAULTS_PHASE_TRACKER_H_
