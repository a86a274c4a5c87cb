#include "tests/toy/toy_campaign.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "faults/cluster_control.h"
#include "faults/injector.h"
#include "runtime/base/check.h"
#include "sim/world.h"

namespace weir::toy {
namespace {

using faults::Fault;
using faults::FaultKind;
using faults::Trigger;

constexpr uint64_t kRequests = 12;
constexpr Duration kPause = Duration::Millis(4);
constexpr Instant kLivenessAt = Instant::FromNanos(1'000'000'000);
constexpr Instant kDeadline = Instant::FromNanos(10'000'000'000);

class ToyCluster : public faults::ClusterControl {
 public:
  ToyCluster(const faults::Plan& plan, Mutant mutant) : world_(OptionsOf(plan)) {
    const NodeId server = world_.AddNode("server");
    const NodeId client = world_.AddNode("client");
    nodes_ = {{"server", server}, {"client", client}};
    world_.Start(server, [mutant](Env& env) { return std::make_unique<Server>(env, mutant); });
    world_.Start(client,
                 [server](Env& env) { return std::make_unique<Client>(env, server, kRequests, kPause); });
  }

  sim::World& world() override { return world_; }
  const std::map<std::string, NodeId>& nodes() const override { return nodes_; }
  void SetStoreUnavailable(bool) override {}
  void SetStoreSlowdown(uint32_t) override {}
  void LoseStoreResponses(uint32_t) override {}

  Client& client() { return *static_cast<Client*>(world_.process(nodes_.at("client"))); }

 private:
  static sim::WorldOptions OptionsOf(const faults::Plan& plan) {
    sim::WorldOptions options;
    options.seed = plan.seed;
    options.schedule = plan.schedule;
    options.event_budget = 1'000'000;
    return options;
  }

  sim::World world_;
  std::map<std::string, NodeId> nodes_;
};

class CrashCounter : public sim::Observer {
 public:
  absl::Status OnEvent(NodeId, const Event& event) override {
    crashes_ += event.id == EventId::kProcessCrashed;
    return absl::OkStatus();
  }
  uint64_t crashes() const { return crashes_; }

 private:
  uint64_t crashes_ = 0;
};

// Draws for one fault of a plan, each keyed by what it is for.
class FaultDraw {
 public:
  FaultDraw(const Random& random, uint64_t fault) : random_(random), fault_(fault) {}
  uint64_t Between(uint64_t what, uint64_t low, uint64_t high) const {
    return random_.DrawBetween(DrawSite::kPlan, fault_, what, low, high);
  }

 private:
  const Random& random_;
  const uint64_t fault_;
};

Trigger TriggerOf(const FaultDraw& draw) {
  Trigger trigger;
  constexpr EventId kSteps[] = {EventId::kDiskWritten, EventId::kDiskSynced, EventId::kDiskRenamed,
                                EventId::kMessageSent};
  if (draw.Between(1, 0, 2) == 0) {
    trigger.at = Instant() + Duration::Micros(static_cast<int64_t>(draw.Between(2, 0, 80'000)));
    return trigger;
  }
  trigger.kind = Trigger::Kind::kEvent;
  trigger.event = kSteps[draw.Between(3, 0, 3)];
  trigger.node = "server";
  trigger.occurrence = draw.Between(4, 1, kRequests);
  // At that very point, or a little later: while the answer is on its way, or the next request is.
  if (draw.Between(5, 0, 1) == 1)
    trigger.delay = Duration::Micros(static_cast<int64_t>(draw.Between(6, 1, 2'000)));
  return trigger;
}

faults::Action ActionOf(const FaultDraw& draw) {
  constexpr FaultKind kKinds[] = {FaultKind::kCrashTaskManager, FaultKind::kCrashTaskManager,
                                  FaultKind::kCrashTaskManager, FaultKind::kPause,
                                  FaultKind::kNetCut,           FaultKind::kNetCutOneWay,
                                  FaultKind::kNetReset,         FaultKind::kNetDelay,
                                  FaultKind::kDiskError,        FaultKind::kDiskFull,
                                  FaultKind::kDiskSlow};
  faults::Action action;
  action.kind = kKinds[draw.Between(10, 0, 10)];
  action.node = "server";
  action.peer = "client";
  if (action.kind == FaultKind::kNetCutOneWay && draw.Between(11, 0, 1) == 1)
    std::swap(action.node, action.peer);
  action.duration = Duration::Micros(static_cast<int64_t>(draw.Between(12, 100, 60'000)));
  action.parameter =
      action.kind == FaultKind::kDiskSlow ? draw.Between(13, 2, 50) : draw.Between(13, 100, 60'000);
  action.silent = draw.Between(14, 0, 1) == 1;
  return action;
}

std::string ViolationOf(std::pair<uint64_t, uint64_t> wrong) {
  return wrong.second > wrong.first ? "counted twice" : "forgotten";
}

}  // namespace

faults::Plan PlanOf(uint64_t seed) {
  const Random random(seed);
  faults::Plan plan;
  plan.scenario = "toy";
  plan.seed = seed;
  plan.liveness_at = kLivenessAt;
  if (random.DrawRatio(DrawSite::kPlan, 1000, 0, 1, 2)) {
    plan.schedule.strategy = sim::ScheduleStrategy::kRandom;
    plan.schedule.slack =
        Duration::Micros(static_cast<int64_t>(random.DrawBetween(DrawSite::kPlan, 1001, 0, 0, 2'000)));
  }
  const uint64_t faults = random.DrawBetween(DrawSite::kPlan, 1002, 0, 0, 6);
  for (uint64_t i = 0; i < faults; ++i) {
    const FaultDraw draw(random, i);
    plan.faults.push_back({TriggerOf(draw), ActionOf(draw)});
  }
  return plan;
}

ToyResult RunToy(const faults::Plan& plan, Mutant mutant) {
  ToyCluster cluster(plan, mutant);
  sim::World& world = cluster.world();
  faults::Injector injector(plan, cluster);
  CrashCounter crashes;
  world.AddObserver(&crashes);
  injector.Start();
  const auto done = [&] { return cluster.client().wrong() || cluster.client().is_done(); };
  const absl::Status ended = world.RunUntil(done, kDeadline);
  ToyResult result;
  result.digest = world.digest().Value();
  result.events = world.events();
  for (const faults::Firing& firing : injector.fired()) result.faults_fired += firing.effective;
  result.crashes = crashes.crashes();
  if (world.failure()) {
    result.violation = "failed check";
    result.message = *world.failure();
    return result;
  }
  result.retries = cluster.client().retries();
  if (cluster.client().wrong()) {
    const auto [request, count] = *cluster.client().wrong();
    result.violation = ViolationOf({request, count});
    result.message = absl::StrCat("request ", request, " was answered with ", count);
  } else if (!ended.ok()) {
    result.violation = "stuck";
    result.message = absl::StrCat(ended.ToString(), "; ", world.Describe());
  }
  return result;
}

std::optional<uint64_t> FindFailure(Mutant mutant, uint64_t first, uint64_t seeds) {
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    if (!RunToy(PlanOf(seed), mutant).violation.empty()) return seed;
  }
  return std::nullopt;
}

faults::Plan ShrinkToy(faults::Plan plan, Mutant mutant) {
  const std::string violation = RunToy(plan, mutant).violation;
  WEIR_CHECK(!violation.empty(), "there is nothing to shrink");
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (size_t i = plan.faults.size(); i-- > 0;) {
      faults::Plan without = plan;
      without.faults.erase(without.faults.begin() + static_cast<int64_t>(i));
      if (RunToy(without, mutant).violation != violation) continue;
      plan = std::move(without);
      smaller = true;
    }
  }
  return plan;
}

}  // namespace weir::toy
