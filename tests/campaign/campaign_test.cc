#include "campaign/campaign.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "campaign/files.h"
#include "faults/plan_json.h"
#include "tests/campaign/fake_target.h"

namespace weir::campaign {
namespace {

CampaignOptions Options(const TemporaryFolder& folder, uint64_t seeds, size_t jobs = 1) {
  CampaignOptions options;
  options.out = folder.path();
  options.spec = "scenarios: fake\n";
  options.seeds = seeds;
  options.jobs = jobs;
  return options;
}

CampaignResult Run(const std::vector<Target>& targets, const CampaignOptions& options) {
  const absl::StatusOr<CampaignResult> result = RunCampaign(targets, options, nullptr);
  REQUIRE(result.status() == absl::OkStatus());
  return *result;
}

TEST_CASE("campaign: one worker and three have the same result", "[campaign]") {
  const std::vector<Target> targets{FakeTarget("fake", {{7, 20}, {}, {}, {}, 0}), FakeTarget("other", {})};
  TemporaryFolder one;
  TemporaryFolder three;
  const CampaignResult a = Run(targets, Options(one, 60, 1));
  const CampaignResult b = Run(targets, Options(three, 60, 3));
  CHECK(a.summary.digest == b.summary.digest);
  CHECK(a.summary.runs == 120);
  CHECK(b.summary.runs == 120);
  CHECK(a.summary.verdict == "violated");
  REQUIRE(a.summary.failures.size() == 2);
  CHECK(a.summary.failures[0].seed == 7);
  CHECK(b.summary.failures[1].seed == 20);
  CHECK(a.summary.faults.at("pause") == 120);
  CHECK(a.summary.properties.size() == 4);
}

TEST_CASE("campaign: the digest depends on seeds and verdicts", "[campaign]") {
  TemporaryFolder folder;
  const auto digest = [&](const FakeSeeds& seeds, uint64_t first) {
    CampaignOptions options = Options(folder, 20);
    options.first_seed = first;
    return Run({FakeTarget("fake", seeds)}, options).summary.digest;
  };
  const Hash128 plain = digest({}, 1);
  CHECK(plain == digest({}, 1));
  CHECK(plain != digest({}, 2));
  CHECK(plain != digest({{3}, {}, {}, {}, 0}, 1));
}

TEST_CASE("campaign: a failure leaves its plan and a smaller one", "[campaign]") {
  TemporaryFolder folder;
  const CampaignResult result = Run({FakeTarget("fake", {{7}, {}, {}, {}, 0})}, Options(folder, 10));
  REQUIRE(result.summary.failures.size() == 1);
  const Failure& failure = result.summary.failures[0];
  CHECK(failure.property == "even");
  CHECK(failure.plan == "failures/fake-7/plan.json");
  const absl::StatusOr<faults::Plan> plan =
      faults::PlanFromJson(*ReadFile(folder.path() + "/" + failure.plan));
  REQUIRE(plan.ok());
  CHECK(plan->seed == 7);
  CHECK(plan->faults.size() == 2);
  CHECK(plan->expect->verdict == "violated");
  CHECK(plan->expect->digest == failure.digest);
  const absl::StatusOr<faults::Plan> shrunk =
      faults::PlanFromJson(*ReadFile(folder.path() + "/" + failure.shrunk));
  REQUIRE(shrunk.ok());
  CHECK(shrunk->faults.empty());
}

TEST_CASE("campaign: a worker that dies is a finding, and the others go on", "[campaign]") {
  TemporaryFolder folder;
  CampaignOptions options = Options(folder, 12, 2);
  options.shrink = false;
  const CampaignResult result = Run({FakeTarget("fake", {{}, {5}, {}, {}, 0})}, options);
  CHECK(result.summary.runs == 12);
  REQUIRE(result.summary.failures.size() == 1);
  CHECK(result.summary.failures[0].seed == 5);
  CHECK(result.summary.failures[0].signature == "no-crash//died/");
  CHECK(result.summary.failures[0].message == "the process of the run was killed by signal 6 (SIGABRT)");
  CHECK(result.summary.failures[0].digest == DeadDigest().ToHex());
  CHECK(FileExists(folder.path() + "/failures/fake-5/plan.json"));
  TemporaryFolder again;
  options.out = again.path();
  options.jobs = 1;
  CHECK(Run({FakeTarget("fake", {{}, {5}, {}, {}, 0})}, options).summary.digest == result.summary.digest);
}

TEST_CASE("campaign: a run without events is given up", "[campaign]") {
  TemporaryFolder folder;
  CampaignOptions options = Options(folder, 4, 2);
  options.stuck_after = Duration::Seconds(2);
  const CampaignResult result = Run({FakeTarget("fake", {{}, {}, {2}, {}, 0})}, options);
  CHECK(result.summary.runs == 4);
  REQUIRE(result.summary.failures.size() == 1);
  CHECK(result.summary.failures[0].signature == "no-crash//stuck/");
  CHECK(result.summary.failures[0].shrunk.empty());
}

TEST_CASE("campaign: a failed check is a broken promise", "[campaign]") {
  TemporaryFolder folder;
  const CampaignResult result = Run({FakeTarget("fake", {{}, {}, {}, {3}, 0})}, Options(folder, 5));
  REQUIRE(result.summary.failures.size() == 1);
  CHECK(result.summary.failures[0].property == "no-crash");
  CHECK(result.summary.failures[0].message == "check failed");
}

TEST_CASE("campaign: fail-fast keeps the runs up to the lowest failing seed", "[campaign]") {
  for (size_t jobs : {size_t{1}, size_t{3}}) {
    TemporaryFolder folder;
    CampaignOptions options = Options(folder, 100, jobs);
    options.fail_fast = true;
    options.shrink = false;
    const CampaignResult result = Run({FakeTarget("fake", {{31, 32, 33, 90}, {}, {}, {}, 1})}, options);
    CHECK(result.summary.runs == 31);
    REQUIRE(result.summary.failures.size() == 1);
    CHECK(result.summary.failures[0].seed == 31);
  }
}

TEST_CASE("campaign: a time limit ends at the end of a block", "[campaign]") {
  TemporaryFolder folder;
  CampaignOptions options = Options(folder, 0, 2);
  options.seeds.reset();
  options.run_for = Duration::Millis(1);
  const CampaignResult result = Run({FakeTarget("fake", {}), FakeTarget("other", {})}, options);
  CHECK(result.summary.runs >= 512);
  CHECK(result.summary.runs % 512 == 0);
  CHECK(result.seeds_requested * 2 == result.summary.runs);
}

TEST_CASE("campaign: resumed, it ends as if never interrupted", "[campaign]") {
  TemporaryFolder whole;
  const FakeSeeds seeds{{40}, {}, {}, {}, 2};
  const CampaignResult expected = Run({FakeTarget("fake", seeds)}, Options(whole, 100));
  TemporaryFolder folder;
  const pid_t process = fork();
  REQUIRE(process >= 0);
  if (process == 0) {
    (void)RunCampaign({FakeTarget("fake", seeds)}, Options(folder, 100, 2), nullptr);
    _exit(0);
  }
  // Some runs, not all.
  const std::string runs = folder.path() + "/runs.bin";
  while (!FileExists(runs) || ReadFile(runs)->size() < 3000) poll(nullptr, 0, 1);
  kill(process, SIGKILL);
  int status = 0;
  REQUIRE(waitpid(process, &status, 0) == process);
  REQUIRE(WIFSIGNALED(status));
  CHECK(!FileExists(folder.path() + "/failures"));

  CampaignOptions options = Options(folder, 100, 1);
  options.resume = true;
  const CampaignResult resumed = Run({FakeTarget("fake", seeds)}, options);
  CHECK(resumed.resumed > 5);
  CHECK(resumed.resumed < 100);
  CHECK(resumed.summary.digest == expected.summary.digest);
  CHECK(resumed.summary.totals.events == expected.summary.totals.events);
  CHECK(resumed.summary.properties[0].witnessed == expected.summary.properties[0].witnessed);
  CHECK(resumed.summary.properties[0].claim == "seeds are even");
  REQUIRE(resumed.summary.failures.size() == 1);
  CHECK(FileExists(folder.path() + "/failures/fake-40/plan.json"));
}

TEST_CASE("campaign: nothing to resume, or another campaign, is an error", "[campaign]") {
  TemporaryFolder folder;
  CampaignOptions options = Options(folder, 5);
  options.resume = true;
  const auto status = [&] { return RunCampaign({FakeTarget("fake", {})}, options, nullptr).status(); };
  CHECK(status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(!FileExists(folder.path() + "/runs.bin"));
  options.resume = false;
  REQUIRE(status().ok());
  options.resume = true;
  options.spec = "scenarios: others\n";
  CHECK(std::string(status().message()).find("there 'scenarios: fake', here 'scenarios: others'") !=
        std::string::npos);
}

TEST_CASE("campaign: starting anew forgets the failures of the last one", "[campaign]") {
  TemporaryFolder folder;
  Run({FakeTarget("fake", {{7}, {}, {}, {}, 0})}, Options(folder, 10));
  CHECK(FileExists(folder.path() + "/failures/fake-7/plan.json"));
  Run({FakeTarget("fake", {})}, Options(folder, 10));
  CHECK(!FileExists(folder.path() + "/failures"));
}

TEST_CASE("campaign: vacuous from the minimum of seeds on, an error only if strict", "[campaign]") {
  Target never = FakeTarget("fake", {});
  never.minimum_seeds = 10;
  const auto run = never.run;
  never.run = [run](const faults::Plan& plan, scenarios::RunHooks hooks) {
    scenarios::RunResult result = run(plan, hooks);
    result.properties[0].witnessed = false;
    return result;
  };
  TemporaryFolder folder;
  CampaignOptions options = Options(folder, 10);
  CHECK(Run({never}, options).summary.verdict == "held");
  CHECK(Run({never}, options).summary.properties[0].vacuous);
  options.strict = true;
  CHECK(Run({never}, options).summary.verdict == "vacuous");
  options.seeds = 9;
  CHECK(Run({never}, options).summary.verdict == "held");
}

TEST_CASE("campaign: a promise that must break is vacuous if it never does", "[campaign]") {
  const auto broken = [](const FakeSeeds& seeds) {
    Target target = FakeTarget("fake", seeds);
    const auto run = target.run;
    target.run = [run](const faults::Plan& plan, scenarios::RunHooks hooks) {
      scenarios::RunResult result = run(plan, hooks);
      result.properties[0].expected_broken = true;
      result.signature.clear();
      return result;
    };
    return target;
  };
  TemporaryFolder folder;
  const CampaignOptions options = Options(folder, 20);
  const CampaignResult seen = Run({broken({{4}, {}, {}, {}, 0})}, options);
  CHECK(seen.summary.verdict == "held");
  CHECK(!seen.summary.properties[0].vacuous);
  CHECK(Run({broken({})}, options).summary.properties[0].vacuous);
}

}  // namespace
}  // namespace weir::campaign
