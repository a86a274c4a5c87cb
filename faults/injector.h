// Licensed under the Apache License, Version 2.0.
//
// Carries out the faults of a plan: watches the events of the world, strikes where a trigger says,
// ends what lasts only for a while, and brings crashed nodes back. Policy only; every blow is a
// call on ClusterControl or the world.
//
// Fault model: exactly the kinds of fault_kinds.h. Lasting faults on the same target overlap: a
// link stays cut until the last cut ends, the greatest delay or slowdown counts. A fault of a node
// that is dead (or paused twice) has no effect and is reported as such. A fault whose trigger never
// came is reported by its absence. A mode of the run (broadcast.reorder) strikes when the first
// subtask asks for it; what it answers later is drawn by (seed, subtask, attempt, number of the
// choice), so that no choice re-deals another.
//
// A rescale strikes in two steps. It fails a subtask, as crash.task does, unless the job restarts
// before that; and it waits for the next attempt that can have its parallelism, since slots may be
// away. It has had an effect once an attempt begins with another parallelism than the one before.
// Several that wait are carried out one by one, each by an attempt of its own.
//
// Invariants:
//  1. Each fault of the plan strikes at most once.
//  2. Nothing strikes once the liveness phase has begun; then no link is cut, no process paused,
//  nothing slow. A rescale that has struck may still be carried out there.
//  3. An event nobody waits for costs one look into a table.
#ifndef WEIR_FAULTS_INJECTOR_H_
#define WEIR_FAULTS_INJECTOR_H_

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "faults/cluster_control.h"
#include "faults/phase_tracker.h"
#include "faults/plan.h"
#include "sim/world.h"

namespace weir::faults {

// One fault as it happened.
struct Firing {
  size_t fault = 0;  // index in the plan
  Instant instant;
  NodeId emitter = sim::kNoNode;  // whose event set it off; kNoNode: the clock did
  Event event;                    // that event; meaningless if the clock did
  std::string phase;              // PhaseTracker::Phase() at that point, "" between phases
  bool effective = false;         // false: nothing changed, for example a dead node was to be crashed
};

class Injector : public sim::Observer {
 public:
  // `plan` and `control` outlive the injector, and it outlives the world's last event. REQUIRES:
  // every node that the plan names is known to `control` (budget.h: CheckNames). `disk_capacity` is
  // what a disk has when it is not full.
  Injector(const Plan& plan, ClusterControl& control, uint64_t disk_capacity = sim::DiskOptions().capacity);

  // Arms every trigger, registers with the world, and schedules BeginLiveness at plan.liveness_at.
  // Call once.
  void Start();
  // Ends every lasting fault, brings back the nodes whose restart is still due, and emits
  // phase.liveness. A second call does nothing.
  void BeginLiveness();
  // A supervisor for processes that end themselves (World::OnProcessEnd): they come back after
  // kSupervisorDelay. Does nothing for crashes of this injector.
  void OnProcessEnd(NodeId node);

  absl::Status OnEvent(NodeId node, const Event& event) override;
  std::optional<uint32_t> OnChoose(NodeId node, const Event& event, uint32_t count) override;
  bool Watches(EventId id) const override;

  // What struck, in order.
  const std::vector<Firing>& fired() const { return fired_; }
  bool in_liveness() const { return in_liveness_; }
  // True if no fault is left that could strike. Lasting ones may still be going on.
  bool exhausted() const { return fired_.size() == plan_.faults.size(); }
  // Nothing has struck or ended since; now, while something goes on.
  Instant calm_since() { return lasting_.empty() ? changed_at_ : world().now(); }
  // "crash.task-manager@upload": the effective fault that struck last, with its phase; "" if there
  // was none.
  std::string NearestFault() const;

  static constexpr Duration kSupervisorDelay = Duration::Millis(500);

 private:
  struct Armed {
    NodeId node = sim::kNoNode;  // of the trigger: whose events count; kNoNode: everybody's
    std::vector<std::pair<size_t, uint64_t>> tests;  // field, and what it must be
    uint64_t left = 1;                               // occurrences until it strikes
    bool once_per_checkpoint = false;                // phase triggers
    std::set<uint64_t> begun;                        // checkpoints counted already
    bool done = false;
    NodeId target = sim::kNoNode;
    NodeId peer = sim::kNoNode;
  };

  void Arm(size_t fault);
  // How a receiver orders broadcast elements, and which comes next.
  std::optional<uint32_t> ChooseOrder(NodeId node, const Event& event, uint32_t count);
  // Carries out a rescale that waits.
  std::optional<uint32_t> ChooseParallelism(const Event& event, uint32_t count);
  bool Matches(Armed& armed, NodeId node, const Event& event) const;
  absl::Status Trip(size_t fault, NodeId emitter, const Event& event);
  absl::Status Strike(size_t fault, NodeId emitter, const Event& event);
  bool CanAct(size_t fault);
  void Act(size_t fault);
  void Crash(size_t fault);
  void End(size_t fault);
  // Brings the world in line with the lasting faults that are going on, as far as this one's target
  // is concerned.
  void Apply(size_t fault);
  void ApplyLink(NodeId from, NodeId to);
  void ApplyDisk(NodeId node);
  void ApplyStore();
  void RestartIfDue(NodeId node);
  absl::Status StrikeRescale(size_t fault, NodeId emitter, const Event& event);
  // A fault that could not fail a subtask at its trigger: fails the next event of it.
  absl::Status FailWaitingSubtask(NodeId emitter, const Event& event);
  // The number of the record in fired_.
  size_t Record(size_t fault, NodeId emitter, const Event& event, bool effective);
  sim::World& world() const { return control_.world(); }
  const Action& action(size_t fault) const { return plan_.faults[fault].action; }

  const Plan& plan_;
  ClusterControl& control_;
  const uint64_t disk_capacity_;
  const Random random_;
  std::optional<size_t> reorder_;  // the fault that says how broadcast elements are ordered
  std::vector<Armed> armed_;       // by fault
  std::array<std::vector<size_t>, kEventCount> waiting_;  // by event: the faults that wait for it
  PhaseTracker phases_;
  std::set<size_t> lasting_;              // faults going on
  std::set<NodeId> due_;                  // crashed nodes that are to come back
  std::set<NodeId> gone_;                 // crashed nodes that are not
  std::vector<size_t> waiting_subtasks_;  // see FailWaitingSubtask
  std::vector<size_t> rescales_;          // in fired_: those that no attempt has carried out yet, in order
  std::vector<Firing> fired_;
  Instant changed_at_;
  bool in_liveness_ = false;
};

}  // namespace weir::faults

#endif  // WEIR_FAULTS_INJECTOR_H_
