#include "properties/replay_watch.h"

#include <algorithm>

namespace weir::properties {

void ReplayWatch::OnEvent(const Event& event) {
  if (event.id != EventId::kRecordEmitted || replayed_) return;
  const auto& [split, offset, vertex, subtask, attempt] = event.fields;
  Split& seen = splits_[{vertex, split}];
  if (attempt > seen.attempt) {
    seen.earlier_end = std::max(seen.earlier_end, seen.end);
    seen.attempt = attempt;
    seen.end = 0;
  }
  if (attempt == seen.attempt) seen.end = std::max(seen.end, offset + 1);
  replayed_ = offset < seen.earlier_end;
}

}  // namespace weir::properties
