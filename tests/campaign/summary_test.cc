#include "campaign/summary.h"

#include <catch2/catch.hpp>

namespace weir::campaign {
namespace {

RunRecord Run(uint64_t seed, properties::Outcome outcome, bool witnessed) {
  RunRecord record;
  record.scenario = "s";
  record.seed = seed;
  record.digest = {seed, 1};
  record.violated = outcome == properties::Outcome::kViolated;
  record.properties.push_back({"exactly-once", outcome, false, witnessed, ""});
  record.totals.events = 10;
  if (record.violated) record.signature = "exactly-once/sum/lost/";
  return record;
}

constexpr auto kHeld = properties::Outcome::kHeld;
constexpr auto kViolated = properties::Outcome::kViolated;

}  // namespace

TEST_CASE("summary: counts outcomes, sums and failures", "[campaign]") {
  SummaryBuilder builder({{"s", 1}});
  builder.Add(0, Run(3, kHeld, true));
  builder.Add(0, Run(4, kViolated, false));
  const Summary summary = builder.Build({{{"s", "exactly-once"}, "once"}}, false);
  CHECK(summary.verdict == "violated");
  CHECK(summary.runs == 2);
  CHECK(summary.totals.events == 20);
  REQUIRE(summary.properties.size() == 2);
  CHECK(summary.properties[0].claim == "once");
  CHECK(summary.properties[0].held == 1);
  CHECK(summary.properties[0].violated == 1);
  CHECK(summary.properties[0].witnessed == 1);
  CHECK(summary.properties[1].id == kNoCrash);
  CHECK(summary.properties[1].held == 2);
  REQUIRE(summary.failures.size() == 1);
  CHECK(summary.failures[0].seed == 4);
  CHECK(summary.failures[0].property == "exactly-once");
}

TEST_CASE("summary: a run that is undecided is an error, unless another broke a promise", "[campaign]") {
  SummaryBuilder builder({{"s", 1}});
  builder.Add(0, Run(3, kHeld, true));
  for (const uint64_t seed : {4, 5}) {
    RunRecord record = Run(seed, properties::Outcome::kNotJudged, true);
    record.end = RunRecord::End::kUndecided;
    record.message = "cut short";
    CHECK(record.Verdict() == "error");
    CHECK(RunRecord::Decode(record.Encode())->is_undecided());
    builder.Add(0, record);
  }
  const Summary summary = builder.Build({}, false);
  CHECK(summary.verdict == "error");
  CHECK(summary.undecided == 2);
  CHECK(summary.undecided_example == "s, seed 4: cut short");
  CHECK(summary.failures.empty());
  CHECK(summary.properties[0].held == 1);
  CHECK(summary.properties[0].not_judged == 2);
  CHECK(summary.properties[1].id == kNoCrash);
  CHECK(summary.properties[1].violated == 0);
  builder.Add(0, Run(6, kViolated, true));
  CHECK(builder.Build({}, false).verdict == "violated");
}

TEST_CASE("summary: of what must be broken the first message is kept, and it is no failure", "[campaign]") {
  SummaryBuilder builder({{"s", 1}});
  for (uint64_t seed = 3; seed <= 5; ++seed) {
    RunRecord record = Run(seed, kHeld, true);
    const bool is_broken = seed > 3;
    record.properties.push_back({"same", is_broken ? kViolated : kHeld, true, true,
                                 is_broken ? "differs" + std::to_string(seed) : ""});
    builder.Add(0, record);
  }
  const Summary summary = builder.Build({}, true);
  CHECK(summary.verdict == "held");
  CHECK(summary.failures.empty());
  CHECK(summary.properties[1].violated == 2);
  CHECK(summary.properties[1].broken.message == "differs4");
  CHECK(summary.properties[1].broken.seed == 4);
  CHECK(summary.properties[1].unjudged.message.empty());
}

TEST_CASE("summary: of what was not judged the first reason is kept", "[campaign]") {
  SummaryBuilder builder({{"s", 1}});
  for (uint64_t seed = 3; seed <= 5; ++seed) {
    RunRecord record = Run(seed, seed == 3 ? kHeld : properties::Outcome::kNotJudged, true);
    if (seed > 3) record.properties[0].remark = "too large" + std::to_string(seed);
    builder.Add(0, record);
  }
  const Summary summary = builder.Build({}, false);
  CHECK(summary.verdict == "held");
  CHECK(summary.properties[0].unjudged.message == "too large4");
  CHECK(summary.properties[0].unjudged.seed == 4);
  CHECK(summary.properties[0].broken.message.empty());
}

TEST_CASE("summary: a property that was never witnessed is vacuous, from the declared number of runs on",
          "[campaign]") {
  SummaryBuilder builder({{"s", 2}});
  builder.Add(0, Run(1, kHeld, false));
  CHECK(builder.Build({}, true).verdict == "held");
  builder.Add(0, Run(2, kHeld, false));
  CHECK(builder.Build({}, true).verdict == "vacuous");
  CHECK(builder.Build({}, false).verdict == "held");
  builder.Add(0, Run(3, kHeld, true));
  CHECK(builder.Build({}, true).verdict == "held");
}

TEST_CASE("summary: the digest depends on every run and on nothing else (two scenarios in turns)",
          "[campaign]") {
  const auto digest = [](bool in_turns, uint64_t last) {
    SummaryBuilder builder({{"s", 1}, {"t", 1}});
    if (in_turns) {
      builder.Add(0, Run(1, kHeld, true));
      builder.Add(1, Run(1, kHeld, true));
      builder.Add(0, Run(2, kHeld, true));
    } else {
      builder.Add(0, Run(1, kHeld, true));
      builder.Add(0, Run(2, kHeld, true));
      builder.Add(1, Run(1, kHeld, true));
    }
    builder.Add(1, Run(last, kHeld, true));
    return builder.Build({}, false).digest;
  };
  CHECK(digest(true, 2) == digest(false, 2));
  CHECK(digest(true, 2) != digest(true, 3));
}

TEST_CASE("summary: of more failures than fit all are counted, the first are kept", "[campaign]") {
  SummaryBuilder builder({{"s", 1}});
  for (uint64_t seed = 1; seed <= Summary::kFailuresMax + 5; ++seed)
    builder.Add(0, Run(seed, kViolated, false));
  const Summary summary = builder.Build({}, false);
  CHECK(summary.failures_total == Summary::kFailuresMax + 5);
  CHECK(summary.failures.size() == Summary::kFailuresMax);
  CHECK(summary.failures.front().seed == 1);
}

}  // namespace weir::campaign
