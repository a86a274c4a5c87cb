#include "runtime/checkpoint/abort_reason.h"

#include "runtime/base/check.h"

namespace weir {

absl::string_view Name(AbortReason reason) {
  switch (reason) {
    case AbortReason::kExpired:
      return "expired";
    case AbortReason::kDeclined:
      return "declined";
    case AbortReason::kSubsumed:
      return "subsumed";
    case AbortReason::kTriggerFailed:
      return "trigger failed";
    case AbortReason::kFinalizeFailed:
      return "finalize failed";
    case AbortReason::kFailover:
      return "failover";
    case AbortReason::kGivenUp:
      return "given up";
  }
  WEIR_CHECK(false, "abort reason ", static_cast<int>(reason));
  return "";
}

bool CountsAsFailure(AbortReason reason) {
  switch (reason) {
    case AbortReason::kExpired:
    case AbortReason::kDeclined:
    case AbortReason::kTriggerFailed:
    case AbortReason::kFinalizeFailed:
      return true;
    case AbortReason::kSubsumed:
    case AbortReason::kFailover:
    case AbortReason::kGivenUp:
      return false;
  }
  WEIR_CHECK(false, "abort reason ", static_cast<int>(reason));
  return false;
}

void CheckpointFailureCounter::OnCompleted(CheckpointId checkpoint) {
  last_completed_ = std::max(last_completed_, checkpoint);
  failed_.clear();
}

bool CheckpointFailureCounter::OnAborted(CheckpointId checkpoint, AbortReason reason) {
  if (!CountsAsFailure(reason) || checkpoint < last_completed_) return false;
  failed_.insert(checkpoint);
  if (failed_.size() <= tolerable_) return false;
  failed_.clear();
  return true;
}

}  // namespace weir
