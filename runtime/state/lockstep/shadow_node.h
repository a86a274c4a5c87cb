// Licensed under the Apache License, Version 2.0.
//
// A node beside the world, for a backend that only shadows another: a disk in memory that never fails, nothing that is
// charged or traced, draws of its own. What the shadow does leaves no mark on the run. Clocks are those of the process.
//
// Nobody drives its events: the owner calls RunDue between two accesses.
#ifndef WEIR_RUNTIME_STATE_LOCKSTEP_SHADOW_NODE_H_
#define WEIR_RUNTIME_STATE_LOCKSTEP_SHADOW_NODE_H_

#include <map>
#include <utility>

#include "runtime/env/env.h"
#include "runtime/state/lockstep/memory_disk.h"

namespace weir {

class ShadowNode {
 public:
  // `process` outlives it.
  explicit ShadowNode(Env& process);
  ShadowNode(const ShadowNode&) = delete;
  ShadowNode& operator=(const ShadowNode&) = delete;

  Env& env() { return env_; }
  // Runs the events whose time has come.
  void RunDue() { executor_.RunDue(); }

 private:
  class ShadowExecutor final : public Executor {
   public:
    explicit ShadowExecutor(const Clock& clock) : clock_(clock) {}
    ActorId AddActor(const Actor*) override { return ActorId(++actors_); }
    void RemoveActor(ActorId actor) override;
    void Post(ActorId actor, Task task) override { After(actor, Duration(), std::move(task)); }
    TimerId After(ActorId actor, Duration delay, Task task) override;
    void Cancel(TimerId timer) override;
    void Charge(Duration) override {}
    void Exit(const absl::Status& reason) override;
    void RunDue();

   private:
    const Clock& clock_;
    uint32_t actors_ = 0;
    uint64_t tasks_ = 0;
    std::map<std::pair<Instant, uint64_t>, std::pair<ActorId, Task>> queue_;
  };
  class SilentTracer final : public Tracer {
   public:
    absl::Status Reach(const Event&) override { return absl::OkStatus(); }
    void Note(const Event&) override {}
    uint32_t Choose(const Event&, uint32_t) override { return 0; }
  };

  MemoryDisk disk_;
  ShadowExecutor executor_;
  Random random_;
  SilentTracer tracer_;
  Env env_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_LOCKSTEP_SHADOW_NODE_H_
