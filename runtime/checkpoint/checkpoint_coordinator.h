// Licensed under the Apache License, Version 2.0.
//
// Begins checkpoints, collects their parts, makes them durable, tells the subtasks, and forgets the old ones. Runs in
// the leading job manager. What it decides is in decisions.h; this is the shell that gathers facts and does I/O.
//
// The life of a checkpoint: id from the register -> triggered at the sources -> acknowledged by every subtask ->
// _metadata put into the object store -> pointer put into the register (from this moment it exists) -> subtasks are
// notified -> older ones are aborted or deleted.
//
// Invariants:
//  1. Files are deleted only if their checkpoint is neither pending nor named by the register.
//  2. A checkpoint whose pointer may have been stored is not given up before the register has answered.
//  3. Pending checkpoints belong to the running attempt, but for those that are being stored (2).
//  4. At most one periodic request waits: a later one adds nothing to it.
#ifndef WEIR_RUNTIME_CHECKPOINT_CHECKPOINT_COORDINATOR_H_
#define WEIR_RUNTIME_CHECKPOINT_CHECKPOINT_COORDINATOR_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/checkpoint/abort_reason.h"
#include "runtime/checkpoint/checkpoint_discarder.h"
#include "runtime/checkpoint/checkpoint_plan.h"
#include "runtime/checkpoint/completed_checkpoint_store.h"
#include "runtime/checkpoint/coordinator_gateway.h"
#include "runtime/checkpoint/decisions.h"
#include "runtime/checkpoint/pending_checkpoint.h"
#include "runtime/checkpoint/shared_state_registry.h"
#include "runtime/env/env.h"

namespace weir {

class CheckpointCoordinator {
 public:
  struct Options {
    std::string job_id;
    std::string checkpoint_dir;
    Duration interval;  // zero: no checkpoints
    Duration timeout;
    Duration min_pause;
    uint32_t max_concurrent = 1;
    uint32_t tolerable_failures = 0;
    Duration retry_delay;
    bool has_shared_files = false;  // checkpoints name files of earlier ones
  };

  // Everything given outlives it. Callbacks run as events of `actor`: destroy it only after the actor was removed.
  CheckpointCoordinator(Options options, Env& env, ActorId actor, CompletedCheckpointStore& store,
                        CoordinatorGateway& gateway);

  // Every subtask of `attempt` runs: checkpoints begin. REQUIRES: stopped.
  void Start(Attempt attempt, CheckpointPlan plan);
  // The attempt is over: every pending checkpoint is aborted, none begins. A checkpoint that is being stored goes on; the
  // store's queue orders it before whatever is asked of the store next.
  void Stop();

  // From a subtask, possibly late, repeated, or from an execution of the past.
  void Acknowledge(SubtaskId subtask, Attempt attempt, CheckpointId checkpoint,
                   std::vector<OperatorSnapshot> snapshots);
  // `cause` as TaskListener::OnDecline has it.
  void Decline(Attempt attempt, CheckpointId checkpoint, const absl::Status& cause);

  // Deletes what earlier leaders left behind. Shared files: once it is known what the retained checkpoints name.
  void DiscardOrphans();

  bool is_running() const { return is_running_; }
  // How the newest checkpoint of this attempt failed; "" if one has completed since, or none has failed.
  const std::string& last_failure() const { return last_failure_; }
  std::vector<CheckpointId> PendingIds() const;
  std::string Describe() const;
  void AppendWaits(std::vector<Wait>* waits) const;

 private:
  struct Pending {
    explicit Pending(PendingCheckpoint of) : checkpoint(std::move(of)) {}
    PendingCheckpoint checkpoint;
    TimerId timeout;
    Blob metadata;                     // from kWriting on
    SharedStateRegistry::Keys shared;  // what it names
  };

  void OnPeriod();
  void TryTrigger();
  void OnAllocated(uint64_t generation, absl::StatusOr<CheckpointId> id);
  void Begin(CheckpointId id);
  void OnTimeout(CheckpointId id);
  // Null unless the checkpoint is pending in that phase.
  Pending* Find(CheckpointId id, PendingCheckpoint::Phase phase);
  void WriteMetadataFile(CheckpointId id);
  void PutMetadata(CheckpointId id);
  void OnMetadataPut(CheckpointId id, const absl::Status& status);
  void CompareMetadata(CheckpointId id);
  void StorePointer(CheckpointId id);
  void OnPointerStored(CheckpointId id, absl::StatusOr<std::vector<CheckpointPointer>> dropped);
  void Complete(CheckpointId id, const std::vector<CheckpointPointer>& dropped);
  // `why` is for people, and may be empty.
  void Abort(CheckpointId id, AbortReason reason, absl::string_view why = "");
  LateFiles FateOf(CheckpointId id) const;
  bool IsAllRegistered() const;
  bool IsUnnamed(const std::string& key) const;
  void RegisterRetained(const CheckpointPointer& pointer);
  void Drop(CheckpointId id);
  std::string PathOf(CheckpointId id) const;

  const Options options_;
  Env& env_;
  const ActorId actor_;
  CompletedCheckpointStore& store_;
  CoordinatorGateway& gateway_;
  SharedStateRegistry shared_;
  CheckpointDiscarder discarder_;

  bool is_running_ = false;
  Attempt attempt_;
  CheckpointPlan plan_;      // of this attempt
  uint64_t generation_ = 0;  // counts Start and Stop: answers to requests of an older one are void
  TimerId period_timer_;
  bool is_requested_ = false;
  bool is_triggering_ = false;
  std::optional<Instant> last_completion_;
  CheckpointFailureCounter failures_;
  std::string last_failure_;
  std::map<CheckpointId, Pending> pending_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_CHECKPOINT_CHECKPOINT_COORDINATOR_H_
