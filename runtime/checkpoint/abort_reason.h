// Licensed under the Apache License, Version 2.0.
//
// Why a checkpoint was given up: field `reason` of the event checkpoint.aborted. Values are part of digests; append only.
#ifndef WEIR_RUNTIME_CHECKPOINT_ABORT_REASON_H_
#define WEIR_RUNTIME_CHECKPOINT_ABORT_REASON_H_

#include <cstdint>
#include <set>

#include "absl/strings/string_view.h"
#include "runtime/base/ids.h"

namespace weir {

enum class AbortReason : uint8_t {
  kExpired = 1,         // not every acknowledgement came before the timeout
  kDeclined = 2,        // a subtask refused it or failed its part
  kSubsumed = 3,        // a newer one completed first
  kTriggerFailed = 4,   // it could not be begun
  kFinalizeFailed = 5,  // _metadata could not be written
  kFailover = 6,        // the attempt that it belongs to failed
  kGivenUp = 7,         // a subtask takes no part in it: nothing failed
};

// "expired", "declined", ...
absl::string_view Name(AbortReason reason);

// Whether it counts to execution.checkpointing.tolerable-failed-checkpoints: as in Flink 1.20, what went wrong with the
// checkpoint itself does, what merely made it useless does not.
bool CountsAsFailure(AbortReason reason);

// Counts consecutive failures of checkpoints, each checkpoint once.
class CheckpointFailureCounter {
 public:
  explicit CheckpointFailureCounter(uint32_t tolerable) : tolerable_(tolerable) {}
  // A success forgets all failures, and makes failures of older checkpoints irrelevant.
  void OnCompleted(CheckpointId checkpoint);
  // True if the job must fail; the count then starts again.
  bool OnAborted(CheckpointId checkpoint, AbortReason reason);

 private:
  uint32_t tolerable_;
  CheckpointId last_completed_;
  std::set<CheckpointId> failed_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_CHECKPOINT_ABORT_REASON_H_
