// Licensed under the Apache License, Version 2.0.
//
// The process that runs subtasks. It looks for the leader among the job managers, registers its slots, and serves one
// leader at a time: what it hears from an older epoch it refuses, and when it loses its leader it drops every subtask
// before it looks for the next, since the next will begin a new attempt anyway.
//
//   connecting --(accepted)--> serving --(closed, silent, older epoch)--> connecting to the next, after the retry delay
#ifndef WEIR_RUNTIME_JOB_TASK_MANAGER_H_
#define WEIR_RUNTIME_JOB_TASK_MANAGER_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/job/cluster.h"
#include "runtime/job/data_server.h"
#include "runtime/job/messages.h"
#include "runtime/task/subtask.h"

namespace weir {

class TaskManager : public Process, public Actor, private ConnectionHandler, private TaskListener {
 public:
  // As Subtask::Create.
  using SubtaskFactory = std::function<std::unique_ptr<Subtask>(
      const JobGraph& graph, TaskDescriptor descriptor, Env& env, TaskListener& listener)>;

  TaskManager(Env& env, TaskManagerOptions options, SubtaskFactory factory);

  std::string Describe() const override;
  void AppendWaits(std::vector<Wait>* waits) const override;

 private:
  // The leader's connection
  void OnMessage(ConnectionId connection, Message message) override;
  void OnClosed(ConnectionId connection, const absl::Status& reason) override;
  void Connect();
  void CleanDisk();
  void OnRegistered(uint64_t epoch);
  void OnTick();
  void LoseLeader();
  // No effect without a leader. kInvalidArgument if the message cannot be encoded.
  absl::Status Send(MessageBody body);

  // What the leader asks for
  void Handle(DeployTask message);
  void Handle(const CancelTasks& message);
  void Handle(const TriggerCheckpoint& message);
  void Handle(const NotifyComplete& message);
  void Handle(const NotifyAborted& message);

  // TaskListener
  void OnRunning(SubtaskId subtask, Attempt attempt) override;
  void OnFailed(SubtaskId subtask, Attempt attempt, const absl::Status& cause) override;
  void OnAcknowledge(SubtaskId subtask, Attempt attempt, CheckpointId checkpoint,
                     std::vector<OperatorSnapshot> snapshots) override;
  void OnDecline(SubtaskId subtask, Attempt attempt, CheckpointId checkpoint,
                 const absl::Status& cause) override;

  Subtask* Find(SubtaskId subtask, Attempt attempt);
  void ForEach(Attempt attempt, const std::function<void(Subtask&)>& visit);
  void ReportFailure(SubtaskId subtask, Attempt attempt, const absl::Status& cause);
  // Stops a subtask and destroys it in a later event: it may be on the stack.
  void Retire(SubtaskId subtask);
  // Takes on the parallelisms of an attempt. False: they are not those of this program.
  bool AdoptGraph(const DeployTask& message);
  void CancelUpTo(Attempt attempt);

  Env& env_;
  const TaskManagerOptions options_;
  const SubtaskFactory factory_;
  JobGraph graph_;
  const ActorId actor_;
  DataServer data_server_;

  size_t candidate_ = 0;                // index of the job manager to try
  std::optional<ConnectionId> leader_;  // the connection
  bool is_registered_ = false;
  uint64_t epoch_ = 0;  // the newest that was ever served
  Instant last_heard_;
  std::map<SubtaskId, std::unique_ptr<Subtask>> subtasks_;
  std::vector<std::unique_ptr<Subtask>> retired_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_JOB_TASK_MANAGER_H_
