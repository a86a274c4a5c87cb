#include "scenarios/run_monitor.h"

#include <utility>

namespace weir::scenarios {

RunMonitor::RunMonitor(const sim::World& world, uint64_t splits, bool checkpointing)
    : world_(world), splits_(splits), checkpointing_(checkpointing) {}

void RunMonitor::StartAttempt() {
  ended_.clear();
  all_read_.reset();
  triggered_after_end_.clear();
  completed_after_end_.clear();
  handled_.clear();
}

void RunMonitor::OnJobScheduled(const Event& event) {
  if (Field(event, "attempt") < attempt_.value_or(0)) return;  // of a leader that was replaced
  attempt_ = Field(event, "attempt");
  subtasks_ = 0;
  StartAttempt();
  const uint64_t parallelism = Field(event, "parallelism");
  const uint64_t before = std::exchange(parallelism_, parallelism);
  if (!is_restored_ || before == 0) return;
  if (parallelism > before) ++totals_.scaled_up;
  if (parallelism < before) ++totals_.scaled_down;
}

void RunMonitor::OnNotifyHandled(const Event& event) {
  const uint64_t checkpoint = Field(event, "checkpoint");
  if (completed_after_end_.count(checkpoint) == 0 || Field(event, "attempt") != attempt_) return;
  const std::pair<uint64_t, uint64_t> subtask(Field(event, "vertex"), Field(event, "subtask"));
  handled_[checkpoint].insert(subtask);
  if (handled_[checkpoint].size() < subtasks_) return;
  drained_ = true;
  final_checkpoint_ = checkpoint;
}

bool RunMonitor::Watches(EventId id) const {
  switch (id) {
    case EventId::kRecordEmitted:
    case EventId::kJobScheduled:
    case EventId::kRecoveryChosen:
    case EventId::kVertexScheduled:
    case EventId::kJobRestarting:
    case EventId::kJobFailed:
    case EventId::kSplitAtEnd:
    case EventId::kCheckpointTriggered:
    case EventId::kCheckpointCompleted:
    case EventId::kCheckpointAborted:
    case EventId::kNotifyCompleteHandled:
      return true;
    default:
      return false;
  }
}

absl::Status RunMonitor::OnEvent(NodeId, const Event& event) {
  switch (event.id) {
    case EventId::kRecordEmitted:
      ++totals_.records;
      break;
    case EventId::kJobScheduled:
      OnJobScheduled(event);
      break;
    case EventId::kRecoveryChosen:
      is_restored_ = Field(event, "checkpoint") != 0;
      break;
    case EventId::kVertexScheduled:
      if (Field(event, "attempt") == attempt_) subtasks_ += Field(event, "parallelism");
      break;
    case EventId::kJobRestarting:
      ++totals_.restarts;
      StartAttempt();
      break;
    case EventId::kJobFailed:
      job_failed_ = true;
      break;
    case EventId::kSplitAtEnd:
      if (Field(event, "attempt") != attempt_) break;
      ended_.emplace(Field(event, "vertex"), Field(event, "split"));
      if (ended_.size() == splits_ && !all_read_) all_read_ = world_.now();
      break;
    case EventId::kCheckpointTriggered:
      if (all_read_ && checkpointing_) triggered_after_end_.insert(Field(event, "checkpoint"));
      break;
    case EventId::kCheckpointCompleted:
      ++totals_.checkpoints_completed;
      if (triggered_after_end_.count(Field(event, "checkpoint")) != 0) {
        completed_after_end_.insert(Field(event, "checkpoint"));
      }
      break;
    case EventId::kCheckpointAborted:
      ++totals_.checkpoints_aborted;
      break;
    case EventId::kNotifyCompleteHandled:
      OnNotifyHandled(event);
      break;
    default:
      break;
  }
  return absl::OkStatus();
}

}  // namespace weir::scenarios
