// Licensed under the Apache License, Version 2.0.
//
// Sees whether a recovery made a source emit a record that an earlier attempt had emitted already: without that, holding
// exactly-once proves nothing.
#ifndef WEIR_PROPERTIES_REPLAY_WATCH_H_
#define WEIR_PROPERTIES_REPLAY_WATCH_H_

#include <map>
#include <utility>

#include "runtime/env/events.h"

namespace weir::properties {

class ReplayWatch {
 public:
  static bool Watches(EventId id) { return id == EventId::kRecordEmitted; }
  void OnEvent(const Event& event);
  bool replayed() const { return replayed_; }

 private:
  struct Split {
    uint64_t attempt = 0;      // the newest that emitted
    uint64_t end = 0;          // one past the furthest offset that it emitted
    uint64_t earlier_end = 0;  // the same of all attempts before it
  };
  std::map<std::pair<uint64_t, uint64_t>, Split> splits_;  // by (vertex, split)
  bool replayed_ = false;
};

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_REPLAY_WATCH_H_
