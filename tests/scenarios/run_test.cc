// Whole clusters: each scenario over some seeds. The long campaigns are run by the tests of the command line.
#include "scenarios/run.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace weir::scenarios {
namespace {

struct Tally {
  uint64_t held = 0;
  uint64_t violated = 0;
  uint64_t not_judged = 0;
  uint64_t witnessed = 0;
};

struct Campaign {
  std::map<std::string, Tally> properties;
  std::vector<std::string> violations;  // of what should hold
  std::vector<std::string> broken_as_it_must;
  uint64_t restarts = 0;
  uint64_t scaled_up = 0;
  uint64_t scaled_down = 0;
};

Campaign RunSeeds(const std::string& name, const RunSpec& spec, uint64_t seeds) {
  ScenarioRegistry registry;
  AddBundled(registry);
  const Scenario& scenario = *registry.Find(name);
  REQUIRE(CheckSpec(scenario, spec).ToString() == "OK");
  Campaign campaign;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    const RunResult result = Run(scenario, spec, GeneratePlan(scenario, spec, seed));
    if (result.Violated()) campaign.violations.push_back(absl::StrCat("seed ", seed, ": ", result.message));
    campaign.restarts += result.totals.restarts;
    campaign.scaled_up += result.totals.scaled_up;
    campaign.scaled_down += result.totals.scaled_down;
    for (const PropertyResult& property : result.properties) {
      Tally& tally = campaign.properties[property.id];
      tally.held += property.verdict.outcome == properties::Outcome::kHeld;
      tally.violated += property.verdict.outcome == properties::Outcome::kViolated;
      tally.not_judged += property.verdict.outcome == properties::Outcome::kNotJudged;
      tally.witnessed += property.witnessed;
      if (property.expected_broken && property.verdict.outcome == properties::Outcome::kViolated)
        campaign.broken_as_it_must.push_back(property.verdict.message);
    }
  }
  return campaign;
}

}  // namespace

TEST_CASE("scenarios: promises hold under faults, and something happened (60 seeds)", "[scenarios][run]") {
  const std::string name =
      GENERATE("account-totals", "count-window-average", "word-count", "session-timers", "ttl-cache",
               "side-outputs", "fraud-patterns", "enrichment", "buffering-sink", "log-offsets");
  INFO(name);
  const Campaign campaign = RunSeeds(name, RunSpec(), 60);
  CHECK(campaign.violations == std::vector<std::string>());
  CHECK(campaign.restarts > 20);
  for (const auto& [id, tally] : campaign.properties) {
    INFO(id);
    CHECK(tally.held >= 58);
    CHECK(tally.witnessed > 15);
  }
}

TEST_CASE("scenarios: jobs go on from a checkpoint with more and with less parallelism (60 seeds)",
          "[scenarios][run]") {
  const std::string name =
      GENERATE("account-totals", "count-window-average", "word-count", "side-outputs", "fraud-patterns",
               "enrichment", "buffering-sink", "log-offsets", "external-database");
  const std::string faults = GENERATE("rescale", "rescale,crash,net");
  INFO(name << " " << faults);
  RunSpec spec;
  spec.faults = faults;
  const Campaign campaign = RunSeeds(name, spec, 60);
  CHECK(campaign.violations == std::vector<std::string>());
  // Amid others a rescale may come too late, or find nothing that restarts.
  const uint64_t enough = faults == "rescale" ? 10 : 3;
  CHECK(campaign.scaled_up > enough);
  CHECK(campaign.scaled_down > enough);
}

TEST_CASE("scenarios: without faults nothing restarts, and everything drains", "[scenarios][run]") {
  const std::string name =
      GENERATE("account-totals", "count-window-average", "word-count", "external-database", "session-timers",
               "ttl-cache", "side-outputs", "fraud-patterns", "enrichment", "buffering-sink", "log-offsets");
  INFO(name);
  RunSpec spec;
  spec.faults = "none";
  const Campaign campaign = RunSeeds(name, spec, 5);
  CHECK(campaign.restarts == 0);
  for (const auto& [id, tally] : campaign.properties) {
    INFO(id);
    CHECK(tally.held == 5);
  }
}

TEST_CASE("scenarios: at-least-once mode duplicates, and loses nothing (60 seeds)", "[scenarios][run]") {
  RunSpec spec;
  spec.options.Set("execution.checkpointing.mode", "AT_LEAST_ONCE");
  spec.properties = {"exactly-once", "at-least-once"};
  const Campaign campaign = RunSeeds("account-totals", spec, 60);
  CHECK(campaign.properties.at("exactly-once").violated > 0);
  CHECK(campaign.properties.at("at-least-once").violated == 0);
  CHECK(campaign.properties.at("at-least-once").witnessed > 0);
}

TEST_CASE("scenarios: a database outside of the state is wrong after a crash (40 seeds)",
          "[scenarios][run]") {
  const Campaign campaign = RunSeeds("external-database", RunSpec(), 40);
  CHECK(campaign.violations == std::vector<std::string>());
  CHECK(campaign.properties.at("output-invariant").violated > 5);
  CHECK(campaign.properties.at("exactly-once").violated == 0);
}

TEST_CASE("scenarios: who writes last, wins: copies diverge, and the function is blamed (40 seeds)",
          "[scenarios][run]") {
  const Campaign campaign = RunSeeds("order-dependent-rules", RunSpec(), 40);
  CHECK(campaign.violations == std::vector<std::string>());
  CHECK(campaign.properties.at("broadcast-state-consistent").violated > 5);
  CHECK(campaign.properties.at("exactly-once").violated == 0);
  REQUIRE_FALSE(campaign.broken_as_it_must.empty());
  for (const std::string& message : campaign.broken_as_it_must) {
    INFO(message);
    CHECK(absl::StrContains(message, "the update function of limiter is not commutative: "));
    CHECK(absl::StrContains(message, "the function, not the engine, is at fault"));
  }
}

TEST_CASE("scenarios: versions make updates commute: copies stay alike in any order (60 seeds)",
          "[scenarios][run]") {
  RunSpec spec;
  spec.faults = GENERATE("", "rescale,broadcast.reorder", "crash,broadcast.reorder:adversarial");
  INFO(spec.faults);
  const Campaign campaign = RunSeeds("versioned-rules", spec, 60);
  CHECK(campaign.violations == std::vector<std::string>());
  CHECK(campaign.properties.at("broadcast-state-consistent").held > 50);
  CHECK(campaign.properties.at("broadcast-state-consistent").witnessed > 5);
}

TEST_CASE("scenarios: the ledger's identities change nothing else (same digest but for the option)",
          "[scenarios][run]") {
  ScenarioRegistry registry;
  AddBundled(registry);
  const Scenario& scenario = *registry.Find("account-totals");
  RunSpec spec;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    faults::Plan plan = GeneratePlan(scenario, spec, seed);
    const RunResult sums = Run(scenario, spec, plan);
    plan.options.Set("weir.ledger", "sets");
    const RunResult sets = Run(scenario, spec, plan);
    CHECK(sums.totals.checkpoints_completed == sets.totals.checkpoints_completed);
    CHECK(sums.totals.simulated == sets.totals.simulated);
  }
}

TEST_CASE("scenarios: the canonical run has what it is named for (10 seeds)", "[scenarios][run]") {
  ScenarioRegistry registry;
  AddBundled(registry);
  const Scenario& scenario = *registry.Find("c1");
  uint64_t records = 0;
  for (const Input& input : scenario.inputs()) records += input.records;
  CHECK(records == 10'000);
  uint64_t fired = 0;
  uint64_t with_twenty = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    INFO(seed);
    const faults::Plan plan = GeneratePlan(scenario, RunSpec(), seed);
    CHECK(plan.faults.size() >= 5);
    const RunResult result = Run(scenario, RunSpec(), plan);
    CHECK(result.message.empty());
    with_twenty += result.totals.checkpoints_completed >= 20;
    for (const auto& [kind, count] : result.faults_fired) fired += count;
  }
  // Mostly: what strikes, and when, is drawn.
  CHECK(fired >= 40);
  CHECK(with_twenty >= 7);
}

}  // namespace weir::scenarios
