// Licensed under the Apache License, Version 2.0.
//
// State with a time to live: each value (list element, map entry) keeps when it was last used, and is as good as gone
// from `ttl` after that on. Time is the wall clock of the node. Semantics are Flink's:
//
//   * an expired value is dropped when it is read, and then returned once if kReturnExpiredIfNotCleanedUp says so
//   * a default value is ignored
//   * what is not in the snapshot: the configuration. What is: the timestamps, so downtime counts
//   * switching it on or off for a state that exists makes its schema incompatible
//
//   kSeen.WithTtl(weir::StateTtl(absl::Minutes(5)).UpdateOnReadAndWrite())
#ifndef WEIR_RUNTIME_STATE_TTL_H_
#define WEIR_RUNTIME_STATE_TTL_H_

#include <cstdint>

#include "absl/time/time.h"
#include "runtime/state/state_store.h"
#include "runtime/types/ttl_value.h"

namespace weir {

class StateTtl {
 public:
  // Counts in milliseconds. One below 1 ms fails the task that asks for such a state.
  explicit StateTtl(absl::Duration ttl) : ttl_millis_(absl::ToInt64Milliseconds(ttl)) {}

  // By default a value lives from when it was created or written last.
  StateTtl& UpdateOnReadAndWrite() { return updates_on_read_ = true, *this; }
  // By default an expired value is never seen.
  StateTtl& ReturnExpiredIfNotCleanedUp() { return returns_expired_ = true, *this; }
  // Expired values are left out of snapshots; the state at hand keeps them.
  StateTtl& CleanupFullSnapshot() { return cleans_snapshots_ = true, *this; }
  // On the heap: each access looks at so many entries and drops what has expired; also each record, if asked for. On by
  // default.
  StateTtl& CleanupIncrementally(uint32_t entries = 5, bool every_record = false) {
    return swept_entries_ = entries, sweeps_every_record_ = every_record, *this;
  }
  // In RocksDB: expired values are left out of files when these are compacted. On by default.
  StateTtl& CleanupInCompaction() { return cleans_files_ = true, *this; }
  StateTtl& DisableCleanupInBackground() { return swept_entries_ = 0, cleans_files_ = false, *this; }

  int64_t millis() const { return ttl_millis_; }
  bool updates_on_read() const { return updates_on_read_; }
  bool returns_expired() const { return returns_expired_; }

  TtlPolicy Policy(const Clock& clock, int64_t (*timestamp_of)(const void*)) const {
    TtlPolicy policy;
    policy.ttl_millis = ttl_millis_;
    policy.timestamp_of = timestamp_of;
    policy.clock = &clock;
    policy.cleans_snapshots = cleans_snapshots_;
    policy.swept_entries = swept_entries_;
    policy.sweeps_every_record = sweeps_every_record_;
    policy.cleans_files = cleans_files_;
    return policy;
  }

 private:
  int64_t ttl_millis_;
  bool updates_on_read_ = false;
  bool returns_expired_ = false;
  bool cleans_snapshots_ = false;
  uint32_t swept_entries_ = 5;
  bool sweeps_every_record_ = false;
  bool cleans_files_ = true;
};

template <typename T>
int64_t TtlTimestampOf(const void* value) {
  return static_cast<const TtlValue<T>*>(value)->timestamp;
}

// What a state handle keeps of it.
struct TtlView {
  StateTtl config;
  TtlPolicy policy;

  int64_t Now() const { return policy.Now(); }
  // Before an access.
  void Sweep(StateStore& store) const {
    if (policy.swept_entries > 0) store.Sweep(policy.swept_entries);
  }
  template <typename T>
  bool IsLive(const TtlValue<T>& value, int64_t now) const {
    return !policy.IsExpired(&value, now);
  }
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_TTL_H_
