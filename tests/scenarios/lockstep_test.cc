// backends-agree over whole clusters: with either backend in the lead, under faults and rescales, nothing differs, and the
// job does what it does alone.
#include <catch2/catch.hpp>

#include "scenarios/run.h"

namespace weir::scenarios {
namespace {

RunSpec SpecOf(const std::string& backend) {
  RunSpec spec;
  spec.options.Set("state.backend", backend);
  return spec;
}

const PropertyResult* FindProperty(const RunResult& result, const std::string& id) {
  for (const PropertyResult& property : result.properties) {
    if (property.id == id) return &property;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("lockstep: backends agree in every scenario with keyed state (30 seeds)", "[scenarios][lockstep]") {
  const std::string name = GENERATE("account-totals", "count-window-average", "word-count", "session-timers",
                                    "ttl-cache", "side-outputs", "fraud-patterns", "log-offsets");
  const std::string backend = GENERATE("hashmap", "rocksdb");
  INFO(name << " on " << backend);
  ScenarioRegistry registry;
  AddBundled(registry);
  const Scenario& scenario = *registry.Find(name);
  RunSpec spec = SpecOf(backend);
  spec.properties = {"+backends-agree"};
  REQUIRE(CheckSpec(scenario, spec).ok());
  uint64_t restarts = 0;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    INFO("seed " << seed);
    const RunResult result = Run(scenario, spec, GeneratePlan(scenario, spec, seed));
    CHECK(result.message.empty());
    const PropertyResult* const agree = FindProperty(result, "backends-agree");
    REQUIRE(agree != nullptr);
    CHECK(agree->verdict.outcome == properties::Outcome::kHeld);
    CHECK(agree->witnessed);
    restarts += result.totals.restarts;
  }
  CHECK(restarts > 5);  // half of the faults of ttl-cache move clocks
}

TEST_CASE("lockstep: the job does what it does alone (same digest)", "[scenarios][lockstep]") {
  const std::string name = GENERATE("session-timers", "ttl-cache", "fraud-patterns");
  const std::string backend = GENERATE("hashmap", "rocksdb");
  INFO(name << " on " << backend);
  ScenarioRegistry registry;
  AddBundled(registry);
  const Scenario& scenario = *registry.Find(name);
  RunSpec together = SpecOf(backend);
  together.properties = {"+backends-agree"};
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    INFO("seed " << seed);
    faults::Plan plan = GeneratePlan(scenario, together, seed);
    const RunResult of_two = Run(scenario, together, plan);
    REQUIRE(plan.options.Get("weir.state.lockstep") == "true");
    plan.options.Set("weir.state.lockstep", "false");
    const RunResult alone = Run(scenario, SpecOf(backend), plan);
    CHECK(alone.digest == of_two.digest);
    CHECK(FindProperty(alone, "backends-agree") == nullptr);
  }
}

TEST_CASE("lockstep: option and property ask for each other", "[scenarios][lockstep]") {
  ScenarioRegistry registry;
  AddBundled(registry);
  const Scenario& scenario = *registry.Find("account-totals");
  RunSpec by_option;
  by_option.options.Set("weir.state.lockstep", "true");
  const RunResult asked = Run(scenario, by_option, GeneratePlan(scenario, by_option, 1));
  REQUIRE(FindProperty(asked, "backends-agree") != nullptr);
  CHECK(FindProperty(asked, "backends-agree")->witnessed);
  CHECK(FindProperty(asked, "exactly-once") != nullptr);

  RunSpec only;
  only.properties = {"backends-agree"};
  const RunResult alone = Run(scenario, only, GeneratePlan(scenario, only, 1));
  REQUIRE(alone.properties.size() == 1);
  CHECK(alone.properties[0].witnessed);

  RunSpec against = only;
  against.options.Set("weir.state.lockstep", "false");
  const RunResult off = Run(scenario, against, GeneratePlan(scenario, against, 1));
  CHECK(off.properties[0].verdict.outcome == properties::Outcome::kNotJudged);
  CHECK(off.properties[0].verdict.message == "weir.state.lockstep is off");
}

TEST_CASE("lockstep: of a job without keyed state nothing is said", "[scenarios][lockstep]") {
  ScenarioRegistry registry;
  AddBundled(registry);
  const Scenario& scenario = *registry.Find("enrichment");
  RunSpec spec;
  spec.properties = {"+backends-agree"};
  REQUIRE(CheckSpec(scenario, spec).ok());
  const RunResult result = Run(scenario, spec, GeneratePlan(scenario, spec, 1));
  CHECK(FindProperty(result, "backends-agree") == nullptr);
  CHECK(FindProperty(result, "exactly-once") != nullptr);
}

}  // namespace weir::scenarios
