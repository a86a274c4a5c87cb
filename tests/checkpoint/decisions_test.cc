#include "runtime/checkpoint/decisions.h"

#include <catch2/catch.hpp>

#include "runtime/checkpoint/abort_reason.h"

namespace weir {
namespace {

CheckpointPointer Pointer(uint64_t id) { return {CheckpointId(id), absl::StrCat("chk-", id)}; }

std::vector<uint64_t> Ids(const std::vector<CheckpointPointer>& pointers) {
  std::vector<uint64_t> ids;
  for (const CheckpointPointer& pointer : pointers) ids.push_back(pointer.id.value);
  return ids;
}

TEST_CASE("trigger: every combination of facts has the outcome of the first rule that applies") {
  for (int bits = 0; bits < 16; ++bits) {
    TriggerFacts facts;
    facts.all_tasks_running = (bits & 1) != 0;
    facts.trigger_in_progress = (bits & 2) != 0;
    facts.pending = (bits & 4) != 0 ? 2 : 1;
    facts.max_concurrent = 2;
    facts.now = Instant::FromNanos(1000);
    facts.min_pause = Duration::Nanos(100);
    facts.last_completion = Instant::FromNanos((bits & 8) != 0 ? 950 : 900);
    const TriggerDecision expected = !facts.all_tasks_running    ? TriggerDecision::kNotAllTasksRunning
                                     : facts.trigger_in_progress ? TriggerDecision::kTriggerInProgress
                                     : (bits & 4) != 0           ? TriggerDecision::kTooManyPending
                                     : (bits & 8) != 0           ? TriggerDecision::kTooEarly
                                                                 : TriggerDecision::kTrigger;
    CAPTURE(bits);
    CHECK(DecideTrigger(facts) == expected);
  }
}

TEST_CASE("trigger: the minimum pause counts from the last completion, and not before there was one") {
  TriggerFacts facts;
  facts.all_tasks_running = true;
  facts.now = Instant::FromNanos(10);
  facts.min_pause = Duration::Nanos(50);
  CHECK(DecideTrigger(facts) == TriggerDecision::kTrigger);
  facts.last_completion = Instant::FromNanos(5);
  CHECK(DecideTrigger(facts) == TriggerDecision::kTooEarly);
  CHECK(EarliestTrigger(facts) == Instant::FromNanos(55));
  facts.now = Instant::FromNanos(55);
  CHECK(DecideTrigger(facts) == TriggerDecision::kTrigger);
}

TEST_CASE("trigger: a minimum pause above the interval replaces it") {
  CHECK(PeriodOf(Duration::Millis(10), Duration()).low == Duration());
  CHECK(PeriodOf(Duration::Millis(10), Duration()).high == Duration::Millis(10));
  CHECK(PeriodOf(Duration::Millis(10), Duration::Millis(30)).low == Duration::Millis(30));
  CHECK(PeriodOf(Duration::Millis(10), Duration::Millis(30)).high == Duration::Millis(30));
}

TEST_CASE("acknowledge: every combination of facts") {
  for (int bits = 0; bits < 32; ++bits) {
    AcknowledgeFacts facts;
    facts.is_pending = (bits & 1) != 0;
    facts.attempt_matches = (bits & 2) != 0;
    facts.is_expected = (bits & 4) != 0;
    facts.is_acknowledged = (bits & 8) != 0;
    facts.missing = (bits & 16) != 0 ? 2 : 1;
    const AcknowledgeDecision expected = !facts.is_pending        ? AcknowledgeDecision::kLate
                                         : !facts.attempt_matches ? AcknowledgeDecision::kUnknown
                                         : !facts.is_expected     ? AcknowledgeDecision::kUnknown
                                         : facts.is_acknowledged  ? AcknowledgeDecision::kDuplicate
                                         : facts.missing == 1     ? AcknowledgeDecision::kComplete
                                                                  : AcknowledgeDecision::kCount;
    CAPTURE(bits);
    CHECK(DecideAcknowledge(facts) == expected);
  }
}

TEST_CASE("late files: only what is neither pending, nor retained, nor of an unknown id may go") {
  JobRecord record;
  record.last_checkpoint = CheckpointId(9);
  record.retained = {Pointer(4), Pointer(7)};
  for (uint64_t id = 0; id <= 11; ++id) {
    const bool is_retained = id == 4 || id == 7;
    const bool may_go = id >= 1 && id <= 9 && !is_retained;
    CAPTURE(id);
    CHECK(DecideLateFiles(CheckpointId(id), false, record) ==
          (may_go ? LateFiles::kDiscard : LateFiles::kKeep));
    CHECK(DecideLateFiles(CheckpointId(id), true, record) == LateFiles::kKeep);
  }
}

TEST_CASE("subsumption: older pending ones are aborted, the oldest retained ones dropped") {
  const std::vector<CheckpointId> pending = {CheckpointId(5), CheckpointId(6), CheckpointId(8)};
  const std::vector<CheckpointPointer> retained = {Pointer(2), Pointer(4)};
  const Subsumption one = DecideSubsumption(Pointer(6), pending, retained, 1);
  CHECK(one.aborted == std::vector<CheckpointId>{CheckpointId(5)});
  CHECK(Ids(one.retained) == std::vector<uint64_t>{6});
  CHECK(Ids(one.dropped) == std::vector<uint64_t>{2, 4});
  const Subsumption two = DecideSubsumption(Pointer(6), {}, retained, 2);
  CHECK(Ids(two.retained) == std::vector<uint64_t>{4, 6});
  CHECK(Ids(two.dropped) == std::vector<uint64_t>{2});
  const Subsumption many = DecideSubsumption(Pointer(6), {}, retained, 9);
  CHECK(Ids(many.retained) == std::vector<uint64_t>{2, 4, 6});
  CHECK(many.dropped.empty());
}

TEST_CASE("subsumption: nothing is added behind a newer one") {
  CHECK_FALSE(IsSubsumed(CheckpointId(5), {}));
  CHECK_FALSE(IsSubsumed(CheckpointId(5), {Pointer(3), Pointer(4)}));
  CHECK(IsSubsumed(CheckpointId(5), {Pointer(4), Pointer(5)}));
  CHECK(IsSubsumed(CheckpointId(5), {Pointer(6)}));
}

TEST_CASE("recovery: takes the newest checkpoint, also as the only one") {
  CHECK_FALSE(ChooseCheckpoint({}).has_value());
  CHECK(ChooseCheckpoint({Pointer(3)})->id == CheckpointId(3));
  CHECK(ChooseCheckpoint({Pointer(3), Pointer(9)})->id == CheckpointId(9));
}

TEST_CASE("recovery: max parallelism is frozen by the state") {
  using D = MaxParallelismDecision;
  CHECK(DecideMaxParallelism(128, 128, true, 4) == D::kKeep);
  CHECK(DecideMaxParallelism(128, 128, false, 4) == D::kKeep);
  CHECK(DecideMaxParallelism(256, 128, false, 4) == D::kTakeFromState);
  CHECK(DecideMaxParallelism(256, 128, true, 4) == D::kMismatch);
  CHECK(DecideMaxParallelism(4, 128, false, 4) == D::kTakeFromState);
  CHECK(DecideMaxParallelism(3, 128, false, 4) == D::kTooLow);
  CHECK(DecideMaxParallelism(3, 3, true, 4) == D::kTooLow);
}

TEST_CASE("abort reasons: each has a name, and those that are the checkpoint's own fault count") {
  std::set<absl::string_view> names;
  for (int i = 1; i <= 7; ++i) names.insert(Name(static_cast<AbortReason>(i)));
  CHECK(names.size() == 7);
  CHECK(CountsAsFailure(AbortReason::kExpired));
  CHECK(CountsAsFailure(AbortReason::kDeclined));
  CHECK(CountsAsFailure(AbortReason::kTriggerFailed));
  CHECK(CountsAsFailure(AbortReason::kFinalizeFailed));
  CHECK_FALSE(CountsAsFailure(AbortReason::kSubsumed));
  CHECK_FALSE(CountsAsFailure(AbortReason::kFailover));
  CHECK_FALSE(CountsAsFailure(AbortReason::kGivenUp));
}

TEST_CASE("failure counter: fails the job when more than the tolerable number failed in a row") {
  CheckpointFailureCounter counter(1);
  CHECK_FALSE(counter.OnAborted(CheckpointId(1), AbortReason::kExpired));
  CHECK_FALSE(counter.OnAborted(CheckpointId(1), AbortReason::kDeclined));  // the same one again
  CHECK_FALSE(counter.OnAborted(CheckpointId(2), AbortReason::kSubsumed));
  counter.OnCompleted(CheckpointId(3));
  CHECK_FALSE(counter.OnAborted(CheckpointId(2), AbortReason::kExpired));  // older than the last success
  CHECK_FALSE(counter.OnAborted(CheckpointId(4), AbortReason::kExpired));
  CHECK(counter.OnAborted(CheckpointId(5), AbortReason::kFinalizeFailed));
  CHECK_FALSE(counter.OnAborted(CheckpointId(6), AbortReason::kExpired));  // counted anew
}

TEST_CASE("failure counter: the default tolerates nothing") {
  CheckpointFailureCounter counter(0);
  CHECK_FALSE(counter.OnAborted(CheckpointId(1), AbortReason::kFailover));
  CHECK(counter.OnAborted(CheckpointId(2), AbortReason::kExpired));
}

}  // namespace
}  // namespace weir
