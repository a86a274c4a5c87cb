// Licensed under the Apache License, Version 2.0.
//
// What the checkpoint coordinator decides, without doing it: pure functions from facts to an outcome. The coordinator
// gathers the facts, asks, and carries the answer out.
#ifndef WEIR_RUNTIME_CHECKPOINT_DECISIONS_H_
#define WEIR_RUNTIME_CHECKPOINT_DECISIONS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/base/ids.h"
#include "runtime/base/time.h"
#include "runtime/checkpoint/job_record.h"

namespace weir {

// --- May a periodic checkpoint begin now?
struct TriggerFacts {
  bool all_tasks_running = false;
  bool trigger_in_progress = false;  // an id is being allocated for an earlier request
  uint32_t pending = 0;
  uint32_t max_concurrent = 1;
  Instant now;
  std::optional<Instant> last_completion;
  Duration min_pause;
};
enum class TriggerDecision : uint8_t {
  kTrigger,
  kNotAllTasksRunning,  // the request is dropped
  kTriggerInProgress,   // the request waits
  kTooManyPending,      // the request waits until one completes or aborts
  kTooEarly,            // the request is put off to EarliestTrigger
};
TriggerDecision DecideTrigger(const TriggerFacts& facts);
// When the minimum pause since the last completion will be over; now or earlier if it is.
Instant EarliestTrigger(const TriggerFacts& facts);
// The first trigger of an attempt comes after a delay drawn between these two; later ones follow at `high`.
struct TriggerPeriod {
  Duration low;
  Duration high;
};
TriggerPeriod PeriodOf(Duration interval, Duration min_pause);

// --- What does an acknowledgement mean?
struct AcknowledgeFacts {
  bool is_pending = false;       // the checkpoint is; the rest is meaningless if not
  bool attempt_matches = false;  // the acknowledging execution belongs to the attempt that was triggered
  bool is_expected = false;      // there is such a subtask
  bool is_acknowledged = false;  // it acknowledged before
  uint32_t missing = 0;          // acknowledgements still missing, before this one
};
enum class AcknowledgeDecision : uint8_t {
  kCount,
  kComplete,   // count it, and it was the last
  kDuplicate,  // ignore it; its files are the checkpoint's
  kUnknown,  // ignore it; nobody asked this execution. Its files lie in the folder of a pending checkpoint: keep them
  kLate,  // the checkpoint is not pending (any more): see DecideLateFiles
};
AcknowledgeDecision DecideAcknowledge(const AcknowledgeFacts& facts);

// --- May the folder of `checkpoint` be deleted, when something turns up for it that nobody waits for?
enum class LateFiles : uint8_t { kKeep, kDiscard };
LateFiles DecideLateFiles(CheckpointId checkpoint, bool is_pending, const JobRecord& record);

// --- What does the completion of a checkpoint displace?
struct Subsumption {
  std::vector<CheckpointId> aborted;        // pending ones that are older
  std::vector<CheckpointPointer> retained;  // ascending, the new one last
  std::vector<CheckpointPointer> dropped;   // retained before, no longer
};
// REQUIRES: completed is newer than all retained ones; num_retained >= 1.
Subsumption DecideSubsumption(const CheckpointPointer& completed, const std::vector<CheckpointId>& pending,
                              const std::vector<CheckpointPointer>& retained, uint32_t num_retained);
// Whether a checkpoint may still be added: not once a newer one is there.
bool IsSubsumed(CheckpointId checkpoint, const std::vector<CheckpointPointer>& retained);

// --- Which checkpoint does recovery take? Always the newest: sinks may have committed what it contains, so an older
// one would do that work twice, even if the newest cannot be read just now.
std::optional<CheckpointPointer> ChooseCheckpoint(const std::vector<CheckpointPointer>& retained);

// --- Which max parallelism does a restored vertex get? The number of key groups is frozen by the first snapshot.
enum class MaxParallelismDecision : uint8_t {
  kKeep,
  kTakeFromState,  // the job's was derived, not chosen
  kTooLow,         // the state has fewer key groups than the job has subtasks: refuse
  kMismatch,       // the author chose another one: refuse
};
MaxParallelismDecision DecideMaxParallelism(uint32_t of_state, uint32_t of_job, bool is_explicit,
                                            uint32_t parallelism);

// --- May a file that several checkpoints may name be deleted?
struct SharedFileFacts {
  LateFiles creator = LateFiles::kKeep;  // what holds for the checkpoint that made it
  bool is_named = false;                 // by a retained checkpoint
  bool is_known = false;                 // what all of the retained ones name
};
// A task builds only on a checkpoint that was complete and on files that all later ones of its own name alike. So whatever
// a checkpoint on its way names from earlier ones, the newest retained one names too, and need not be asked about here.
bool MayDeleteSharedFile(const SharedFileFacts& facts);

}  // namespace weir

#endif  // WEIR_RUNTIME_CHECKPOINT_DECISIONS_H_
