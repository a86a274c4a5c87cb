// A run is a function of its plan alone: what ran before it in the same process leaves no trace in
// its digest, and no memory in the process.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "runtime/base/stable_hash.h"
#include "scenarios/run.h"
#include "scenarios/scenario.h"

namespace weir::scenarios {
namespace {

class Digests {
 public:
  explicit Digests(const Scenario& scenario) : scenario_(scenario) {}

  Hash128 Of(uint64_t seed) const {
    return Run(scenario_, spec_, GeneratePlan(scenario_, spec_, seed)).digest;
  }

 private:
  const Scenario& scenario_;
  const RunSpec spec_;
};

uint64_t ResidentKib() {
  std::ifstream file("/proc/self/statm");
  uint64_t total_pages = 0;
  uint64_t resident_pages = 0;
  file >> total_pages >> resident_pages;
  return resident_pages * static_cast<uint64_t>(getpagesize()) / 1024;
}

TEST_CASE("Runs: the same digests forward, backward, and after 5,000 others", "[hygiene][slow]") {
  constexpr uint64_t kSeeds = 20;
  constexpr uint64_t kOthers = 5000;
  ScenarioRegistry registry;
  AddBundled(registry);
  REQUIRE_FALSE(registry.all().empty());
  std::map<std::pair<std::string, uint64_t>, Hash128> forward;
  for (const Scenario& scenario : registry.all()) {
    INFO(scenario.name());
    const Digests digests(scenario);
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) forward[{scenario.name(), seed}] = digests.Of(seed);
    for (uint64_t seed = kSeeds; seed >= 1; --seed) {
      INFO("seed " << seed << " backward");
      CHECK(digests.Of(seed) == forward[{scenario.name(), seed}]);
    }
    CHECK_FALSE(forward[{scenario.name(), 1}] == forward[{scenario.name(), 2}]);
  }
  for (uint64_t other = 0; other < kOthers; ++other) {
    Digests(registry.all()[other % registry.all().size()]).Of(kSeeds + 1 + other);
  }
  for (const Scenario& scenario : registry.all()) {
    INFO(scenario.name());
    for (uint64_t seed : {uint64_t{1}, kSeeds})
      CHECK(Digests(scenario).Of(seed) == forward[{scenario.name(), seed}]);
  }
}

TEST_CASE("Runs: resident memory is flat (1,000 runs after the first 200)", "[hygiene][slow]") {
  constexpr uint64_t kGrowthMaxKib = 2048;
  ScenarioRegistry registry;
  AddBundled(registry);
  const Scenario* scenario = registry.Find("account-totals");
  REQUIRE(scenario != nullptr);
  const Digests digests(*scenario);
  for (uint64_t seed = 1; seed <= 200; ++seed) digests.Of(seed);
  const uint64_t before = ResidentKib();
  for (uint64_t seed = 201; seed <= 1200; ++seed) digests.Of(seed);
  const uint64_t after = ResidentKib();
  INFO(before << " KiB, then " << after << " KiB");
  CHECK(after <= before + kGrowthMaxKib);
}

}  // namespace
}  // namespace weir::scenarios
