#include "runtime/state/snapshot_epochs.h"

#include <limits>

#include "runtime/base/check.h"

namespace weir {

uint64_t SnapshotEpochs::Begin() {
  newest_live_ = ++taken_;
  live_.insert(taken_);
  return taken_;
}

void SnapshotEpochs::End(uint64_t snapshot) {
  const size_t ended = live_.erase(snapshot);
  WEIR_CHECK(ended == 1, "snapshot ", snapshot, " is not alive");
  newest_live_ = live_.empty() ? 0 : *live_.rbegin();
  FreeUpTo(live_.empty() ? std::numeric_limits<uint64_t>::max() : *live_.begin());
}

void SnapshotEpochs::Retire(void (*free)(void*, void*), void* owner, void* thing) {
  if (!has_live()) return free(owner, thing);
  retired_.push_back({taken_, free, owner, thing});
}

void SnapshotEpochs::FreeUpTo(uint64_t oldest_live) {
  while (!retired_.empty() && retired_.front().epoch < oldest_live) {
    const Retired retired = retired_.front();
    retired_.pop_front();
    retired.free(retired.owner, retired.thing);
  }
}

}  // namespace weir
