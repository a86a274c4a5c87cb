#include "runtime/checkpoint/completed_checkpoint_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/checkpoint/decisions.h"

namespace weir {

CompletedCheckpointStore::CompletedCheckpointStore(Options options, ActorId actor, Executor& executor,
                                                   Register& registry)
    : options_(std::move(options)),
      key_(JobRecordKey(options_.job_id)),
      actor_(actor),
      executor_(executor),
      registry_(registry) {}

void CompletedCheckpointStore::TakeOver(Done done) {
  WEIR_CHECK(!is_known_ && changes_.empty(), "a leader takes over once, and first of all");
  Enqueue({[](JobRecord*) { return absl::OkStatus(); }, std::move(done)});
}

void CompletedCheckpointStore::BeginAttempt(uint32_t parallelism, Began began) {
  Enqueue({[parallelism](JobRecord* record) {
             ++record->attempt.value;
             record->parallelism = parallelism;
             return absl::OkStatus();
           },
           [this, began = std::move(began)](const absl::Status& status) mutable {
             status.ok() ? began(record_.attempt) : began(status);
           }});
}

void CompletedCheckpointStore::AllocateCheckpoint(Allocated allocated) {
  Enqueue({[](JobRecord* record) {
             ++record->last_checkpoint.value;
             return absl::OkStatus();
           },
           [this, allocated = std::move(allocated)](const absl::Status& status) mutable {
             status.ok() ? allocated(record_.last_checkpoint) : allocated(status);
           }});
}

void CompletedCheckpointStore::Add(CheckpointPointer pointer, Added added) {
  auto dropped = std::make_unique<std::vector<CheckpointPointer>>();
  std::vector<CheckpointPointer>* out = dropped.get();
  auto apply = [this, out, pointer = std::move(pointer)](JobRecord* record) -> absl::Status {
    if (IsSubsumed(pointer.id, record->retained)) {
      return absl::FailedPreconditionError(absl::StrCat(
          "checkpoint ", pointer.id.value, " is subsumed by checkpoint ", record->retained.back().id.value));
    }
    Subsumption subsumption = DecideSubsumption(pointer, {}, record->retained, options_.num_retained);
    record->retained = std::move(subsumption.retained);
    *out = std::move(subsumption.dropped);
    return absl::OkStatus();
  };
  Enqueue({std::move(apply),
           [dropped = std::move(dropped), added = std::move(added)](const absl::Status& status) mutable {
             status.ok() ? added(std::move(*dropped)) : added(status);
           }});
}

void CompletedCheckpointStore::MarkFailed(Done done) {
  Enqueue({[](JobRecord* record) {
             record->failed = true;
             return absl::OkStatus();
           },
           std::move(done)});
}

void CompletedCheckpointStore::Enqueue(Change change) {
  changes_.push_back(std::move(change));
  // Started from an event of its own: no callback runs inside the call that asked for it.
  if (changes_.size() == 1) executor_.Post(actor_, [this] { RunNext(); });
}

void CompletedCheckpointStore::RunNext() {
  if (changes_.empty()) return;
  if (is_superseded_) return Finish(absl::AbortedError("a newer job manager took over"));
  wanted_.clear();
  is_known_ ? Swap() : Read();
}

void CompletedCheckpointStore::Swap() {
  JobRecord next = record_;
  if (absl::Status status = changes_.front().apply(&next); !status.ok()) return Finish(status);
  next.epoch = options_.epoch;
  ++next.write;
  wanted_ = next.Encode();
  wanted_record_ = std::move(next);
  registry_.CompareAndSet(actor_, key_, version_, wanted_,
                          [this](absl::StatusOr<Versioned> answer) { OnSwapped(std::move(answer)); });
}

void CompletedCheckpointStore::OnSwapped(absl::StatusOr<Versioned> answer) {
  if (answer.ok()) {
    version_ = answer->version;
    record_ = wanted_record_;
    return Finish(absl::OkStatus());
  }
  // Whatever the error says, the swap may have been applied: only the register knows.
  if (absl::IsAborted(answer.status())) return Read();
  executor_.After(actor_, options_.retry_delay, [this] { Read(); });
}

void CompletedCheckpointStore::Read() {
  registry_.Read(actor_, key_, [this](absl::StatusOr<Versioned> answer) { OnRead(std::move(answer)); });
}

void CompletedCheckpointStore::OnRead(absl::StatusOr<Versioned> answer) {
  if (!answer.ok()) {
    executor_.After(actor_, options_.retry_delay, [this] { Read(); });
    return;
  }
  absl::StatusOr<JobRecord> found = JobRecord::Decode(answer->value);
  if (!found.ok()) return Finish(WithContext(found.status(), absl::StrCat("register ", key_)));
  const bool is_ours = !wanted_.empty() && answer->value == wanted_;
  if (found->epoch > options_.epoch) {
    is_superseded_ = true;
    const absl::Status reason =
        absl::AbortedError(absl::StrCat("the job manager of epoch ", found->epoch, " took over"));
    if (superseded_) superseded_(reason);
    return Finish(reason);
  }
  WEIR_CHECK(is_ours || !is_known_ || record_.epoch < options_.epoch || *found == record_,
             "somebody else writes as epoch ", options_.epoch);
  is_known_ = true;
  version_ = answer->version;
  record_ = *std::move(found);
  if (is_ours) return Finish(absl::OkStatus());
  Swap();
}

void CompletedCheckpointStore::Finish(const absl::Status& status) {
  Change change = std::move(changes_.front());
  wanted_.clear();
  // The next one starts first, so that a callback that asks for another change finds the queue in order.
  changes_.pop_front();
  if (!changes_.empty()) executor_.Post(actor_, [this] { RunNext(); });
  change.done(status);
}

}  // namespace weir
