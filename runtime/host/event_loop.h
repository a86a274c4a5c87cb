// Licensed under the Apache License, Version 2.0.
//
// Executor of one host process: a queue of tasks, timers, and file descriptors watched with
// poll(2), all on the thread that calls RunOnce or Run. Tasks of all actors run in the order in
// which they were posted; a timer's task runs when it is due, in the order (due, creation). Charge
// does nothing: here work takes the time that it takes.
#ifndef WEIR_RUNTIME_HOST_EVENT_LOOP_H_
#define WEIR_RUNTIME_HOST_EVENT_LOOP_H_

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "runtime/env/clock.h"
#include "runtime/env/executor.h"

namespace weir::host {

class EventLoop : public Executor {
 public:
  explicit EventLoop(const Clock& clock) : clock_(clock) {}

  ActorId AddActor(const Actor* actor) override;
  void RemoveActor(ActorId actor) override;
  void Post(ActorId actor, Task task) override;
  TimerId After(ActorId actor, Duration delay, Task task) override;
  void Cancel(TimerId timer) override;
  void Charge(Duration) override {}
  // Nothing runs after the current handler.
  void Exit(const absl::Status& reason) override;

  // Calls `ready` (not as an event of an actor) when `fd` can be read, or written if `wants_write`
  // was set.
  void Watch(int fd, absl::AnyInvocable<void(bool readable, bool writable)> ready);
  void WantWrite(int fd, bool wants_write);
  void Unwatch(int fd);

  // Waits for at most `wait_max` until something can run, and runs all that can. False once the
  // process has exited.
  bool RunOnce(Duration wait_max);
  // Runs until Exit; returns its reason.
  absl::Status Run();
  const std::optional<absl::Status>& exit_reason() const { return exit_reason_; }

 private:
  struct Timer {
    ActorId actor;
    Task task;
  };
  struct Watched {
    absl::AnyInvocable<void(bool, bool)> ready;
    bool wants_write = false;
  };

  void RunTasks();
  void PostDueTimers();
  void Poll(Duration wait_max);

  const Clock& clock_;
  std::set<ActorId> actors_;
  uint32_t last_actor_ = 0;
  std::deque<std::pair<ActorId, Task>> tasks_;
  std::map<std::pair<Instant, TimerId>, Timer> timers_;
  std::map<TimerId, Instant> timer_dues_;
  uint64_t last_timer_ = 0;
  std::map<int, Watched> watched_;
  std::optional<absl::Status> exit_reason_;
};

}  // namespace weir::host

#endif  // WEIR_RUNTIME_HOST_EVENT_LOOP_H_
