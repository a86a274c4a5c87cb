// Licensed under the Apache License, Version 2.0.
//
// A checkpoint on its way: who has acknowledged with what.
//
//   kCollecting --(last acknowledgement)--> kWriting --(_metadata is stored)--> kStoring --(pointer is stored)--> done
//        |                                     |
//        +------------- abort -----------------+        kStoring cannot be aborted: nobody knows whether the register
//                                                       has it, until it has answered
#ifndef WEIR_RUNTIME_CHECKPOINT_PENDING_CHECKPOINT_H_
#define WEIR_RUNTIME_CHECKPOINT_PENDING_CHECKPOINT_H_

#include <map>
#include <string>
#include <vector>

#include "runtime/base/ids.h"
#include "runtime/checkpoint/checkpoint_plan.h"
#include "runtime/checkpoint/operator_snapshot.h"
#include "runtime/format/metadata.h"

namespace weir {

class PendingCheckpoint {
 public:
  enum class Phase : uint8_t { kCollecting, kWriting, kStoring };

  // `plan` is only read until the phase kStoring.
  PendingCheckpoint(CheckpointId id, Attempt attempt, const CheckpointPlan& plan);

  CheckpointId id() const { return id_; }
  Attempt attempt() const { return attempt_; }
  Phase phase() const { return phase_; }
  bool IsExpected(SubtaskId subtask) const;
  bool IsAcknowledged(SubtaskId subtask) const { return acknowledged_.count(subtask) != 0; }
  uint32_t missing() const { return expected_ - static_cast<uint32_t>(acknowledged_.size()); }
  std::vector<SubtaskId> MissingSubtasks() const;

  // REQUIRES: the subtask is expected and did not acknowledge yet.
  void Acknowledge(SubtaskId subtask, std::vector<OperatorSnapshot> snapshots);
  // kInvalidArgument: a subtask sent state of an operator that it does not run.
  // Once: what was acknowledged goes into it.
  absl::StatusOr<CheckpointMetadata> TakeMetadata();
  // REQUIRES: the next phase in the order above; nothing is missing.
  void Enter(Phase phase);

 private:
  const CheckpointId id_;
  const Attempt attempt_;
  const CheckpointPlan& plan_;
  uint32_t expected_ = 0;
  Phase phase_ = Phase::kCollecting;
  std::map<SubtaskId, std::vector<OperatorSnapshot>> acknowledged_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_CHECKPOINT_PENDING_CHECKPOINT_H_
