#include "tests/campaign/fake_target.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "campaign/files.h"

namespace weir::campaign {
namespace {

faults::Fault SomeFault(faults::FaultKind kind) {
  faults::Fault fault;
  fault.action.kind = kind;
  fault.action.node = "task-manager-0";
  fault.trigger.delay = Duration::Millis(3);
  return fault;
}

scenarios::RunResult RunFake(const FakeSeeds& seeds, const faults::Plan& plan, volatile uint64_t* progress) {
  if (seeds.millis > 0) poll(nullptr, 0, seeds.millis);
  if (seeds.abort.count(plan.seed) != 0) {
    signal(SIGABRT, SIG_DFL);  // the test framework has a handler of its own
    abort();
  }
  while (seeds.hang.count(plan.seed) != 0) poll(nullptr, 0, 1);
  if (progress != nullptr) *progress = *progress + 1;
  scenarios::RunResult result;
  scenarios::PropertyResult even;
  even.id = "even";
  even.claim = "seeds are even";
  even.witnessed = plan.seed % 3 == 0;
  if (seeds.violate.count(plan.seed) != 0) {
    even.verdict.outcome = properties::Outcome::kViolated;
    result.signature = "even/sink/lost/upload";
    result.message = "seed is odd";
  }
  result.properties.push_back(even);
  if (seeds.fail_check.count(plan.seed) != 0) result.failure = "check failed";
  result.faults_fired["pause"] = 1;
  result.fault_fired = {true, false};
  result.totals.events = 10 + plan.seed;
  result.totals.simulated = Duration::Seconds(2);
  result.digest = StableHash128("run", plan.seed);
  return result;
}

}  // namespace

Target FakeTarget(const std::string& name, const FakeSeeds& seeds) {
  Target target;
  target.scenario = name;
  target.minimum_seeds = 10;
  target.plan = [name](uint64_t seed) {
    faults::Plan plan;
    plan.scenario = name;
    plan.seed = seed;
    plan.options.Set("parallelism.default", std::to_string(seed % 4));
    plan.faults = {SomeFault(faults::FaultKind::kPause), SomeFault(faults::FaultKind::kDiskFull)};
    return plan;
  };
  target.run = [seeds](const faults::Plan& plan, scenarios::RunHooks hooks) {
    return RunFake(seeds, plan, hooks.progress);
  };
  target.records = [](const faults::Plan&) {
    return std::vector<faults::KeptRecords>{{"in", 0, {{0, 50}}}, {"in", 1, {{0, 50}}}};
  };
  return target;
}

TemporaryFolder::TemporaryFolder() {
  char name[] = "/tmp/weir-test-XXXXXX";
  REQUIRE(mkdtemp(name) != nullptr);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() { (void)RemoveFolder(path_); }

}  // namespace weir::campaign
