#include "runtime/operators/timer_service.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "runtime/base/status.h"
#include "runtime/format/composite_key.h"

namespace weir {
namespace {

constexpr absl::string_view kService = "user-timers";

// Names a timer in events; the lowest bit is its domain.
uint64_t NumberOf(const Timer& timer, TimeDomain domain) {
  const uint64_t hash = Mix(StableHash64(timer.key), static_cast<uint64_t>(timer.timestamp));
  return (Mix(hash, StableHash64(timer.name_space)) & ~uint64_t{1}) | static_cast<uint64_t>(domain);
}

}  // namespace

void TimerService::Setup(const OperatorContext& context, Fire fire) {
  context_ = &context;
  fire_ = std::move(fire);
}

absl::Status TimerService::Open() {
  for (const TimeDomain domain : {TimeDomain::kEventTime, TimeDomain::kProcessingTime}) {
    WEIR_ASSIGN_OR_RETURN(queues_[static_cast<size_t>(domain)],
                          context_->keyed_state->RegisterTimers(TimerStateName(domain, kService), nullptr));
  }
  return absl::OkStatus();
}

void TimerService::Begin() {
  has_begun_ = true;
  ScheduleHead();
}

bool TimerService::Name(TimeDomain domain, int64_t timestamp, Timer* timer) {
  KeyedStateBackend& backend = *context_->keyed_state;
  if (queue(domain) == nullptr) {
    backend.SetError(absl::FailedPreconditionError("a timer needs a function with a method OnTimer"));
  } else if (!backend.has_current_key()) {
    backend.SetError(absl::FailedPreconditionError(
        "no key is set: timers can only be set and deleted while a record or timer is processed"));
  } else {
    *timer = {timestamp, backend.current_key_group(), backend.current_key(),
              std::string(kVoidNamespaceBytes)};
    return true;
  }
  return false;
}

void TimerService::Register(TimeDomain domain, int64_t timestamp) {
  Timer timer;
  if (!Name(domain, timestamp, &timer)) return;
  const OperatorContext& c = *context_;
  c.env->tracer.Note(events::TimerRegistered(c.subtask.vertex.value, c.subtask.index, c.attempt.value,
                                             NumberOf(timer, domain), static_cast<uint64_t>(timestamp)));
  if (queue(domain)->Add(std::move(timer)) && domain == TimeDomain::kProcessingTime) ScheduleHead();
}

void TimerService::Delete(TimeDomain domain, int64_t timestamp) {
  Timer timer;
  if (!Name(domain, timestamp, &timer)) return;
  const OperatorContext& c = *context_;
  c.env->tracer.Note(events::TimerDeleted(c.subtask.vertex.value, c.subtask.index, c.attempt.value,
                                          NumberOf(timer, domain), static_cast<uint64_t>(timestamp)));
  if (queue(domain)->Remove(timer) && domain == TimeDomain::kProcessingTime) ScheduleHead();
}

bool TimerService::FireHead(TimeDomain domain) {
  const Timer timer = *queue(domain)->Head();
  queue(domain)->Pop();
  const OperatorContext& c = *context_;
  c.env->executor.Charge(c.options.record_cost);
  if (!c.task->Reach(events::TimerFired(c.subtask.vertex.value, c.subtask.index, c.attempt.value,
                                        NumberOf(timer, domain), static_cast<uint64_t>(timer.timestamp)))) {
    return false;
  }
  c.keyed_state->SetCurrentKey(timer.key, timer.key_group);
  c.witness->SetSlot(timer.key_group.value);
  return fire_(timer, domain);
}

void TimerService::AdvanceWatermark(EventTime watermark) {
  watermark_ = watermark;
  TimerQueue* const timers = queue(TimeDomain::kEventTime);
  if (timers == nullptr) return;
  // A timer that a timer registers in the past fires in the same round.
  while (timers->Head() != nullptr && timers->Head()->timestamp <= watermark.millis) {
    if (!FireHead(TimeDomain::kEventTime)) return;
  }
}

// Only the head has a wake-up. The millisecond more puts the clock strictly behind the timestamp.
void TimerService::ScheduleHead() {
  TimerQueue* const timers = queue(TimeDomain::kProcessingTime);
  if (!has_begun_ || timers == nullptr) return;
  const Timer* const head = timers->Head();
  if (head != nullptr && wake_up_ != TimerId() && wake_up_for_ == head->timestamp) return;
  context_->env->executor.Cancel(std::exchange(wake_up_, TimerId()));
  if (head == nullptr) return;
  constexpr int64_t kLongest = std::numeric_limits<int64_t>::max() / 4'000'000;
  const int64_t now = clock().WallNow().millis;
  const int64_t wait =
      head->timestamp <= now ? 0 : std::min(head->timestamp - std::max<int64_t>(now, 0), kLongest);
  wake_up_for_ = head->timestamp;
  wake_up_ = context_->task->After(Duration::Millis(wait + 1), [this] {
    wake_up_ = TimerId();
    OnWallClock();
  });
}

void TimerService::OnWallClock() {
  TimerQueue* const timers = queue(TimeDomain::kProcessingTime);
  const int64_t now = clock().WallNow().millis;
  while (timers->Head() != nullptr && timers->Head()->timestamp <= now) {
    if (!FireHead(TimeDomain::kProcessingTime)) return;
  }
  ScheduleHead();
}

Hash128 TimerService::IdentityOf(const Timer& timer, TimeDomain domain, uint64_t uid_hash) {
  const auto timestamp = static_cast<uint64_t>(timer.timestamp);
  return {Mix(StableHash64(timer.key) ^ uid_hash, timestamp),
          Mix(StableHash64(timer.name_space) + static_cast<uint64_t>(domain), uid_hash + timestamp)};
}

}  // namespace weir
