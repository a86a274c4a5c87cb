// Licensed under the Apache License, Version 2.0.
//
// Timers as keys of a column family: key group, timestamp, key, namespace, no value. The first ones of each key group are
// kept in memory too, so that looking at the next timer costs no access; a timer that is set and fired while it is among
// them is written and deleted, never read.
//
// Invariants:
//  1. A group's `first` holds the least timers of its key group, all up to its last: none lies between them or before.
//  2. It is empty only if the key group has no timers; is_whole says that there are no others.
//  3. heads_ has the least timer of every group that is not empty.
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_ROCKS_TIMER_QUEUE_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_ROCKS_TIMER_QUEUE_H_

#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/functional/function_ref.h"
#include "runtime/state/rocksdb/column_family.h"
#include "runtime/state/timer_queue.h"

namespace weir {

class RocksTimerQueue final : public TimerQueue {
 public:
  static constexpr size_t kCachedMax = 128;  // of each key group, as Flink has it
  struct Layout {
    KeyGroupRange range;
    uint32_t max_parallelism = 0;
    const TypeSerializer* key = nullptr;
    const TypeSerializer* name_space = nullptr;  // null: the void namespace
  };
  // What went wrong with the database or its bytes; the queue then looks empty.
  using OnError = std::function<void(const absl::Status&)>;

  // `family` outlives it. Reads nothing before Load.
  RocksTimerQueue(ColumnFamily& family, const Layout& layout, OnError on_error);
  // Reads the first timers of each key group; every one, if all are to be checked. kDataLoss.
  absl::Status Load(bool checks_all);

  bool Add(Timer timer) override;
  bool Remove(const Timer& timer) override;
  const Timer* Head() override;
  void Pop() override;
  // Reads all keys, but for the ones that are cached.
  size_t size() const override;

 private:
  struct Group {
    absl::btree_set<Timer> first;
    bool is_whole = true;
  };
  std::string PrefixOf(KeyGroup group) const;
  std::string KeyOf(const Timer& timer) const;
  Group& GroupOf(const Timer& timer) { return groups_[timer.key_group.value - layout_.range.first]; }
  // Whether the timer's place is among those that are cached: then the cache knows whether it exists.
  static bool Covers(const Group& group, const Timer& timer);
  bool Exists(const Group& group, const Timer& timer, const std::string& key);
  // Reads timers from `from` on into an empty group.
  absl::Status Fill(Group& group, KeyGroup key_group, const std::string& from);
  void Erase(Group& group, const Timer& timer, const std::string& key);

  ColumnFamily& family_;
  const Layout layout_;
  const OnError on_error_;
  std::vector<Group> groups_;  // by key group of the range
  absl::btree_set<Timer> heads_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_ROCKSDB_ROCKS_TIMER_QUEUE_H_
