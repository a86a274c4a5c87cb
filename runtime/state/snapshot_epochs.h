// Licensed under the Apache License, Version 2.0.
//
// Which snapshots of a heap backend are still being written, and what only they still need. Time is counted in
// snapshots taken: what was written at epoch w is seen by every snapshot with a greater number.
//
// Invariants:
//  1. Retired things are kept in the order in which they were retired.
//  2. One that was retired at epoch r is freed as soon as no live snapshot has a number of r or less.
#ifndef WEIR_RUNTIME_STATE_SNAPSHOT_EPOCHS_H_
#define WEIR_RUNTIME_STATE_SNAPSHOT_EPOCHS_H_

#include <cstdint>
#include <deque>
#include <set>

namespace weir {

class SnapshotEpochs {
 public:
  SnapshotEpochs() = default;
  SnapshotEpochs(const SnapshotEpochs&) = delete;
  SnapshotEpochs& operator=(const SnapshotEpochs&) = delete;
  ~SnapshotEpochs() = default;  // REQUIRES: no snapshot is alive, so nothing is retired

  // A snapshot is taken. Returns its number, for End.
  uint64_t Begin();
  void End(uint64_t snapshot);

  uint64_t now() const { return taken_; }
  // Whether a live snapshot sees what was written at `epoch`.
  bool IsShared(uint64_t epoch) const { return epoch < newest_live_; }
  bool has_live() const { return newest_live_ != 0; }

  // Calls free(owner, thing) when no snapshot needs it any more: at once if none is alive. `owner` outlives that.
  void Retire(void (*free)(void* owner, void* thing), void* owner, void* thing);

 private:
  struct Retired {
    uint64_t epoch = 0;
    void (*free)(void*, void*) = nullptr;
    void* owner = nullptr;
    void* thing = nullptr;
  };
  void FreeUpTo(uint64_t oldest_live);

  uint64_t taken_ = 0;
  uint64_t newest_live_ = 0;  // 0: none
  std::set<uint64_t> live_;
  std::deque<Retired> retired_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_SNAPSHOT_EPOCHS_H_
