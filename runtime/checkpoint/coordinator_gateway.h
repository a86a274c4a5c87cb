// Licensed under the Apache License, Version 2.0.
#ifndef WEIR_RUNTIME_CHECKPOINT_COORDINATOR_GATEWAY_H_
#define WEIR_RUNTIME_CHECKPOINT_COORDINATOR_GATEWAY_H_

#include "absl/status/status.h"
#include "runtime/base/ids.h"

namespace weir {

// How the checkpoint coordinator reaches the job. All messages are one-way and may be lost with their receiver.
class CoordinatorGateway {
 public:
  virtual ~CoordinatorGateway() = default;
  // To every subtask of a source vertex.
  virtual void TriggerCheckpoint(Attempt attempt, CheckpointId checkpoint) = 0;
  // To every subtask.
  virtual void NotifyComplete(Attempt attempt, CheckpointId checkpoint) = 0;
  virtual void NotifyAborted(Attempt attempt, CheckpointId checkpoint) = 0;
  // The attempt must fail. May call CheckpointCoordinator::Stop.
  virtual void FailJob(const absl::Status& cause) = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_CHECKPOINT_COORDINATOR_GATEWAY_H_
