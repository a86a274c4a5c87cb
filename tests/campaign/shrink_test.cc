#include "campaign/shrink.h"

#include <catch2/catch.hpp>

#include "campaign/replay.h"

namespace weir::campaign {
namespace {

using faults::FaultKind;
using faults::KeptRecords;
using faults::Plan;

faults::Fault Of(FaultKind kind, uint64_t occurrence = 8) {
  faults::Fault fault;
  fault.action.kind = kind;
  fault.trigger.kind = faults::Trigger::Kind::kEvent;
  fault.trigger.event = EventId::kCheckpointAcknowledged;
  fault.trigger.occurrence = occurrence;
  fault.trigger.delay = Duration::Millis(4);
  fault.trigger.where = {{"vertex", 1}};
  fault.action.silent = true;
  return fault;
}

const std::vector<KeptRecords> kRecords{{"in", 0, {{0, 100}}}, {"in", 1, {{0, 100}}}};

bool Keeps(const Plan& plan, uint32_t split, uint64_t offset) {
  for (const KeptRecords& kept : plan.kept) {
    for (const auto& [begin, end] : kept.ranges) {
      if (kept.split == split && offset >= begin && offset < end) return true;
    }
  }
  return plan.kept.empty();
}

uint64_t Count(const Plan& plan, FaultKind kind) {
  uint64_t count = 0;
  for (const faults::Fault& fault : plan.faults) count += fault.action.kind == kind ? 1 : 0;
  return count;
}

RunRecord Outcome(const Plan& plan, bool violated,
                  const std::string& signature = "exactly-once/sum/lost/upload") {
  RunRecord record;
  record.seed = plan.seed;
  record.violated = violated;
  record.signature = violated ? signature : "";
  record.fault_fired.assign(plan.faults.size(), true);
  return record;
}

Plan BigPlan() {
  Plan plan;
  plan.scenario = "s";
  plan.schedule.strategy = sim::ScheduleStrategy::kRandom;
  plan.faults = {Of(FaultKind::kPause),    Of(FaultKind::kCrashTaskManager), Of(FaultKind::kNetCut),
                 Of(FaultKind::kDiskFull), Of(FaultKind::kStoreSlow),        Of(FaultKind::kCrashJobManager)};
  return plan;
}

ShrinkResult Shrunk(const Plan& plan, const std::function<RunRecord(const Plan&)>& run,
                    uint64_t runs_max = 1000) {
  const Evaluate evaluate = [&](const Plan& candidate) -> absl::StatusOr<RunRecord> {
    return run(candidate);
  };
  absl::StatusOr<ShrinkResult> result = Shrink(plan, kRecords, evaluate, {runs_max});
  REQUIRE(result.ok());
  return *std::move(result);
}

TEST_CASE("shrinker: two faults and two records of six and two hundred are left", "[campaign][shrink]") {
  const ShrinkResult result = Shrunk(BigPlan(), [](const Plan& plan) {
    return Outcome(plan, Count(plan, FaultKind::kPause) > 0 && Count(plan, FaultKind::kCrashJobManager) > 0 &&
                             Keeps(plan, 0, 37) && Keeps(plan, 1, 99));
  });
  CHECK(result.plan.faults.size() == 2);
  CHECK(result.faults_before == 6);
  CHECK(result.records_before == 200);
  CHECK(result.records_after == 2);
  CHECK(Keeps(result.plan, 0, 37));
  CHECK(Keeps(result.plan, 1, 99));
  CHECK(result.plan.schedule.strategy == sim::ScheduleStrategy::kFifo);
  for (const faults::Fault& fault : result.plan.faults) {
    CHECK(fault.trigger.delay == Duration());
    CHECK(fault.trigger.occurrence == 1);
    CHECK(fault.trigger.where.empty());
    CHECK(!fault.action.silent);
  }
  CHECK(result.plan.expect->signature == "exactly-once/sum/lost/upload");
}

TEST_CASE("shrinker: another failure is not taken for the same", "[campaign][shrink]") {
  const ShrinkResult result = Shrunk(BigPlan(), [](const Plan& plan) {
    const bool same = Count(plan, FaultKind::kPause) > 0;
    return Outcome(plan, true, same ? "exactly-once/sum/lost/upload" : "progress//stuck/");
  });
  CHECK(result.plan.faults.size() == 1);
  CHECK(Count(result.plan, FaultKind::kPause) == 1);
}

TEST_CASE("shrinker: the phase may change", "[campaign][shrink]") {
  const ShrinkResult result = Shrunk(BigPlan(), [](const Plan& plan) {
    return Outcome(plan, true,
                   plan.faults.empty() ? "exactly-once/sum/lost/" : "exactly-once/sum/lost/upload");
  });
  CHECK(result.plan.faults.empty());
}

TEST_CASE("shrinker: never more runs than allowed, and the plan still fails", "[campaign][shrink]") {
  for (uint64_t runs_max : {1u, 5u, 20u, 60u}) {
    uint64_t runs = 0;
    const auto fails = [](const Plan& plan) {
      return Keeps(plan, 0, 10) && Keeps(plan, 0, 80) && !plan.faults.empty();
    };
    const ShrinkResult result = Shrunk(
        BigPlan(), [&](const Plan& plan) { return ++runs, Outcome(plan, fails(plan)); }, runs_max);
    CHECK(runs <= runs_max);
    CHECK(result.runs == runs);
    CHECK(fails(result.plan));
  }
}

TEST_CASE("shrinker: a plan that holds is refused", "[campaign][shrink]") {
  const Evaluate evaluate = [](const Plan& plan) -> absl::StatusOr<RunRecord> {
    return Outcome(plan, false);
  };
  CHECK(Shrink(BigPlan(), kRecords, evaluate, {}).status().code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("shrinker: records that do not matter go, all of them", "[campaign][shrink]") {
  const ShrinkResult result =
      Shrunk(BigPlan(), [](const Plan& plan) { return Outcome(plan, Count(plan, FaultKind::kPause) > 0); });
  CHECK(result.records_after == 0);
  CHECK(result.plan.kept.size() == 2);
}

TEST_CASE("replay: digests count only for the same sources", "[campaign][replay]") {
  RunRecord record;
  record.violated = true;
  record.signature = "exactly-once/sum/lost/upload";
  record.digest = StableHash128("a");
  faults::Expectation expect{"violated", "exactly-once/sum/lost/align", record.digest.ToHex(), "source"};
  CHECK(!Compare(expect, record, "source").mismatch);
  CHECK(!Compare(expect, record, "other").mismatch);
  expect.digest = StableHash128("b").ToHex();
  CHECK(Compare(expect, record, "source").mismatch);
  CHECK(!Compare(expect, record, "other").mismatch);
  CHECK(!Compare(expect, record, "").mismatch);
  expect.digest = record.digest.ToHex();
  expect.verdict = "held";
  CHECK(Compare(expect, record, "source").mismatch);
  CHECK(!Compare(expect, record, "other").mismatch);
}

}  // namespace
}  // namespace weir::campaign
