// Licensed under the Apache License, Version 2.0.
//
// Where tasks wait while the queue holds their tickets. A ticket is a slot and its generation, so that one that was
// cancelled, or has run, is known as stale. A ticket is never 0.
#ifndef WEIR_SIM_TASK_SLAB_H_
#define WEIR_SIM_TASK_SLAB_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/base/ids.h"
#include "runtime/env/executor.h"

namespace weir::sim {

class TaskSlab {
 public:
  uint64_t Put(ActorId actor, Task&& task) {
    uint32_t index = free_;
    if (index == kNone) {
      index = static_cast<uint32_t>(slots_.size());
      slots_.emplace_back();
    } else {
      free_ = slots_[index].next_free;
    }
    Slot& slot = slots_[index];
    slot.task = std::move(task);
    slot.actor = actor;
    slot.is_used = true;
    return uint64_t{slot.generation} << 32 | index;
  }
  bool IsStale(uint64_t ticket) const {
    const uint32_t index = static_cast<uint32_t>(ticket);
    return index >= slots_.size() || !slots_[index].is_used || slots_[index].generation != ticket >> 32;
  }
  // Hands the task out and ends the ticket. REQUIRES: not stale.
  Task Take(uint64_t ticket) {
    const uint32_t index = static_cast<uint32_t>(ticket);
    Slot& slot = slots_[index];
    Task task = std::move(slot.task);  // which leaves it empty
    slot.is_used = false;
    ++slot.generation;
    slot.next_free = free_;
    free_ = index;
    return task;
  }
  // Takes every task of an actor.
  std::vector<Task> TakeAllOf(ActorId actor) {
    std::vector<Task> taken;
    for (uint32_t i = 0; i < slots_.size(); ++i) {
      const Slot& slot = slots_[i];
      if (slot.is_used && slot.actor == actor) taken.push_back(Take(uint64_t{slot.generation} << 32 | i));
    }
    return taken;
  }
  // Destroys every task. What their destructors put in meanwhile goes too.
  void Clear() {
    while (!slots_.empty()) {
      std::vector<Slot> slots = std::move(slots_);
      slots_.clear();
      free_ = kNone;
    }
  }

 private:
  static constexpr uint32_t kNone = ~0u;
  struct Slot {
    Task task;
    uint32_t generation = 1;
    uint32_t next_free = kNone;
    ActorId actor;
    bool is_used = false;
  };
  std::vector<Slot> slots_;
  uint32_t free_ = kNone;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_TASK_SLAB_H_
