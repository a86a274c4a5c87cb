// Licensed under the Apache License, Version 2.0.
//
// One parallel instance of a vertex: the mailbox in which records, barriers, credits and calls of the task manager are
// handled one at a time. The task manager owns it and speaks to it through this header; it speaks back through
// TaskListener. Data connections are its own.
//
// Life:  Deploy (restore state, open operators, connect inputs) -> OnRunning -> records -> Cancel or failure.
// A failed or cancelled subtask does nothing any more; its owner destroys it in a later event.
#ifndef WEIR_RUNTIME_TASK_SUBTASK_H_
#define WEIR_RUNTIME_TASK_SUBTASK_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "runtime/base/ids.h"
#include "runtime/checkpoint/operator_snapshot.h"
#include "runtime/env/env.h"
#include "runtime/task/job_graph.h"

namespace weir {

// The port on which every task manager serves the outputs of its subtasks.
inline constexpr PortId kDataPort{2};

// What a subtask is told at deployment. Serialisable (job/messages.h).
struct TaskDescriptor {
  std::string job_id;  // 32 hex digits; paths of checkpoint files and names of transactions use it
  SubtaskId subtask;
  Attempt attempt;
  // For each input edge of the vertex, in its order: the node of every producer subtask, by index.
  std::vector<std::vector<NodeId>> producers;
  // The files of checkpoint n go to the object store under "<checkpoints_path>/chk-<n>/", with names that are never used
  // twice (they contain vertex, subtask and attempt). Acknowledged handles are of kind kRelativeFile: their path is
  // relative to that folder.
  std::string checkpoints_path;
  // The checkpoint to restore, and this subtask's share of each operator's state (already redistributed). An operator
  // has several entries if its share comes from several old subtasks. File handles are of kind kFile here: their path
  // is the whole key in the object store.
  std::optional<CheckpointId> restored;
  std::vector<OperatorSnapshot> restored_state;
};

// The subtask's owner. Calls come as events of the subtask's actor.
class TaskListener {
 public:
  virtual ~TaskListener() = default;
  virtual void OnRunning(SubtaskId subtask, Attempt attempt) = 0;
  // kCancelled: only because a task at the other end of a channel is gone.
  virtual void OnFailed(SubtaskId subtask, Attempt attempt, const absl::Status& cause) = 0;
  // Every file that `snapshots` names is in the object store.
  virtual void OnAcknowledge(SubtaskId subtask, Attempt attempt, CheckpointId checkpoint,
                             std::vector<OperatorSnapshot> snapshots) = 0;
  // The part of it that this subtask has in the checkpoint will not come. kCancelled: it takes no part, since it does not
  // run yet or another one gave the checkpoint up; anything else is what failed.
  virtual void OnDecline(SubtaskId subtask, Attempt attempt, CheckpointId checkpoint,
                         const absl::Status& cause) = 0;
};

class Subtask : public Actor {
 public:
  // `graph`, `env` and `listener` outlive it.
  static std::unique_ptr<Subtask> Create(const JobGraph& graph, TaskDescriptor descriptor, Env& env,
                                         TaskListener& listener);
  ~Subtask() override = default;

  virtual void Deploy() = 0;
  // Stops at once: closes connections, drops everything. No call to the listener follows.
  virtual void Cancel() = 0;
  // Once it has failed or was cancelled, in a later event, before it is destroyed: gives back what it has on the node's
  // disk. A process that dies does not call it.
  virtual void Close() = 0;

  // Sources only: put the barrier into the outputs and snapshot.
  virtual void TriggerCheckpoint(CheckpointId checkpoint) = 0;
  virtual void NotifyCheckpointComplete(CheckpointId checkpoint) = 0;
  virtual void NotifyCheckpointAborted(CheckpointId checkpoint) = 0;

  // A consumer connected to kDataPort of this node and asked for this subtask's output on `edge`, for its subtask
  // `consumer`. From now on the connection's messages go to the returned handler; nullptr: no such output.
  virtual ConnectionHandler* AttachConsumer(ConnectionId connection, uint32_t edge, uint32_t consumer) = 0;

  virtual const TaskDescriptor& descriptor() const = 0;
};

// First message on a data connection, from consumer to producer.
struct PartitionRequest {
  SubtaskId producer;
  uint32_t edge = 0;
  uint32_t consumer = 0;
  Attempt attempt;

  std::string Encode() const;
  static absl::StatusOr<PartitionRequest> Decode(absl::string_view bytes);
};

}  // namespace weir

#endif  // WEIR_RUNTIME_TASK_SUBTASK_H_
