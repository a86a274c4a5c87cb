// Licensed under the Apache License, Version 2.0.
//
// How often each event of the catalogue was reached: what a campaign exercised, and what it never
// did.
#ifndef WEIR_FAULTS_COVERAGE_H_
#define WEIR_FAULTS_COVERAGE_H_

#include <array>
#include <cstdint>
#include <vector>

#include "sim/world.h"

namespace weir::faults {

class Coverage : public sim::Observer {
 public:
  absl::Status OnEvent(NodeId, const Event& event) override {
    ++counts_[static_cast<size_t>(event.id)];
    return absl::OkStatus();
  }

  void Add(EventId id, uint64_t times) { counts_[static_cast<size_t>(id)] += times; }
  uint64_t count(EventId id) const { return counts_[static_cast<size_t>(id)]; }
  void Merge(const Coverage& other);
  // The silent probes: what was never reached, in the order of the catalogue.
  std::vector<EventId> Silent() const;

 private:
  std::array<uint64_t, kEventCount> counts_{};
};

}  // namespace weir::faults

#endif  // WEIR_FAULTS_COVERAGE_H_
