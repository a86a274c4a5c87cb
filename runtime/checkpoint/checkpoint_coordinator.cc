#include "runtime/checkpoint/checkpoint_coordinator.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/checkpoint/inline_state.h"

namespace weir {

CheckpointCoordinator::CheckpointCoordinator(Options options, Env& env, ActorId actor,
                                             CompletedCheckpointStore& store, CoordinatorGateway& gateway)
    : options_(std::move(options)),
      env_(env),
      actor_(actor),
      store_(store),
      gateway_(gateway),
      discarder_(
          {options_.job_id, options_.checkpoint_dir, options_.retry_delay}, actor, env.executor, env.store,
          [this](CheckpointId id) { return FateOf(id) == LateFiles::kDiscard; },
          options_.has_shared_files
              ? CheckpointDiscarder::IsUnnamed([this](const std::string& key) { return IsUnnamed(key); })
              : nullptr),
      failures_(options_.tolerable_failures) {}

// --- Triggering

void CheckpointCoordinator::Start(Attempt attempt, CheckpointPlan plan) {
  WEIR_CHECK(!is_running_, "attempt ", attempt_.value, " still runs");
  is_running_ = true;
  attempt_ = attempt;
  plan_ = std::move(plan);
  last_failure_.clear();
  ++generation_;
  if (options_.interval == Duration()) return;
  const TriggerPeriod period = PeriodOf(options_.interval, options_.min_pause);
  const uint64_t delay = env_.random.DrawBetween(DrawSite::kCheckpointInitialDelay, attempt.value, 0,
                                                 static_cast<uint64_t>(period.low.nanos()),
                                                 static_cast<uint64_t>(period.high.nanos()));
  period_timer_ =
      env_.executor.After(actor_, Duration::Nanos(static_cast<int64_t>(delay)), [this] { OnPeriod(); });
}

void CheckpointCoordinator::Stop() {
  is_running_ = is_requested_ = is_triggering_ = false;
  ++generation_;
  env_.executor.Cancel(std::exchange(period_timer_, TimerId()));
  for (CheckpointId id : PendingIds()) {
    if (Find(id, PendingCheckpoint::Phase::kStoring) == nullptr) Abort(id, AbortReason::kFailover);
  }
}

void CheckpointCoordinator::OnPeriod() {
  const Duration period = PeriodOf(options_.interval, options_.min_pause).high;
  period_timer_ = env_.executor.After(actor_, period, [this] { OnPeriod(); });
  is_requested_ = true;
  TryTrigger();
}

void CheckpointCoordinator::TryTrigger() {
  if (!is_requested_) return;
  TriggerFacts facts;
  facts.all_tasks_running = is_running_;
  facts.trigger_in_progress = is_triggering_;
  facts.pending = static_cast<uint32_t>(pending_.size());
  facts.max_concurrent = options_.max_concurrent;
  facts.now = env_.clock.Now();
  facts.last_completion = last_completion_;
  facts.min_pause = options_.min_pause;
  switch (DecideTrigger(facts)) {
    case TriggerDecision::kTrigger:
      is_requested_ = false;
      is_triggering_ = true;
      store_.AllocateCheckpoint([this, generation = generation_](absl::StatusOr<CheckpointId> id) {
        OnAllocated(generation, std::move(id));
      });
      return;
    case TriggerDecision::kNotAllTasksRunning:
      is_requested_ = false;
      return;
    case TriggerDecision::kTooEarly:
      is_requested_ = false;
      env_.executor.Cancel(period_timer_);
      period_timer_ = env_.executor.After(actor_, EarliestTrigger(facts) - facts.now, [this] { OnPeriod(); });
      return;
    case TriggerDecision::kTriggerInProgress:
    case TriggerDecision::kTooManyPending:
      return;  // asked again when that changes
  }
}

void CheckpointCoordinator::OnAllocated(uint64_t generation, absl::StatusOr<CheckpointId> id) {
  if (generation != generation_) return;  // the attempt that wanted it is over; the id is spent
  is_triggering_ = false;
  if (id.ok()) return Begin(*id);
  // Superseded: whoever owns the store knows and ends this leader. A damaged record ends the job.
  if (!absl::IsAborted(id.status())) gateway_.FailJob(id.status());
}

void CheckpointCoordinator::Begin(CheckpointId id) {
  pending_.emplace(id, PendingCheckpoint(id, attempt_, plan_));
  const absl::Status reached = env_.tracer.Reach(events::CheckpointTriggered(id.value, attempt_.value));
  if (absl::IsAborted(reached)) return;
  if (!reached.ok()) return Abort(id, AbortReason::kTriggerFailed);
  pending_.at(id).timeout = env_.executor.After(actor_, options_.timeout, [this, id] { OnTimeout(id); });
  gateway_.TriggerCheckpoint(attempt_, id);
  TryTrigger();
}

void CheckpointCoordinator::OnTimeout(CheckpointId id) {
  if (pending_.count(id) != 0 && Find(id, PendingCheckpoint::Phase::kStoring) == nullptr) {
    Abort(id, AbortReason::kExpired);
  }
}

// --- Collecting

void CheckpointCoordinator::Acknowledge(SubtaskId subtask, Attempt attempt, CheckpointId checkpoint,
                                        std::vector<OperatorSnapshot> snapshots) {
  const auto found = pending_.find(checkpoint);
  AcknowledgeFacts facts;
  facts.is_pending = found != pending_.end();
  if (facts.is_pending) {
    const PendingCheckpoint& pending = found->second.checkpoint;
    facts.attempt_matches = pending.attempt() == attempt;
    facts.is_expected = pending.IsExpected(subtask);
    facts.is_acknowledged = pending.IsAcknowledged(subtask);
    facts.missing = pending.missing();
  }
  const AcknowledgeDecision decision = DecideAcknowledge(facts);
  switch (decision) {
    case AcknowledgeDecision::kLate:
      env_.tracer.Note(
          events::AcknowledgeLate(checkpoint.value, subtask.vertex.value, subtask.index, attempt.value));
      discarder_.Discard(checkpoint);
      return;
    case AcknowledgeDecision::kUnknown:
    case AcknowledgeDecision::kDuplicate:
      return;
    case AcknowledgeDecision::kCount:
    case AcknowledgeDecision::kComplete:
      break;
  }
  const absl::Status reached = env_.tracer.Reach(
      events::AcknowledgeReceived(checkpoint.value, subtask.vertex.value, subtask.index, attempt.value));
  if (absl::IsAborted(reached)) return;
  if (!reached.ok()) return Abort(checkpoint, AbortReason::kDeclined);
  found->second.checkpoint.Acknowledge(subtask, std::move(snapshots));
  if (decision == AcknowledgeDecision::kComplete) WriteMetadataFile(checkpoint);
}

void CheckpointCoordinator::Decline(Attempt attempt, CheckpointId checkpoint, const absl::Status& cause) {
  const Pending* pending = Find(checkpoint, PendingCheckpoint::Phase::kCollecting);
  if (pending == nullptr || pending->checkpoint.attempt() != attempt) return;
  const bool has_failed = !absl::IsCancelled(cause);
  Abort(checkpoint, has_failed ? AbortReason::kDeclined : AbortReason::kGivenUp, cause.message());
}

// --- Making it durable

CheckpointCoordinator::Pending* CheckpointCoordinator::Find(CheckpointId id, PendingCheckpoint::Phase phase) {
  const auto found = pending_.find(id);
  return found != pending_.end() && found->second.checkpoint.phase() == phase ? &found->second : nullptr;
}

void CheckpointCoordinator::WriteMetadataFile(CheckpointId id) {
  Pending& pending = pending_.at(id);
  pending.checkpoint.Enter(PendingCheckpoint::Phase::kWriting);
  const absl::Status reached = env_.tracer.Reach(events::MetadataWriting(id.value));
  if (absl::IsAborted(reached)) return;
  if (!reached.ok()) return Abort(id, AbortReason::kFinalizeFailed);
  absl::StatusOr<CheckpointMetadata> metadata = pending.checkpoint.TakeMetadata();
  if (!metadata.ok()) return Abort(id, AbortReason::kFinalizeFailed);
  absl::StatusOr<std::string> bytes = WriteMetadata(*metadata);
  if (!bytes.ok()) return Abort(id, AbortReason::kFinalizeFailed);
  pending.metadata = {*std::move(bytes), UnbilledOf(*metadata)};
  pending.shared = SharedStateRegistry::KeysOf(*metadata);
  PutMetadata(id);
}

void CheckpointCoordinator::PutMetadata(CheckpointId id) {
  const Pending* pending = Find(id, PendingCheckpoint::Phase::kWriting);
  if (pending == nullptr) return;
  env_.store.Put(actor_, MetadataPath(PathOf(id)), pending->metadata, PutMode::kIfAbsent,
                 [this, id](const absl::Status& status) { OnMetadataPut(id, status); });
}

void CheckpointCoordinator::OnMetadataPut(CheckpointId id, const absl::Status& status) {
  if (Find(id, PendingCheckpoint::Phase::kWriting) == nullptr) {
    discarder_.Discard(id);  // aborted meanwhile, and the put may have come after the deletion
    return;
  }
  if (status.ok()) return StorePointer(id);
  // An earlier try may have been applied without our knowing.
  if (absl::IsAlreadyExists(status)) return CompareMetadata(id);
  if (!absl::IsUnavailable(status)) return Abort(id, AbortReason::kFinalizeFailed);
  env_.executor.After(actor_, options_.retry_delay, [this, id] { PutMetadata(id); });
}

void CheckpointCoordinator::CompareMetadata(CheckpointId id) {
  env_.store.Get(actor_, MetadataPath(PathOf(id)), [this, id](absl::StatusOr<Blob> blob) {
    const Pending* pending = Find(id, PendingCheckpoint::Phase::kWriting);
    if (pending == nullptr) return discarder_.Discard(id);
    if (blob.ok() && blob->bytes == pending->metadata.bytes) return StorePointer(id);
    if (blob.ok() || !absl::IsUnavailable(blob.status())) return Abort(id, AbortReason::kFinalizeFailed);
    env_.executor.After(actor_, options_.retry_delay, [this, id] { PutMetadata(id); });
  });
}

void CheckpointCoordinator::StorePointer(CheckpointId id) {
  Pending& pending = pending_.at(id);
  const absl::Status reached =
      env_.tracer.Reach(events::MetadataWritten(id.value, pending.metadata.bytes.size()));
  if (absl::IsAborted(reached)) return;
  if (!reached.ok()) return Abort(id, AbortReason::kFinalizeFailed);
  env_.executor.Cancel(std::exchange(pending.timeout, TimerId()));
  pending.checkpoint.Enter(PendingCheckpoint::Phase::kStoring);
  store_.Add({id, PathOf(id)}, [this, id](absl::StatusOr<std::vector<CheckpointPointer>> dropped) {
    OnPointerStored(id, std::move(dropped));
  });
}

void CheckpointCoordinator::OnPointerStored(CheckpointId id,
                                            absl::StatusOr<std::vector<CheckpointPointer>> dropped) {
  if (dropped.ok()) return Complete(id, *dropped);
  // Superseded: a newer leader owns every file now, also this checkpoint's if its pointer got through.
  if (absl::IsAborted(dropped.status())) return;
  if (absl::IsFailedPrecondition(dropped.status())) return Abort(id, AbortReason::kSubsumed);
  gateway_.FailJob(dropped.status());
}

void CheckpointCoordinator::Complete(CheckpointId id, const std::vector<CheckpointPointer>& dropped) {
  const Attempt attempt = pending_.at(id).checkpoint.attempt();
  // Stored is stored: a failure from here on cannot undo the checkpoint, it fails the attempt, which recovers from it.
  absl::Status failure = env_.tracer.Reach(events::PointerStored(id.value));
  if (absl::IsAborted(failure)) return;
  const absl::Status completed = env_.tracer.Reach(events::CheckpointCompleted(id.value, attempt.value));
  if (absl::IsAborted(completed)) return;
  failure.Update(completed);
  shared_.Register(id, std::move(pending_.at(id).shared));
  pending_.erase(id);
  failures_.OnCompleted(id);
  last_failure_.clear();
  last_completion_ = env_.clock.Now();
  for (CheckpointId older : DecideSubsumption({id, PathOf(id)}, PendingIds(), {}, 1).aborted) {
    // One that waits in the store's queue hears from the store that it is subsumed.
    if (Find(older, PendingCheckpoint::Phase::kStoring) == nullptr) Abort(older, AbortReason::kSubsumed);
  }
  for (const CheckpointPointer& pointer : dropped) {
    env_.tracer.Note(events::CheckpointSubsumed(pointer.id.value));
    Drop(pointer.id);
  }
  if (!is_running_ || attempt != attempt_) return;
  if (!failure.ok()) return gateway_.FailJob(WithContext(failure, absl::StrCat("checkpoint ", id.value)));
  const absl::Status reached = env_.tracer.Reach(events::NotifyCompleteSent(id.value));
  if (absl::IsAborted(reached)) return;
  if (reached.ok()) gateway_.NotifyComplete(attempt, id);  // best effort: a later one makes up for it
  TryTrigger();
}

// --- Giving up

void CheckpointCoordinator::Abort(CheckpointId id, AbortReason reason, absl::string_view why) {
  const auto found = pending_.find(id);
  WEIR_CHECK(found != pending_.end(), "checkpoint ", id.value, " is not pending");
  const Attempt attempt = found->second.checkpoint.attempt();
  env_.executor.Cancel(found->second.timeout);
  pending_.erase(found);
  env_.tracer.Note(events::CheckpointAborted(id.value, static_cast<uint64_t>(reason)));
  if (is_running_ && attempt == attempt_) gateway_.NotifyAborted(attempt, id);
  discarder_.Discard(id);
  if (is_running_ && reason != AbortReason::kSubsumed) {
    last_failure_ =
        absl::StrCat("checkpoint ", id.value, " failed: ", Name(reason), why.empty() ? "" : ": ", why);
  }
  if (failures_.OnAborted(id, reason) && is_running_) {
    return gateway_.FailJob(absl::DeadlineExceededError(absl::StrCat(
        "more than ", options_.tolerable_failures, " checkpoints failed in a row: ", last_failure_)));
  }
  TryTrigger();
}

// --- Files

LateFiles CheckpointCoordinator::FateOf(CheckpointId id) const {
  return DecideLateFiles(id, pending_.count(id) != 0, store_.record());
}

bool CheckpointCoordinator::IsAllRegistered() const {
  const std::vector<CheckpointPointer>& retained = store_.record().retained;
  return std::all_of(retained.begin(), retained.end(),
                     [this](const auto& pointer) { return shared_.IsRegistered(pointer.id); });
}

bool CheckpointCoordinator::IsUnnamed(const std::string& key) const {
  const std::string job_path = absl::StrCat(options_.checkpoint_dir, "/", options_.job_id);
  SharedFileFacts facts;
  facts.creator = FateOf(CreatorOfShared(job_path, key));
  facts.is_named = shared_.IsNamed(key);
  facts.is_known = IsAllRegistered();
  return MayDeleteSharedFile(facts);
}

void CheckpointCoordinator::DiscardOrphans() {
  if (options_.has_shared_files) {
    for (const CheckpointPointer& pointer : store_.record().retained) RegisterRetained(pointer);
  }
  discarder_.DiscardOrphans();
}

void CheckpointCoordinator::RegisterRetained(const CheckpointPointer& pointer) {
  env_.store.Get(actor_, MetadataPath(pointer.path), [this, pointer](absl::StatusOr<Blob> blob) {
    const std::vector<CheckpointPointer>& retained = store_.record().retained;
    if (std::find(retained.begin(), retained.end(), pointer) == retained.end()) return;  // dropped meanwhile
    if (absl::IsUnavailable(blob.status())) {
      env_.executor.After(actor_, options_.retry_delay, [this, pointer] { RegisterRetained(pointer); });
      return;
    }
    if (!blob.ok()) return;
    const absl::StatusOr<VersionedMetadata> read = ReadMetadata(blob->bytes);
    // One that cannot be read keeps all shared files: it may name any of them.
    if (!read.ok()) return;
    shared_.Register(pointer.id, SharedStateRegistry::KeysOf(read->metadata));
    if (IsAllRegistered()) discarder_.DiscardOrphans();
  });
}

// Its files go, and those of earlier ones that only it still named.
void CheckpointCoordinator::Drop(CheckpointId id) {
  const std::string job_path = absl::StrCat(options_.checkpoint_dir, "/", options_.job_id);
  std::set<CheckpointId> creators{id};
  for (const std::string& key : shared_.Unregister(id)) creators.insert(CreatorOfShared(job_path, key));
  for (const CheckpointId creator : creators) discarder_.Discard(creator);
}

// --- For people

std::string CheckpointCoordinator::PathOf(CheckpointId id) const {
  return CheckpointPath(options_.checkpoint_dir, options_.job_id, id);
}

std::vector<CheckpointId> CheckpointCoordinator::PendingIds() const {
  std::vector<CheckpointId> ids;
  for (const auto& [id, pending] : pending_) ids.push_back(id);
  return ids;
}

std::string CheckpointCoordinator::Describe() const {
  const JobRecord& record = store_.record();
  return absl::StrCat(is_running_ ? "checkpointing" : "not checkpointing", ", ", pending_.size(),
                      " pending, newest completed ",
                      record.retained.empty() ? 0 : record.retained.back().id.value);
}

void CheckpointCoordinator::AppendWaits(std::vector<Wait>* waits) const {
  if (is_triggering_)
    waits->push_back({"checkpoint coordinator", "the id of the next checkpoint", "register"});
  for (const auto& [id, pending] : pending_) {
    const std::string who = absl::StrCat("checkpoint ", id.value);
    switch (pending.checkpoint.phase()) {
      case PendingCheckpoint::Phase::kCollecting:
        for (SubtaskId subtask : pending.checkpoint.MissingSubtasks()) {
          waits->push_back({who, "the acknowledgement", plan_.SubtaskName(subtask)});
        }
        break;
      case PendingCheckpoint::Phase::kWriting:
        waits->push_back({who, "its _metadata to be stored", "object store"});
        break;
      case PendingCheckpoint::Phase::kStoring:
        waits->push_back({who, "its pointer to be stored", "register"});
        break;
    }
  }
}

}  // namespace weir
