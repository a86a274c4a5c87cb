#include "faults/phase_tracker.h"

namespace weir::faults {

PhaseTracker::PhaseTracker() {
  for (const CheckpointPhase& phase : kCheckpointPhases) {
    watched_[static_cast<size_t>(phase.begin)] = true;
    watched_[static_cast<size_t>(phase.end)] = true;
  }
  for (EventId id : {EventId::kCheckpointAborted, EventId::kJobRestarting, EventId::kRecoveryChosen,
                     EventId::kJobRunning, EventId::kLeaderElected}) {
    watched_[static_cast<size_t>(id)] = true;
  }
}

void PhaseTracker::OnEvent(const Event& event) {
  switch (event.id) {
    case EventId::kLeaderElected:
    case EventId::kJobRestarting:
    case EventId::kRecoveryChosen:
      recovering_ = true;
      phase_ = kNone;
      return;
    case EventId::kJobRunning:
      recovering_ = false;
      return;
    case EventId::kCheckpointAborted:
      if (event.fields[0] == checkpoint_) phase_ = kNone;
      return;
    default:
      break;
  }
  // Every event that begins or ends a phase carries the checkpoint as its first field.
  const uint64_t checkpoint = event.fields[0];
  if (checkpoint < checkpoint_) return;
  for (size_t i = kNone; i-- > 0;) {
    const bool later = checkpoint > checkpoint_ || phase_ == kNone || i > phase_;
    if (event.id == kCheckpointPhases[i].begin && later) {
      checkpoint_ = checkpoint;
      phase_ = i;
      return;
    }
    if (event.id == kCheckpointPhases[i].end && i == phase_ && checkpoint == checkpoint_) phase_ = kNone;
  }
}

absl::string_view PhaseTracker::Phase() const {
  if (phase_ != kNone) return kCheckpointPhases[phase_].name;
  return recovering_ ? absl::string_view("recovery") : absl::string_view();
}

}  // namespace weir::faults
