// Licensed under the Apache License, Version 2.0.
//
// Which timers of one vertex are pending in one attempt, kept from the events of its subtasks alone. Pure.
//
// A timer that was registered in this attempt belongs to the subtask that registered it. Of one that was *restored* the
// owner is not known, since key groups may have moved: it may fire anywhere, and counts as lost only when every subtask
// has passed it.
//
// A timer is lost
//   * if it was pending when a later one of the same time domain fired on its subtask (timers fire in their order,
//     whatever the clocks do)
//   * event time: if the watermark reached it, and the subtask has gone on to something else since
//   * processing time: if it is pending still at an end by which it was surely due (timer_fires_once.h)
#ifndef WEIR_PROPERTIES_TIMER_BOOK_H_
#define WEIR_PROPERTIES_TIMER_BOOK_H_

#include <array>
#include <compare>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "absl/container/btree_set.h"

namespace weir::properties {

// As events name it: the lowest bit of `number` is 1 for processing time.
struct PendingTimer {
  int64_t at = 0;
  uint64_t number = 0;
  bool is_processing_time() const { return (number & 1) != 0; }
  auto operator<=>(const PendingTimer&) const = default;
};

class TimerBook {
 public:
  using Timers = absl::btree_set<PendingTimer>;
  // What a step proved wrong.
  struct Finding {
    bool is_lost = false;  // else: it fired, and was not pending
    PendingTimer timer;
    uint64_t subtask = 0;  // where it fired, or which proved the loss
    int64_t passed = 0;    // is_lost: the watermark or later timestamp that passed it
  };
  using Found = std::optional<Finding>;

  // `restored`: pending in the checkpoint that the attempt recovers from.
  explicit TimerBook(const Timers& restored);

  void OnDeployed(uint64_t subtask) { Of(subtask); }
  // Every subtask has been deployed: from now on all of them together may prove a restored timer lost.
  void OnAllRunning() { all_running_ = true; }
  void OnRegistered(uint64_t subtask, const PendingTimer& timer);
  void OnDeleted(uint64_t subtask, const PendingTimer& timer);
  Found OnFired(uint64_t subtask, const PendingTimer& timer);
  // A round begins: event-time timers up to `watermark` are due.
  Found OnWatermark(uint64_t subtask, int64_t watermark);
  // The subtask does something that it does not do within a round.
  Found OnSomethingElse(uint64_t subtask);
  void OnSnapshot(uint64_t subtask, uint64_t checkpoint);
  // The end: of each subtask that was deployed, until which processing time its timers are surely due; kNever: of none.
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::min();
  Found OnEnd(const std::vector<int64_t>& due) const;
  size_t subtask_count() const { return subtasks_.size(); }

  // What is pending in a checkpoint that this attempt made. REQUIRES: the attempt is over.
  Timers PendingAt(uint64_t checkpoint) const;
  bool saw_restored_fire() const { return saw_restored_fire_; }

 private:
  struct Subtask {
    std::array<Timers, 2> pending;                  // by domain
    std::array<int64_t, 2> passed{kNever, kNever};  // by domain: no earlier one may be pending
    std::optional<int64_t> round;                   // the watermark of the round that may be under way
  };
  struct Checkpoint {
    std::map<uint64_t, std::vector<PendingTimer>> parts;  // by subtask: what it had registered
    Timers kept;  // restored ones that went when the subtask that had them had made its part already
  };

  Subtask& Of(uint64_t subtask);
  // False: it was pending nowhere.
  bool Remove(uint64_t subtask, const PendingTimer& timer);
  // No timer of the domain up to `until` is pending with the subtask any more.
  Found Pass(uint64_t subtask, size_t domain, int64_t until);

  std::vector<Subtask> subtasks_;
  std::array<Timers, 2> restored_;  // by domain, pending still
  std::map<uint64_t, Checkpoint> checkpoints_;
  bool all_running_ = false;
  bool saw_restored_fire_ = false;
};

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_TIMER_BOOK_H_
