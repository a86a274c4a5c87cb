// Licensed under the Apache License, Version 2.0.
//
// What has yet to happen, in order: Pop returns the event with the least (earliest, order). `order` is unique, so the
// order is total; whoever pushes decides by it among events of one instant.
//
// A ladder over a radix trie. Four places hold events, nearer ones more finely sorted:
//   ring     those of the present instant that were pushed in ascending order (hand-overs without delay): a queue
//   heap     those of the present instant that were not
//   bottom   those before `bottom_end_`: one short sorted array, its least at the end
//   slots    all others, unsorted. Slot (level, digit) holds events whose 6-bit digit number `level` is the highest in
//            which their instant differs from `base_`, and equals `digit`.
// When the bottom runs dry the first slot is poured into it, or dealt out over the level below if it is too full.
//
// A slot is a chain of chunks, which go from slot to slot: a vector each would keep, for each slot, the memory of its
// fullest moment, or grow anew each time it is filled.
//
// Invariants:
//  1. Nothing is pushed before the instant of the last Pop (present_).
//  2. base_ <= present_ < bottom_end_ after a Pop, and base_ moves only when the bottom is refilled: the places of
//     events in slots are relative to it.
//  3. Every event in a slot is at or after bottom_end_, every event in the bottom before it.
//  4. All events in ring and heap are at present_.
#ifndef WEIR_SIM_EVENT_QUEUE_H_
#define WEIR_SIM_EVENT_QUEUE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "runtime/base/time.h"
#include "sim/ring.h"

namespace weir::sim {

struct QueuedEvent {
  Instant earliest;
  uint64_t order = 0;  // strategy key (24 bits), sequence (40 bits)
  uint32_t actor = 0;
  uint16_t kind = 0;
  uint16_t incarnation = 0;
  uint64_t payload = 0;
};
static_assert(sizeof(QueuedEvent) == 32);

class EventQueue {
 public:
  EventQueue() = default;
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  // REQUIRES: earliest >= 0 and not before the last popped one's; `order` is in no other pending event.
  void Push(const QueuedEvent& event) {
    ++size_;
    const uint64_t when = Key(event);
    if (when == present_) return PushPresent(event);
    if (when >= bottom_end_) return Link(event);
    InsertBottom(event);
    if (__builtin_expect(bottom_size_ == kBottomMax, 0)) Spill();
  }

  // REQUIRES: not empty.
  QueuedEvent Pop() {
    --size_;
    if (__builtin_expect(!ring_.empty() || !heap_.empty(), 0)) return PopPresent();
    if (bottom_size_ == 0) {
      Refill();
      if (bottom_size_ == 0) return PopPresent();
    }
    const QueuedEvent event = bottom_[--bottom_size_];
    present_ = Key(event);
    return event;
  }

  // When the next event is. REQUIRES: not empty.
  Instant NextInstant() const;

 private:
  static constexpr int kDigitBits = 6;
  static constexpr int kDigits = 1 << kDigitBits;
  static constexpr int kLevels = (64 + kDigitBits - 1) / kDigitBits;
  static constexpr size_t kPour = 32;  // events of a chunk; a slot of one chunk becomes the bottom
  static constexpr size_t kBottomMax = 4 * kPour;

  // The first event lies in the line of the link. Their size, no power of two, spreads chunks over a cache's sets.
  struct Chunk {
    alignas(sizeof(QueuedEvent)) Chunk* older = nullptr;  // in the slot, or among the free ones
    alignas(sizeof(QueuedEvent)) std::array<QueuedEvent, kPour> events;
  };
  struct Slot {
    Chunk* newest = nullptr;
    size_t used = kPour;  // of the newest chunk; the older ones are full
  };

  static uint64_t Key(const QueuedEvent& event) { return static_cast<uint64_t>(event.earliest.nanos()); }
  static unsigned __int128 Rank(const QueuedEvent& event) {
    return static_cast<unsigned __int128>(Key(event)) << 64 | event.order;
  }
  // For std heap functions, whose front is the greatest.
  static bool IsLater(const QueuedEvent& a, const QueuedEvent& b) { return a.order > b.order; }

  void Link(const QueuedEvent& event) {
    const uint64_t when = Key(event);
    const int level = (63 - __builtin_clzll((when ^ base_) | 1)) / kDigitBits;
    const uint64_t digit = (when >> (level * kDigitBits)) & (kDigits - 1);
    Put(slots_[static_cast<size_t>(level)][digit], event);
    filled_[static_cast<size_t>(level)] |= uint64_t{1} << digit;
    filled_levels_ |= 1u << level;
  }
  void InsertBottom(const QueuedEvent& event) {
    const unsigned __int128 rank = Rank(event);
    size_t i = bottom_size_++;
    for (; i != 0 && Rank(bottom_[i - 1]) < rank; --i) bottom_[i] = bottom_[i - 1];
    bottom_[i] = event;
  }
  void Put(Slot& slot, const QueuedEvent& event) {
    if (__builtin_expect(slot.used == kPour, 0)) AddChunk(slot);
    slot.newest->events[slot.used++] = event;
  }
  void AddChunk(Slot& slot) {
    Chunk* const chunk = free_ != nullptr ? std::exchange(free_, free_->older) : &chunks_.emplace_back();
    chunk->older = std::exchange(slot.newest, chunk);
    slot.used = 0;
  }
  void Free(Chunk* chunk) { chunk->older = std::exchange(free_, chunk); }
  template <typename Visit>
  void Empty(Slot& slot, Visit visit);
  void PushPresent(const QueuedEvent& event);
  QueuedEvent PopPresent();
  void Spill();
  void Refill();

  size_t size_ = 0;
  uint64_t present_ = 0;
  uint64_t base_ = 0;
  uint64_t bottom_end_ = 1;
  size_t bottom_size_ = 0;
  std::array<QueuedEvent, kBottomMax> bottom_{};
  Ring<QueuedEvent> ring_;
  std::vector<QueuedEvent> heap_;
  uint32_t filled_levels_ = 0;              // bit l: some slot of level l holds events
  std::array<uint64_t, kLevels> filled_{};  // bit d: slot (level, d) holds events
  std::array<std::array<Slot, kDigits>, kLevels> slots_{};
  std::deque<Chunk> chunks_;  // all there are
  Chunk* free_ = nullptr;     // the last freed first, since it lies in the nearest cache
};

}  // namespace weir::sim

#endif  // WEIR_SIM_EVENT_QUEUE_H_
