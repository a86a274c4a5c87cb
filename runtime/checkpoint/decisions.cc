#include "runtime/checkpoint/decisions.h"

#include <algorithm>

#include "runtime/base/check.h"

namespace weir {

Instant EarliestTrigger(const TriggerFacts& facts) {
  return facts.last_completion ? *facts.last_completion + facts.min_pause : facts.now;
}

TriggerDecision DecideTrigger(const TriggerFacts& facts) {
  if (!facts.all_tasks_running) return TriggerDecision::kNotAllTasksRunning;
  if (facts.trigger_in_progress) return TriggerDecision::kTriggerInProgress;
  if (facts.pending >= facts.max_concurrent) return TriggerDecision::kTooManyPending;
  if (EarliestTrigger(facts) > facts.now) return TriggerDecision::kTooEarly;
  return TriggerDecision::kTrigger;
}

TriggerPeriod PeriodOf(Duration interval, Duration min_pause) {
  return {min_pause, std::max(interval, min_pause)};
}

AcknowledgeDecision DecideAcknowledge(const AcknowledgeFacts& facts) {
  if (!facts.is_pending) return AcknowledgeDecision::kLate;
  if (!facts.attempt_matches || !facts.is_expected) return AcknowledgeDecision::kUnknown;
  if (facts.is_acknowledged) return AcknowledgeDecision::kDuplicate;
  WEIR_CHECK(facts.missing > 0, "an expected acknowledgement came though none was missing");
  return facts.missing == 1 ? AcknowledgeDecision::kComplete : AcknowledgeDecision::kCount;
}

LateFiles DecideLateFiles(CheckpointId checkpoint, bool is_pending, const JobRecord& record) {
  if (is_pending) return LateFiles::kKeep;
  // An id that this leader never heard of: it cannot know whose it is.
  if (checkpoint.value == 0 || checkpoint > record.last_checkpoint) return LateFiles::kKeep;
  for (const CheckpointPointer& pointer : record.retained) {
    if (pointer.id == checkpoint) return LateFiles::kKeep;
  }
  return LateFiles::kDiscard;
}

bool MayDeleteSharedFile(const SharedFileFacts& facts) {
  return facts.is_known && !facts.is_named && facts.creator == LateFiles::kDiscard;
}

Subsumption DecideSubsumption(const CheckpointPointer& completed, const std::vector<CheckpointId>& pending,
                              const std::vector<CheckpointPointer>& retained, uint32_t num_retained) {
  WEIR_CHECK(num_retained >= 1);
  WEIR_CHECK(!IsSubsumed(completed.id, retained), "checkpoint ", completed.id.value, " is not the newest");
  Subsumption result;
  for (CheckpointId id : pending) {
    if (id < completed.id) result.aborted.push_back(id);
  }
  result.retained = retained;
  result.retained.push_back(completed);
  const size_t excess = result.retained.size() > num_retained ? result.retained.size() - num_retained : 0;
  const auto first_kept = result.retained.begin() + static_cast<std::ptrdiff_t>(excess);
  result.dropped.assign(result.retained.begin(), first_kept);
  result.retained.erase(result.retained.begin(), first_kept);
  return result;
}

bool IsSubsumed(CheckpointId checkpoint, const std::vector<CheckpointPointer>& retained) {
  return !retained.empty() && retained.back().id >= checkpoint;
}

std::optional<CheckpointPointer> ChooseCheckpoint(const std::vector<CheckpointPointer>& retained) {
  if (retained.empty()) return std::nullopt;
  return *std::max_element(retained.begin(), retained.end(),
                           [](const auto& a, const auto& b) { return a.id < b.id; });
}

MaxParallelismDecision DecideMaxParallelism(uint32_t of_state, uint32_t of_job, bool is_explicit,
                                            uint32_t parallelism) {
  if (of_state < parallelism) return MaxParallelismDecision::kTooLow;
  if (of_state == of_job) return MaxParallelismDecision::kKeep;
  return is_explicit ? MaxParallelismDecision::kMismatch : MaxParallelismDecision::kTakeFromState;
}

}  // namespace weir
