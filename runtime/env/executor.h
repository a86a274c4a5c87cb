// Licensed under the Apache License, Version 2.0.
//
// Runs the handlers of one process, one at a time, each to completion. All of the engine is driven from here: there
// are no threads, futures or locks above this line.
//
// An *actor* is a part of a process that takes events one by one (the job manager, a subtask). Its events run in no
// promised order among different sources, but a handler's Charge delays that actor's later events.
// Tasks belong to the process incarnation: when it dies they are dropped, unrun. So a task may capture `this` of
// anything that lives as long as its process, and of nothing shorter unless it is cancelled or guarded.
#ifndef WEIR_RUNTIME_ENV_EXECUTOR_H_
#define WEIR_RUNTIME_ENV_EXECUTOR_H_

#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "runtime/base/ids.h"
#include "runtime/base/time.h"

namespace weir {

using Task = absl::AnyInvocable<void()>;

// What an actor is waiting for, for the explanation of a run that got stuck.
struct Wait {
  std::string who;   // "checkpoint 7", "channel map[0] -> sum[1]"
  std::string what;  // "the barrier", "credit"
  std::string whom;  // the `who` that would have to act next
};

// What people and searches may ask of an actor at any moment between handlers.
class Actor {
 public:
  virtual ~Actor() = default;
  // One line of state, for people.
  virtual std::string Describe() const = 0;
  // Appends what this actor waits for, if anything.
  virtual void AppendWaits(std::vector<Wait>*) const {}
  // What failed here last, in one sentence; "" if nothing did.
  virtual std::string LastFailure() const { return ""; }
};

class Executor {
 public:
  virtual ~Executor() = default;

  // `actor` must outlive its id (until RemoveActor or the end of the process).
  virtual ActorId AddActor(const Actor* actor) = 0;
  // Drops the actor's pending tasks and timers. Its id is not used again.
  virtual void RemoveActor(ActorId actor) = 0;

  // Runs `task` as an event of `actor`, as soon as the actor is free.
  virtual void Post(ActorId actor, Task task) = 0;
  // Runs `task` not before `delay` has passed. The id is never 0.
  virtual TimerId After(ActorId actor, Duration delay, Task task) = 0;
  // A timer that fired or was cancelled already, or id 0: no effect.
  virtual void Cancel(TimerId timer) = 0;

  // The running handler used this much time (CPU, synchronous disk): its later effects leave that much later, and the
  // actor's next event waits.
  virtual void Charge(Duration cost) = 0;

  // The process ends itself: as a crash at this point, reported with `reason`.
  virtual void Exit(const absl::Status& reason) = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_ENV_EXECUTOR_H_
