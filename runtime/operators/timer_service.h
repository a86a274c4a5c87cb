// Licensed under the Apache License, Version 2.0.
//
// TimerService: the timers of a keyed operator, by the current key. One call of OnTimer for each (key, timestamp) that is
// registered, whatever often it is registered; times are milliseconds.
//
//   event time       fires when the watermark reaches the timestamp, before the watermark goes on downstream. One in the
//                    past fires with the next watermark.
//   processing time  fires when the node's wall clock is past the timestamp; one in the past at once
//
// Timers are keyed state: snapshotted, restored, and rescaled by key group. The watermark is not: after a restore it is
// at its minimum again. Order is TimerQueue's.
#ifndef WEIR_RUNTIME_OPERATORS_TIMER_SERVICE_H_
#define WEIR_RUNTIME_OPERATORS_TIMER_SERVICE_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "runtime/operators/operator_context.h"
#include "runtime/state/timer_queue.h"
#include "runtime/stream/element.h"

namespace weir {

class TimerService {
 public:
  // Runs a timer: the key is set. Returns false if the task has stopped.
  using Fire = std::function<bool(const Timer&, TimeDomain)>;

  void RegisterEventTimeTimer(int64_t timestamp) { Register(TimeDomain::kEventTime, timestamp); }
  void RegisterProcessingTimeTimer(int64_t timestamp) { Register(TimeDomain::kProcessingTime, timestamp); }
  // No effect if there is none.
  void DeleteEventTimeTimer(int64_t timestamp) { Delete(TimeDomain::kEventTime, timestamp); }
  void DeleteProcessingTimeTimer(int64_t timestamp) { Delete(TimeDomain::kProcessingTime, timestamp); }
  int64_t CurrentProcessingTime() const { return clock().WallNow().millis; }
  EventTime CurrentWatermark() const { return watermark_; }

  // --- For the operator.
  void Setup(const OperatorContext& context, Fire fire);
  const Clock& clock() const { return context_->env->clock; }
  EventTime watermark() const { return watermark_; }
  // Registers the queues, taking over what was restored. Without this, registering a timer fails the task: its function
  // has no OnTimer.
  absl::Status Open();
  // Timers may fire from now on.
  void Begin();
  // Fires what is due, in order.
  void AdvanceWatermark(EventTime watermark);
  // The identity of what a timer emits.
  static Hash128 IdentityOf(const Timer& timer, TimeDomain domain, uint64_t uid_hash);

 private:
  TimerQueue* queue(TimeDomain domain) { return queues_[static_cast<size_t>(domain)]; }
  void Register(TimeDomain domain, int64_t timestamp);
  void Delete(TimeDomain domain, int64_t timestamp);
  // The timer of the current key; false, and the backend has an error, if there is no key or no queue.
  bool Name(TimeDomain domain, int64_t timestamp, Timer* timer);
  // The head goes and fires; false: the task has stopped.
  bool FireHead(TimeDomain domain);
  void ScheduleHead();
  void OnWallClock();

  const OperatorContext* context_ = nullptr;
  Fire fire_;
  TimerQueue* queues_[2] = {nullptr, nullptr};
  EventTime watermark_;
  bool has_begun_ = false;
  TimerId wake_up_;          // for the head of processing time
  int64_t wake_up_for_ = 0;  // its timestamp
};

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_TIMER_SERVICE_H_
