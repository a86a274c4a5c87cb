// Licensed under the Apache License, Version 2.0.
//
// Hands out broadcast elements in another order than they came, as a slower or faster network might have made it:
//
//   kLegal        any interleaving of the producers; what one producer sent stays in order
//   kAdversarial  any order at all: what no network does, but what an update that commutes would survive
//
// A pool of a few elements per receiving subtask. Its owner keeps two promises: a channel is emptied (Offer(channel), Take)
// before whatever is no record of that channel is handled, so nothing crosses a barrier, a watermark or the end of the
// input; and the pool is emptied when there has been nothing else to read for a little longer than a producer may keep a
// buffer back, so nothing is held for ever.
//
// Invariants:
//  1. At most `window` elements.
//  2. Elements of one channel lie in the order in which they came; under kLegal they also leave in it.
#ifndef WEIR_RUNTIME_TASK_BROADCAST_REORDERER_H_
#define WEIR_RUNTIME_TASK_BROADCAST_REORDERER_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "runtime/stream/element.h"

namespace weir {

enum class BroadcastOrder : uint8_t { kAsTheyCome = 0, kLegal = 1, kAdversarial = 2 };

class BroadcastReorderer {
 public:
  static constexpr uint32_t kWindowMin = 2;  // with less there is no order to change
  static constexpr uint32_t kWindowMax =
      16;  // enough for every order of a few producers, and no load on memory

  struct Element {
    uint32_t channel = 0;
    RecordMeta meta;
    std::string value;
  };

  // REQUIRES: kWindowMin <= window <= kWindowMax; another order than kAsTheyCome.
  BroadcastReorderer(BroadcastOrder order, uint32_t window);

  // REQUIRES: not full.
  void Add(Element element);
  bool is_full() const { return pool_.size() == window_; }
  bool empty() const { return pool_.empty(); }
  bool Has(uint32_t channel) const;

  // How many elements may be next, of all channels or of one; 0 if there is none.
  uint32_t Offer(std::optional<uint32_t> channel);
  // Takes the n-th of those that were offered last, in the order in which they came.
  Element Take(uint32_t n);
  // How many were taken: names the next choice.
  uint64_t taken() const { return taken_; }

 private:
  const BroadcastOrder order_;
  const uint32_t window_;
  std::deque<Element> pool_;     // in the order in which they came
  std::vector<size_t> offered_;  // positions in pool_
  uint64_t taken_ = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_TASK_BROADCAST_REORDERER_H_
