// Licensed under the Apache License, Version 2.0.
//
// One term of leadership over one job: brings it to run, keeps it running, checkpoints it, and ends with its epoch. Built
// when its job manager was elected, destroyed when it is deposed; a crash needs no goodbye.
//
//   taking over -> waiting for slots -> beginning an attempt -> reading the checkpoint -> deploying -> running
//                        ^                                                                    |          |
//                        |            (restart delay over, every subtask ended)               v          v
//                        '----------------------------------------------------------------- restarting <-'
//   restarts exhausted: failing -> failed
//
// Invariants:
//  1. An attempt's number is in the register before the attempt does anything; numbers grow over all leaders.
//  2. The checkpoint to recover from is read from the record after the attempt was written there: a checkpoint that was
//     still being stored when the attempt before failed has been decided by then.
//  3. An attempt's parallelism is stored with its number, in one write: whoever leads next goes on with it. The world may
//     choose another one for every attempt but the first; never one for which too few slots are offered.
//  4. No subtask of an attempt is deployed before each of an earlier one has ended, or its task manager is lost.
#ifndef WEIR_RUNTIME_JOB_JOB_MASTER_H_
#define WEIR_RUNTIME_JOB_JOB_MASTER_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "runtime/checkpoint/checkpoint_coordinator.h"
#include "runtime/checkpoint/completed_checkpoint_store.h"
#include "runtime/env/env.h"
#include "runtime/job/execution_graph.h"
#include "runtime/job/recovery.h"
#include "runtime/job/restart_strategy.h"
#include "runtime/job/task_manager_pool.h"
#include "runtime/task/job_graph.h"

namespace weir {

// Why an attempt ended: field `cause` of the event job.restarting. Append only.
enum class FailureCause : uint8_t {
  kSubtaskFailed = 1,
  kTaskManagerLost = 2,
  kCheckpointFailures = 3,
  kDeployFailed = 4,
  kRecoveryFailed = 5,
};

class JobMaster : public Actor, private TaskManagerPool::Listener, private CoordinatorGateway {
 public:
  // The leader cannot go on: superseded, or the register is damaged. Its owner calls Stop in a later event.
  using StepDown = absl::AnyInvocable<void(const absl::Status&)>;

  JobMaster(std::string job_id, uint64_t epoch, JobGraph graph, Env& env, StepDown step_down);

  void Start();
  // Ends all activity and closes every connection. Destroy it after that, in the same event or later.
  void Stop();
  ConnectionHandler* Accept(ConnectionId connection, NodeId peer) {
    return task_managers_.Accept(connection, peer);
  }

  std::string Describe() const override;
  void AppendWaits(std::vector<Wait>* waits) const override;
  std::string LastFailure() const override;

 private:
  enum class State : uint8_t {
    kTakingOver,
    kWaitingForSlots,
    kBeginningAttempt,
    kReadingCheckpoint,
    kDeploying,
    kRunning,
    kRestarting,
    kFailing,
    kFailed,
  };

  // TaskManagerPool::Listener
  void OnTaskManagerRegistered(NodeId node) override;
  void OnTaskManagerLost(NodeId node, const absl::Status& reason) override;
  void OnTaskManagerMessage(NodeId node, MessageBody body) override;
  void OnNewerEpoch(uint64_t epoch) override;
  // CoordinatorGateway
  void TriggerCheckpoint(Attempt attempt, CheckpointId checkpoint) override;
  void NotifyComplete(Attempt attempt, CheckpointId checkpoint) override;
  void NotifyAborted(Attempt attempt, CheckpointId checkpoint) override;
  void FailJob(const absl::Status& cause) override;

  // Tells the owner, once.
  void GiveUp(const absl::Status& reason);
  void OnTakenOver(const absl::Status& status);
  // To the next step once there are enough slots.
  void AwaitSlots();
  void BeginAttempt();
  // Asks the world for the parallelism of the next attempt, and takes it on.
  void ChooseParallelism();
  void Recover();
  void ReadCheckpoint(const CheckpointPointer& pointer);
  void OnCheckpointRead(const CheckpointPointer& pointer, absl::StatusOr<Blob> blob);
  void Deploy();
  absl::Status DeploySubtask(SubtaskId subtask);
  void OnSubtaskRunning(SubtaskId subtask);
  void FailAttempt(FailureCause cause, const absl::Status& status);
  // Why the attempt fails, for people. A task that fails or a node that dies breaks channels, and the subtasks at their
  // other ends (kCancelled) may be heard first: then what is heard while the attempt ends explains it.
  void Explain(const absl::Status& status);
  void ExplainLater(const absl::Status& status);
  void CancelSubtasks();
  void OnNodeEnded(NodeId node);
  void OnEnded();
  bool IsActive(Attempt attempt) const;
  bool HasEnoughSlots() const;
  CheckpointPlan Plan() const;
  void Broadcast(const MessageBody& body);

  const std::string job_id_;
  const uint64_t epoch_;
  JobGraph graph_;
  Env& env_;
  StepDown step_down_;
  const ActorId actor_;
  TaskManagerPool task_managers_;
  CompletedCheckpointStore store_;
  CheckpointCoordinator coordinator_;
  RestartStrategy restarts_;

  State state_ = State::kTakingOver;
  bool has_given_up_ = false;
  Attempt attempt_;
  uint32_t rescaled_to_ = 0;                 // 0: the parallelism is the configured one
  std::optional<CheckpointId> restored_;     // the checkpoint that the attempt recovers from
  std::optional<RestoredState> prepared_;    // read, and not yet deployed
  std::optional<ExecutionGraph> execution_;  // from the deployment until every subtask has ended
  bool is_delay_over_ = false;               // restarting
  TimerId cancel_timer_;
  std::string last_failure_;
  bool is_explained_ = false;  // last_failure_ is more than a broken channel
};

}  // namespace weir

#endif  // WEIR_RUNTIME_JOB_JOB_MASTER_H_
