// Licensed under the Apache License, Version 2.0.
//
// The leader's hand on the job record in the replicated register (job_record.h): changes are applied one at a time, in
// the order of the calls, each by compare-and-set. A change whose answer was lost is resolved by reading the register;
// it is answered only once it is known whether it holds, however long that takes. So no caller ever has to act on
// "perhaps stored".
//
// Invariants:
//  1. record() is what the register held when it last answered us.
//  2. At most one compare-and-set is under way, and it is repeated with the same bytes against the same version until
//     its fate is known: a late first try can then only make the second fail, never apply twice.
//  3. Once a record of a newer epoch was seen, nothing is written any more: every change is answered kAborted.
#ifndef WEIR_RUNTIME_CHECKPOINT_COMPLETED_CHECKPOINT_STORE_H_
#define WEIR_RUNTIME_CHECKPOINT_COMPLETED_CHECKPOINT_STORE_H_

#include <deque>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "runtime/base/time.h"
#include "runtime/checkpoint/job_record.h"
#include "runtime/env/executor.h"
#include "runtime/env/register.h"

namespace weir {

class CompletedCheckpointStore {
 public:
  struct Options {
    std::string job_id;
    uint64_t epoch = 0;
    uint32_t num_retained = 1;
    Duration retry_delay;
  };
  using Done = absl::AnyInvocable<void(absl::Status)>;
  using Began = absl::AnyInvocable<void(absl::StatusOr<Attempt>)>;
  using Allocated = absl::AnyInvocable<void(absl::StatusOr<CheckpointId>)>;
  using Added = absl::AnyInvocable<void(absl::StatusOr<std::vector<CheckpointPointer>>)>;

  // Callbacks run as events of `actor`; they may call back in. Destroy it only after the actor was removed.
  CompletedCheckpointStore(Options options, ActorId actor, Executor& executor, Register& registry);

  // All changes answer kAborted if a newer leader took over, and kDataLoss if the register holds no job record.
  // The first change must be TakeOver: it reads the record and puts this epoch's fence into it.
  void TakeOver(Done done);
  // A new, larger attempt, which goes on with this parallelism (see JobRecord).
  void BeginAttempt(uint32_t parallelism, Began began);
  // A new, larger checkpoint id.
  void AllocateCheckpoint(Allocated allocated);
  // The checkpoint can be recovered from once this is OK. Answers what is retained no longer: its files may go.
  // kFailedPrecondition if a newer one is retained already.
  void Add(CheckpointPointer pointer, Added added);
  // No attempt will follow.
  void MarkFailed(Done done);
  // Called once, when a change meets the record of a newer leader, before that change is answered.
  void OnSuperseded(Done superseded) { superseded_ = std::move(superseded); }

  const JobRecord& record() const { return record_; }
  bool is_superseded() const { return is_superseded_; }
  bool is_idle() const { return changes_.empty(); }

 private:
  struct Change {
    absl::AnyInvocable<absl::Status(JobRecord*)>
        apply;  // may run again, on a newer record, until it is stored
    Done done;
  };

  void Enqueue(Change change);
  void RunNext();
  void Swap();
  void OnSwapped(absl::StatusOr<Versioned> answer);
  void Read();
  void OnRead(absl::StatusOr<Versioned> answer);
  void Finish(const absl::Status& status);

  const Options options_;
  const std::string key_;
  const ActorId actor_;
  Executor& executor_;
  Register& registry_;

  JobRecord record_;
  uint64_t version_ = 0;
  bool is_known_ = false;  // record_ and version_ were read
  bool is_superseded_ = false;
  Done superseded_;
  std::deque<Change> changes_;  // the first is under way
  std::string wanted_;          // what it tries to store; empty before its first compare-and-set
  JobRecord wanted_record_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_CHECKPOINT_COMPLETED_CHECKPOINT_STORE_H_
