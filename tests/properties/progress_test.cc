#include "properties/progress.h"

#include "tests/properties/synthetic.h"

namespace weir::properties {

TEST_CASE("progress: waits are followed from the newest checkpoint to the cause", "[properties][progress]") {
  const std::vector<Wait> waits = {
      {"checkpoint 6", "an acknowledgement", "map[1]"},
      {"channel map[0] -> sum[1]", "credit", "sum[1]"},
      {"map[1]", "records", "source[0]"},
      {"checkpoint 7", "the barrier", "channel map[0] -> sum[1]"},
      {"sum[1]", "an answer", "object store"},
  };
  CHECK(ExplainWaits(waits) ==
        "checkpoint 7 waits for the barrier from channel map[0] -> sum[1], which waits for credit from "
        "sum[1], which "
        "waits for an answer from object store");
}

TEST_CASE("progress: without a checkpoint the chain begins at the job, else at its head",
          "[properties][progress]") {
  CHECK(ExplainWaits({{"a", "x", "b"}, {"job", "slots", "task-manager-1"}}) ==
        "job waits for slots from task-manager-1");
  CHECK(ExplainWaits({{"b", "y", "c"}, {"a", "x", "b"}}) == "a waits for x from b, which waits for y from c");
  CHECK(ExplainWaits({{"a", "time", ""}}) == "a waits for time");
  CHECK(ExplainWaits({}).empty());
}

TEST_CASE("progress: a circle of waits is told as one", "[properties][progress]") {
  CHECK(ExplainWaits({{"a", "x", "b"}, {"b", "y", "a"}}) ==
        "a waits for x from b, which waits for y from a, which closes the circle");
}

TEST_CASE("progress: of several waits the one that leads further is followed", "[properties][progress]") {
  CHECK(ExplainWaits({{"job", "time", ""}, {"job", "a slot", "tm"}, {"tm", "its disk", "disk"}}) ==
        "job waits for a slot from tm, which waits for its disk from disk");
}

TEST_CASE("progress: verdict by how the run ended", "[properties][progress]") {
  const JobShape job = SumJob();
  const FakeOutside outside;
  const std::unique_ptr<Property> progress = MakeProgress();
  progress->Begin(job, outside);
  RunEnd end;
  SECTION("drained") {
    end.drained = true;
    CHECK(progress->End(end).outcome == Outcome::kHeld);
  }
  SECTION("stuck") {
    end.stopped_because = "deadline";
    end.waits = {{"checkpoint 3", "an acknowledgement", "sum[0]"}};
    const Verdict verdict = progress->End(end);
    CHECK(verdict.outcome == Outcome::kViolated);
    CHECK(verdict.signature.ToString() == "progress//stuck/");
    CHECK(verdict.message.find("checkpoint 3 waits for an acknowledgement from sum[0]") != std::string::npos);
  }
  SECTION("stuck, with what failed before") {
    end.last_failure = "attempt 4 failed: sum[0]: no key is set";
    const Verdict verdict = progress->End(end);
    CHECK(verdict.message.find("nobody says what it waits for; attempt 4 failed: sum[0]: no key is set") !=
          std::string::npos);
  }
  SECTION("beyond the budget") {
    end.within_budget = false;
    CHECK(progress->End(end).outcome == Outcome::kNotJudged);
  }
}

TEST_CASE("progress: a job may fail of faults alone", "[properties][progress]") {
  const JobShape job = SumJob();
  const FakeOutside outside;
  const std::unique_ptr<Property> progress = MakeProgress();
  progress->Begin(job, outside);
  const auto second = [](int64_t number) { return Instant() + Duration::Seconds(number); };
  RunEnd end;
  end.job_failed = true;
  end.last_failure = "attempt 2 failed: sum[0]: the state is too large";
  end.recovery_max = Duration::Seconds(10);
  Tell(*progress, events::JobScheduled(1, 2), second(1));
  SECTION("no fault had struck") {
    const Verdict verdict = progress->End(end);
    CHECK(verdict.outcome == Outcome::kViolated);
    CHECK(verdict.signature.ToString() == "progress//failed/");
    CHECK(verdict.message ==
          "the job failed, and no fault had struck: attempt 2 failed: sum[0]: the state is too large");
  }
  SECTION("the last attempt began within a recovery of the last fault") {
    Tell(*progress, events::FaultFired(0), second(3));
    end.calm_since = second(3);
    Tell(*progress, events::JobScheduled(2, 2), second(3) + end.recovery_max - Duration::Nanos(1));
    const Verdict verdict = progress->End(end);
    CHECK(verdict.outcome == Outcome::kNotJudged);
    CHECK(verdict.message.find("the state is too large") != std::string::npos);
  }
  SECTION("the last attempt began after the last fault had passed") {
    Tell(*progress, events::FaultFired(0), second(3));
    end.calm_since = second(3);
    Tell(*progress, events::JobScheduled(2, 2), second(3) + end.recovery_max);
    const Verdict verdict = progress->End(end);
    CHECK(verdict.outcome == Outcome::kViolated);
    CHECK(verdict.message.find("an attempt that began 10.000 s after the last fault") != std::string::npos);
  }
}

TEST_CASE("progress: the twin needs a checkpoint after a fault", "[properties][progress]") {
  const JobShape job = SumJob();
  const FakeOutside outside;
  const std::unique_ptr<Property> progress = MakeProgress();
  progress->Begin(job, outside);
  Tell(*progress, events::CheckpointCompleted(1, 1));
  Tell(*progress, events::FaultFired(0));
  CHECK_FALSE(progress->Witnessed());
  Tell(*progress, events::CheckpointCompleted(2, 1));
  CHECK(progress->Witnessed());
}

}  // namespace weir::properties
