#include "sim/event_queue.h"

#include <algorithm>
#include <utility>

#include "runtime/base/check.h"

namespace weir::sim {

void EventQueue::PushPresent(const QueuedEvent& event) {
  if (ring_.empty() || ring_.back().order < event.order) return ring_.Push(event);
  heap_.push_back(event);
  std::push_heap(heap_.begin(), heap_.end(), &IsLater);
}

// The least of up to three candidates, all of the present instant.
QueuedEvent EventQueue::PopPresent() {
  uint64_t least = ~uint64_t{0};
  if (!ring_.empty()) least = ring_.front().order;
  if (!heap_.empty()) least = std::min(least, heap_.front().order);
  if (bottom_size_ != 0) {
    const QueuedEvent& next = bottom_[bottom_size_ - 1];
    if (Key(next) == present_ && next.order < least) return bottom_[--bottom_size_];
  }
  if (!ring_.empty() && ring_.front().order == least) return ring_.Take();
  std::pop_heap(heap_.begin(), heap_.end(), &IsLater);
  const QueuedEvent event = heap_.back();
  heap_.pop_back();
  return event;
}

// The bottom is full: keeps its nearest events and puts the others back into slots. Events of one
// instant stay together, since a slot cannot be split within an instant. base_ does not move.
void EventQueue::Spill() {
  const auto instant = [this](size_t i) { return Key(bottom_[i]); };
  size_t cut = bottom_size_ - kPour;  // [0, cut) goes; latest first
  if (instant(cut) == instant(bottom_size_ - 1)) {
    while (cut != 0 && instant(cut - 1) == instant(bottom_size_ - 1)) --cut;
    if (cut == 0) cut = bottom_size_;  // all at one instant, which is not the present one
  } else {
    while (instant(cut - 1) == instant(cut)) ++cut;
  }
  bottom_end_ = instant(cut - 1);
  WEIR_CHECK(bottom_end_ > present_, "a spill at ", present_);
  for (size_t i = cut; i-- > 0;) Link(bottom_[i]);
  std::copy(bottom_.begin() + static_cast<ptrdiff_t>(cut),
            bottom_.begin() + static_cast<ptrdiff_t>(bottom_size_), bottom_.begin());
  bottom_size_ -= cut;
}

// Visits all events of the slot in the order of their pushes, and frees its chunks.
template <typename Visit>
void EventQueue::Empty(Slot& slot, Visit visit) {
  Chunk* next = nullptr;  // turned round, `older` is the newer one
  for (Chunk* chunk = std::exchange(slot.newest, nullptr); chunk != nullptr;) {
    Chunk* const older = std::exchange(chunk->older, next);
    next = std::exchange(chunk, older);
  }
  const size_t used = std::exchange(slot.used, kPour);
  while (next != nullptr) {
    Chunk* const chunk = std::exchange(next, next->older);
    const size_t count = next == nullptr ? used : kPour;
    for (size_t i = 0; i < count; ++i) visit(chunk->events[i]);
    Free(chunk);
  }
}

// REQUIRES: bottom, ring and heap are empty, some slot is not. Fills the bottom, or the ring if the
// next instant has more events than the bottom should hold.
void EventQueue::Refill() {
  for (;;) {
    const size_t level = static_cast<size_t>(__builtin_ctz(filled_levels_));
    const size_t digit = static_cast<size_t>(__builtin_ctzll(filled_[level]));
    Slot& slot = slots_[level][digit];
    filled_[level] &= ~(uint64_t{1} << digit);
    if (filled_[level] == 0) filled_levels_ &= ~(1u << level);
    const uint64_t shift = level * kDigitBits;
    base_ = Key(slot.newest->events[0]) >> shift << shift;
    if (slot.newest->older == nullptr) {
      // Of the last level's last slot there is no end; instants are below 2^63.
      const uint64_t end = base_ + (uint64_t{1} << shift);
      bottom_end_ = end > base_ ? end : ~uint64_t{0};
      // Backwards, so that those of one instant fall into place.
      for (size_t i = std::exchange(slot.used, kPour); i-- > 0;) InsertBottom(slot.newest->events[i]);
      Free(std::exchange(slot.newest, nullptr));
      return;
    }
    if (level == 0) {
      present_ = base_;
      bottom_end_ = base_ + 1;
      Empty(slot, [this](const QueuedEvent& event) { PushPresent(event); });
      return;
    }
    // Those of the lower level's first digit differ from the base lower still. They may lie there all the same: that
    // slot is emptied before anything is pushed.
    bottom_end_ = base_;
    const size_t below = level - 1;
    uint64_t filled = 0;
    Empty(slot, [&](const QueuedEvent& event) {
      const uint64_t to = (Key(event) >> (below * kDigitBits)) & (kDigits - 1);
      Put(slots_[below][to], event);
      filled |= uint64_t{1} << to;
    });
    filled_[below] = filled;
    filled_levels_ |= 1u << below;
  }
}

Instant EventQueue::NextInstant() const {
  if (!ring_.empty() || !heap_.empty()) return Instant::FromNanos(static_cast<int64_t>(present_));
  if (bottom_size_ != 0) return bottom_[bottom_size_ - 1].earliest;
  const size_t level = static_cast<size_t>(__builtin_ctz(filled_levels_));
  const size_t digit = static_cast<size_t>(__builtin_ctzll(filled_[level]));
  const Slot& slot = slots_[level][digit];
  Instant next = slot.newest->events[0].earliest;
  size_t used = slot.used;
  for (const Chunk* chunk = slot.newest; chunk != nullptr; chunk = chunk->older) {
    for (size_t i = 0; i < used; ++i) next = std::min(next, chunk->events[i].earliest);
    used = kPour;
  }
  return next;
}

}  // namespace weir::sim
