#include "sim/event_queue.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "runtime/env/random.h"

namespace weir::sim {
namespace {

// What the queue must do, by a heap of everything.
class ReferenceQueue {
 public:
  void Push(const QueuedEvent& event) {
    events_.push_back(event);
    std::push_heap(events_.begin(), events_.end(), &IsLater);
  }
  QueuedEvent Pop() {
    std::pop_heap(events_.begin(), events_.end(), &IsLater);
    const QueuedEvent event = events_.back();
    events_.pop_back();
    return event;
  }
  Instant NextInstant() const { return events_.front().earliest; }
  bool empty() const { return events_.empty(); }
  size_t size() const { return events_.size(); }

 private:
  static bool IsLater(const QueuedEvent& a, const QueuedEvent& b) {
    return a.earliest != b.earliest ? a.earliest > b.earliest : a.order > b.order;
  }
  std::vector<QueuedEvent> events_;
};

// Draws in the order of the calls: a test of a data structure has no plan to keep.
class Draws {
 public:
  explicit Draws(uint64_t seed) : random_(seed) {}
  uint64_t Below(uint64_t bound) { return random_.Draw(DrawSite::kUser, 0, next_++, bound); }

 private:
  Random random_;
  uint64_t next_ = 0;
};

constexpr uint64_t kModes = 9;

// How long after `now` the next event comes: each mode is hard on some part of the queue.
uint64_t DelayOf(uint64_t mode, uint64_t now, Draws& draws) {
  switch (mode) {
    case 0:
      return draws.Below(3);  // many ties
    case 1:
      return draws.Below(1000);
    case 2:
      return draws.Below(10) != 0 ? 0 : draws.Below(100'000);  // hand-overs
    case 3:
      return uint64_t{1} << draws.Below(40);  // every level
    case 4:
      return draws.Below(uint64_t{1} << 50);
    case 5:
      return 64 - (now & 63);  // the edge of a slot
    case 6:
      return (draws.Below(4) + 1) * 4096 - (now & 4095);
    case 7:
      return draws.Below(20) != 0 ? 5 : draws.Below(uint64_t{1} << 30);  // crowds at one future instant
    default:
      return draws.Below(3) == 0 ? draws.Below(40) : 100'000'000 + draws.Below(1'000'000'000);  // timers
  }
}

enum class Keys { kNone, kFew, kMany };  // strategy keys: under fifo there are none

bool Agree(const QueuedEvent& a, const QueuedEvent& b) {
  return a.earliest == b.earliest && a.order == b.order && a.payload == b.payload;
}

class Fuzz {
 public:
  Fuzz(uint64_t seed, Keys keys) : draws_(seed), keys_(keys) {}

  // True if the queues agreed all the way.
  bool Run(int steps) {
    for (int i = 0; i < steps; ++i) {
      if (i % 500 == 0) {
        mode_ = draws_.Below(kModes);
        target_ = 1 + draws_.Below(draws_.Below(3) != 0 ? 40 : 3000);
      }
      if (reference_.empty() || draws_.Below(2 * target_) > reference_.size()) {
        const uint64_t delay = DelayOf(mode_, now_, draws_);
        const uint64_t crowd = mode_ == 7 ? 1 + draws_.Below(200) : 1;
        for (uint64_t j = 0; j < crowd; ++j) Push(delay);
      } else if (!Pop()) {
        return false;
      }
    }
    while (!reference_.empty()) {
      if (!Pop()) return false;
    }
    return queue_.empty();
  }

 private:
  void Push(uint64_t delay) {
    const uint64_t key = keys_ == Keys::kNone ? 0 : draws_.Below(keys_ == Keys::kFew ? 3 : 1 << 24);
    QueuedEvent event;
    event.earliest = Instant::FromNanos(static_cast<int64_t>(now_ + delay));
    event.order = key << 40 | sequence_++;
    event.payload = draws_.Below(~uint64_t{0});
    queue_.Push(event);
    reference_.Push(event);
  }
  bool Pop() {
    // Asking for the next instant changes nothing, whether asked or not.
    if (draws_.Below(2) == 0 && queue_.NextInstant() != reference_.NextInstant()) return false;
    const QueuedEvent expected = reference_.Pop();
    now_ = static_cast<uint64_t>(expected.earliest.nanos());
    return Agree(queue_.Pop(), expected) && queue_.size() == reference_.size();
  }

  Draws draws_;
  const Keys keys_;
  EventQueue queue_;
  ReferenceQueue reference_;
  uint64_t now_ = 0;
  uint64_t sequence_ = 0;
  uint64_t mode_ = 0;
  uint64_t target_ = 1;
};

TEST_CASE("EventQueue: agrees with a heap (creation order, every kind of delay)", "[sim]") {
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    REQUIRE(Fuzz(seed, Keys::kNone).Run(10'000));
  }
}

TEST_CASE("EventQueue: agrees with a heap (strategy keys, few and many)", "[sim]") {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    INFO("seed " << seed);
    REQUIRE(Fuzz(seed, Keys::kFew).Run(10'000));
    REQUIRE(Fuzz(seed, Keys::kMany).Run(10'000));
  }
}

TEST_CASE("EventQueue: agrees with a heap (long)", "[.][sim][slow]") {
  for (uint64_t seed = 1000; seed < 4000; ++seed) {
    INFO("seed " << seed);
    REQUIRE(Fuzz(seed, static_cast<Keys>(seed % 3)).Run(20'000));
  }
}

TEST_CASE("EventQueue: a crowd at one instant pops in order, and the instants at the ends of time work",
          "[sim]") {
  EventQueue queue;
  const auto push = [&queue](Instant at, uint64_t order) {
    QueuedEvent event;
    event.earliest = at;
    event.order = order;
    queue.Push(event);
  };
  push(Instant::Max(), 1);
  push(Instant(), 3);
  push(Instant(), 2);  // not ascending
  for (uint64_t i = 0; i < 5000; ++i) push(Instant::FromNanos(77), 9999 - i);
  CHECK(queue.size() == 5003);
  CHECK(queue.Pop().order == 2);
  CHECK(queue.Pop().order == 3);
  CHECK(queue.NextInstant() == Instant::FromNanos(77));
  for (uint64_t i = 0; i < 5000; ++i) REQUIRE(queue.Pop().order == 5000 + i);
  push(Instant::Max(), 0);
  CHECK(queue.Pop().order == 0);
  CHECK(queue.Pop().earliest == Instant::Max());
  CHECK(queue.empty());
}

}  // namespace
}  // namespace weir::sim
