// A subtask's part in checkpoints.
#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/task/subtask_impl.h"

namespace weir {
namespace {

constexpr size_t kAbortedMax = 128;  // as many ids of aborted checkpoints are remembered

absl::Status CauseOf(BarrierAbortCause cause) {
  switch (cause) {
    case BarrierAbortCause::kSubsumed:
      return absl::CancelledError("the barrier of a newer checkpoint came before the last one of this");
    case BarrierAbortCause::kCancelled:
      return absl::CancelledError("a subtask upstream gave it up");
  }
  return absl::CancelledError("given up");
}

}  // namespace

void SubtaskImpl::TriggerCheckpoint(CheckpointId checkpoint) {
  PostGuarded([this, checkpoint] {
    if (phase_ != Phase::kRunning) {
      GiveUp(checkpoint, absl::CancelledError("the subtask does not run yet"));
    } else {
      PerformCheckpoint(checkpoint);
    }
    Resume();
  });
}

// --- Barriers.

void SubtaskImpl::OnBarrier(InputChannel& channel, DataMessage kind, CheckpointId checkpoint) {
  BarrierOutcome outcome;
  if (kind == DataMessage::kBarrier) {
    if (!Reach(events::BarrierReceived(checkpoint.value, V(), I(), A(), channel.index))) return;
    outcome = barriers_->OnBarrier(checkpoint, channel.index);
  } else {
    outcome = barriers_->OnCancelMarker(checkpoint, channel.index);
  }
  if (!outcome.status.ok()) return Fail(WithContext(outcome.status, ChannelName(channel)));
  for (const BarrierOutcome::Abort& abort : outcome.aborted) {
    GiveUp(abort.checkpoint, CauseOf(abort.cause));
    if (is_stopped()) return;
  }
  if (outcome.unblocked) gate_.Unblock();
  if (!outcome.triggered.has_value()) return;
  if (!Reach(events::BarrierAligned(checkpoint.value, V(), I(), A()))) return;
  PerformCheckpoint(*outcome.triggered);
}

// This subtask takes no part: downstream must not wait for its barrier, nor the job manager for its acknowledgement.
void SubtaskImpl::GiveUp(CheckpointId checkpoint, const absl::Status& cause) {
  if (checkpoint <= last_checkpoint_) return;
  last_checkpoint_ = checkpoint;
  for (RecordWriter& writer : writers_) writer.EmitCheckpointMessage(DataMessage::kCancelMarker, checkpoint);
  env_.tracer.Note(events::CheckpointDeclined(checkpoint.value, V(), I(), A()));
  listener_.OnDecline(descriptor_.subtask, descriptor_.attempt, checkpoint, WithContext(cause, name_));
}

// --- The snapshot: prepare, send the barrier, copy the state, upload.

void SubtaskImpl::PerformCheckpoint(CheckpointId checkpoint) {
  if (checkpoint <= last_checkpoint_) return;  // out of order
  if (aborted_.erase(checkpoint) != 0) {
    last_checkpoint_ = checkpoint;
    for (RecordWriter& writer : writers_)
      writer.EmitCheckpointMessage(DataMessage::kCancelMarker, checkpoint);
    return;
  }
  last_checkpoint_ = checkpoint;
  aborted_.erase(aborted_.begin(), aborted_.lower_bound(checkpoint));
  if (absl::Status status = chain_->PrepareSnapshot(checkpoint); !status.ok()) return Fail(status);
  if (is_stopped() || !SendBarrier(checkpoint)) return;
  // Names are never used twice: an attempt takes part in a checkpoint once.
  auto snapshot =
      chain_->Snapshot(checkpoint, absl::StrCat(V(), "-", I(), "-", A()), descriptor_.checkpoints_path);
  if (is_stopped()) return;
  if (!snapshot.ok()) {
    return Fail(WithContext(snapshot.status(), absl::StrCat("snapshot of checkpoint ", checkpoint.value)));
  }
  if (!Reach(events::SnapshotTaken(checkpoint.value, V(), I(), A()))) return;
  if (snapshot->keyed == nullptr) return Finish(checkpoint, *std::move(snapshot));
  writing_.emplace(checkpoint, *std::move(snapshot));
  WriteLater(checkpoint);
}

// Keyed state is written in steps while records go on being processed: in Flink another thread does it.
void SubtaskImpl::WriteLater(CheckpointId checkpoint) {
  env_.executor.After(actor_, config_.snapshot_step_delay, [this, checkpoint] {
    if (!is_stopped()) WriteKeyed(checkpoint);
  });
}

void SubtaskImpl::WriteKeyed(CheckpointId checkpoint) {
  const auto found = writing_.find(checkpoint);
  if (found == writing_.end()) return;  // given up meanwhile
  const absl::StatusOr<bool> done = chain_->WriteKeyed(&found->second, config_.snapshot_step_entries);
  if (absl::IsDataLoss(done.status())) {
    // The state at hand is damaged, and so would be every later checkpoint: only an older one helps.
    return Fail(WithContext(done.status(), absl::StrCat("snapshot of checkpoint ", checkpoint.value)));
  }
  if (!done.ok()) return OnSnapshotFailed(checkpoint, done.status());
  if (!*done) return WriteLater(checkpoint);
  ChainSnapshot snapshot = std::move(found->second);
  writing_.erase(found);
  Finish(checkpoint, std::move(snapshot));
}

// What fails from here on fails the checkpoint, not the task: in Flink it is the other thread's.
void SubtaskImpl::Finish(CheckpointId checkpoint, ChainSnapshot snapshot) {
  if (absl::Status status = chain_->Finish(&snapshot); !status.ok()) {
    return OnSnapshotFailed(checkpoint, status);
  }
  Upload(checkpoint, std::move(snapshot));
}

void SubtaskImpl::Upload(CheckpointId checkpoint, ChainSnapshot snapshot) {
  uint64_t bytes = 0;
  for (const SnapshotFile& file : snapshot.files) bytes += file.blob.bytes.size() - file.blob.unbilled;
  if (!Reach(events::UploadStarted(checkpoint.value, V(), I(), A(), bytes))) return;
  uint32_t holds = 0;
  const auto held = holds_.find({HoldKind::kSnapshot, checkpoint});
  if (held != holds_.end()) {
    holds = held->second;
    holds_.erase(held);
  }
  uploads_.Begin(checkpoint, absl::StrCat(descriptor_.checkpoints_path, "/chk-", checkpoint.value),
                 std::move(snapshot), holds);
}

bool SubtaskImpl::SendBarrier(CheckpointId checkpoint) {
  for (RecordWriter& writer : writers_) writer.EmitCheckpointMessage(DataMessage::kBarrier, checkpoint);
  return chain_->source() != nullptr ? Reach(events::BarrierInjected(checkpoint.value, V(), I(), A()))
                                     : Reach(events::BarrierForwarded(checkpoint.value, V(), I(), A()));
}

bool SubtaskImpl::OnFilesStored(CheckpointId checkpoint) {
  return Reach(events::UploadFinished(checkpoint.value, V(), I(), A()));
}

void SubtaskImpl::OnSnapshotStored(CheckpointId checkpoint, std::vector<OperatorSnapshot> snapshots) {
  listener_.OnAcknowledge(descriptor_.subtask, descriptor_.attempt, checkpoint, std::move(snapshots));
  Reach(events::CheckpointAcknowledged(checkpoint.value, V(), I(), A()));
}

void SubtaskImpl::OnSnapshotFailed(CheckpointId checkpoint, const absl::Status& cause) {
  writing_.erase(checkpoint);
  uploads_.Abort(checkpoint);
  env_.tracer.Note(events::CheckpointDeclined(checkpoint.value, V(), I(), A()));
  listener_.OnDecline(descriptor_.subtask, descriptor_.attempt, checkpoint, WithContext(cause, name_));
}

// --- Notices.

void SubtaskImpl::NotifyCheckpointComplete(CheckpointId checkpoint) {
  PostGuarded([this, checkpoint] {
    if (phase_ == Phase::kRunning) HandleNotice(checkpoint);
    Resume();
  });
}

void SubtaskImpl::HandleNotice(CheckpointId checkpoint) {
  if (!Reach(events::NotifyCompleteReceived(checkpoint.value, V(), I(), A()))) return;
  Hold(HoldKind::kNotice, checkpoint);
  chain_->NotifyComplete(checkpoint);
  Release(HoldKind::kNotice, checkpoint, absl::OkStatus());
}

void SubtaskImpl::NotifyCheckpointAborted(CheckpointId checkpoint) {
  PostGuarded([this, checkpoint] {
    env_.tracer.Note(events::NotifyAbortedReceived(checkpoint.value, V(), I(), A()));
    if (checkpoint > last_checkpoint_) {
      aborted_.insert(checkpoint);
      if (aborted_.size() > kAbortedMax) aborted_.erase(aborted_.begin());
    }
    writing_.erase(checkpoint);
    uploads_.Abort(checkpoint);
    chain_->NotifyAborted(checkpoint);
    Resume();
  });
}

}  // namespace weir
