// Licensed under the Apache License, Version 2.0.
//
// How often a service was asked for each thing: the second half of the key of its draws. Every request counts in it and most
// are for something new, so it is a table of one piece, found by the key itself. Nothing goes through it in order.
#ifndef WEIR_SIM_SERVICES_OCCURRENCES_H_
#define WEIR_SIM_SERVICES_OCCURRENCES_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace weir::sim {

class Occurrences {
 public:
  // How often it was called with `key` before. Keys are strong hashes.
  uint64_t Next(uint64_t key) {
    if (2 * (used_ + 1) > slots_.size()) Grow();
    Slot& slot = Find(key);
    if (slot.count == 0) ++used_;
    slot.key = key;
    return slot.count++;
  }

 private:
  struct Slot {
    uint64_t key = 0;
    uint64_t count = 0;  // 0: free
  };
  // The slot of the key, or the free one that it would take.
  Slot& Find(uint64_t key) {
    size_t at = key & (slots_.size() - 1);
    while (slots_[at].count != 0 && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
    return slots_[at];
  }
  void Grow() {
    std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.empty() ? 64 : 2 * slots_.size()));
    for (const Slot& slot : old) {
      if (slot.count != 0) Find(slot.key) = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two, at most half of them used
  size_t used_ = 0;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVICES_OCCURRENCES_H_
