#include <map>

#include "tests/toy/toy_campaign.h"

namespace weir::toy {
namespace {

constexpr uint64_t kSeeds = 1000;

struct Case {
  Mutant mutant;
  std::string name;
  std::string violation;
};

}  // namespace

TEST_CASE("toy: the protocol holds under every fault (1000 seeds)", "[toy]") {
  uint64_t crashes = 0;
  uint64_t retries = 0;
  uint64_t faults = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const ToyResult result = RunToy(PlanOf(seed), Mutant::kNone);
    INFO("seed " << seed << ": " << result.message);
    REQUIRE(result.violation.empty());
    crashes += result.crashes;
    retries += result.retries;
    faults += result.faults_fired;
  }
  // Holding proves something only if things went wrong.
  CHECK(crashes > kSeeds / 2);
  CHECK(retries > kSeeds);
  CHECK(faults > kSeeds);
}

TEST_CASE("toy: a seed is a run (equal digests, and other seeds others)", "[toy]") {
  std::map<Hash128, uint64_t> seen;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    const ToyResult once = RunToy(PlanOf(seed), Mutant::kNone);
    const ToyResult again = RunToy(PlanOf(seed), Mutant::kNone);
    CHECK(once.digest == again.digest);
    CHECK(once.events == again.events);
    CHECK(seen.emplace(once.digest, seed).second);
  }
}

TEST_CASE("toy: each mutant is found, replayed and shrunk", "[toy]") {
  const Case c = GENERATE(Case{Mutant::kForgetsRequests, "forgets requests", "counted twice"},
                          Case{Mutant::kAnswersBeforeSync, "answers before sync", "forgotten"},
                          Case{Mutant::kForgetsToSyncNames, "forgets to sync names", "forgotten"});
  INFO(c.name);
  const std::optional<uint64_t> seed = FindFailure(c.mutant, 1, kSeeds);
  REQUIRE(seed);
  const faults::Plan plan = PlanOf(*seed);
  const ToyResult found = RunToy(plan, c.mutant);
  CHECK(found.violation == c.violation);

  const ToyResult replayed = RunToy(plan, c.mutant);
  CHECK(replayed.digest == found.digest);
  CHECK(replayed.message == found.message);
  CHECK(RunToy(plan, Mutant::kNone).violation.empty());

  const faults::Plan small = ShrinkToy(plan, c.mutant);
  INFO(small.faults.size() << " of " << plan.faults.size() << " faults are left");
  CHECK(RunToy(small, c.mutant).violation == c.violation);
  CHECK(small.faults.size() <= 2);
  for (size_t i = 0; i < small.faults.size(); ++i) {
    faults::Plan without = small;
    without.faults.erase(without.faults.begin() + static_cast<int64_t>(i));
    CHECK(RunToy(without, c.mutant).violation != c.violation);
  }
}

TEST_CASE("toy: shrinking leaves out what a failure does not need", "[toy]") {
  // The first failing seed with several faults.
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const faults::Plan plan = PlanOf(seed);
    if (plan.faults.size() < 4 || RunToy(plan, Mutant::kForgetsRequests).violation.empty()) continue;
    CHECK(ShrinkToy(plan, Mutant::kForgetsRequests).faults.size() < plan.faults.size());
    return;
  }
  FAIL("no seed fails with four faults or more");
}

}  // namespace weir::toy
