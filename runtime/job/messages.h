// Licensed under the Apache License, Version 2.0.
//
// What job manager and task managers say to each other, as values and as bytes. One message: u8 kind, u64 epoch of the
// leader that it belongs to, then the fields in the order below. Both sides drop messages of another epoch than that of
// the connection, so what a deposed leader or a zombie still says is never acted on.
//
//   task manager -> job manager   RegisterTaskManager, Heartbeat, SubtaskRunning, SubtaskFailed, TasksCancelled,
//                                 Acknowledge, Decline
//   job manager -> task manager   RegistrationAccepted, Heartbeat, DeployTask, CancelTasks, TriggerCheckpoint,
//                                 NotifyComplete, NotifyAborted
#ifndef WEIR_RUNTIME_JOB_MESSAGES_H_
#define WEIR_RUNTIME_JOB_MESSAGES_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/base/ids.h"
#include "runtime/task/subtask.h"

namespace weir {

struct RegisterTaskManager {
  uint32_t slots = 0;
  uint64_t newest_epoch =
      0;  // that the task manager ever served: an older leader learns here that it is deposed
};
struct RegistrationAccepted {};
struct Heartbeat {};
struct SubtaskRunning {
  SubtaskId subtask;
  Attempt attempt;
};
struct SubtaskFailed {
  SubtaskId subtask;
  Attempt attempt;
  absl::Status cause;
};
// No subtask of this or an older attempt lives there any more.
struct TasksCancelled {
  Attempt attempt;
};
struct Acknowledge {
  SubtaskId subtask;
  Attempt attempt;
  CheckpointId checkpoint;
  std::vector<OperatorSnapshot> snapshots;
};
struct Decline {
  SubtaskId subtask;
  Attempt attempt;
  CheckpointId checkpoint;
  absl::Status cause;
};
struct DeployTask {
  TaskDescriptor task;
  // Of every vertex: rescaling may have changed the one, recovery may have taken the other from the state, and producers
  // need those of their consumers. Both have as many entries.
  std::vector<uint32_t> parallelism;
  std::vector<uint32_t> max_parallelism;
};
// Every subtask of this and older attempts.
struct CancelTasks {
  Attempt attempt;
};
// To the source subtasks of the attempt on that task manager.
struct TriggerCheckpoint {
  Attempt attempt;
  CheckpointId checkpoint;
};
// To all subtasks of the attempt on that task manager.
struct NotifyComplete {
  Attempt attempt;
  CheckpointId checkpoint;
};
struct NotifyAborted {
  Attempt attempt;
  CheckpointId checkpoint;
};

// The position in this list is the kind; append only.
using MessageBody = std::variant<RegisterTaskManager, RegistrationAccepted, Heartbeat, SubtaskRunning,
                                 SubtaskFailed, TasksCancelled, Acknowledge, Decline, DeployTask, CancelTasks,
                                 TriggerCheckpoint, NotifyComplete, NotifyAborted>;

struct ControlMessage {
  uint64_t epoch = 0;
  MessageBody body;

  // How many of its bytes are the ledger's (checkpoint/inline_state.h).
  uint64_t Unbilled() const;
  // kInvalidArgument: state handles that cannot be written (see WriteMetadata).
  absl::StatusOr<std::string> Encode() &&;
  // kDataLoss, or what ReadMetadata says of the handles: not a message.
  static absl::StatusOr<ControlMessage> Decode(absl::string_view bytes);
};

}  // namespace weir

#endif  // WEIR_RUNTIME_JOB_MESSAGES_H_
