#include "faults/generator.h"

#include <catch2/catch.hpp>

#include "faults/budget.h"
#include "faults/plan_json.h"

namespace weir::faults {
namespace {

GeneratorInput Input(absl::string_view spec = "all") {
  GeneratorInput input;
  input.allowed = *FaultSpec::Parse(spec);
  input.job_managers = {"job-manager-0"};
  input.task_managers = {"task-manager-0", "task-manager-1", "task-manager-2"};
  input.slots_per_task_manager = 2;
  input.slots_needed = 4;
  input.parallelism = 4;
  input.vertices = {{2, true, false}, {4, false, false}, {4, false, true}};
  input.splits = {{0, 0, 500}, {0, 1, 500}};
  input.heartbeat_timeout = Duration::Millis(800);
  input.restart_delay = Duration::Millis(300);
  input.checkpoint_interval = Duration::Millis(400);
  input.checkpoint_timeout = Duration::Seconds(2);
  input.work = Duration::Seconds(5);
  input.faulty_phase = Duration::Seconds(15);
  return input;
}

std::string Text(const std::vector<Fault>& faults) {
  Plan plan;
  plan.scenario = "s";
  plan.faults = faults;
  return PlanToJson(plan);
}

TEST_CASE("generator: a function of the seed", "[faults][generator]") {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    CHECK(Text(GenerateFaults(Input(), Random(seed))) == Text(GenerateFaults(Input(), Random(seed))));
  }
  CHECK(Text(GenerateFaults(Input(), Random(3))) != Text(GenerateFaults(Input(), Random(4))));
}

TEST_CASE("generator: every plan is readable, names what is there and keeps to the budget",
          "[faults][generator]") {
  Budget budget{{"job-manager-0"}, {"task-manager-0", "task-manager-1", "task-manager-2"}, {}, 2, 4};
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    Plan plan;
    plan.scenario = "s";
    plan.faults = GenerateFaults(Input(), Random(seed));
    INFO("seed " << seed);
    REQUIRE(PlanFromJson(PlanToJson(plan)).status() == absl::OkStatus());
    REQUIRE(CheckNames(plan, budget) == absl::OkStatus());
    REQUIRE(CheckBudget(plan, budget) == absl::OkStatus());
    REQUIRE(plan.faults.size() <= kFaultsMax + 1);
  }
}

TEST_CASE("generator: fewer faults than the scenario wants are made up to that", "[faults][generator]") {
  GeneratorInput input = Input();
  input.faults_min = 5;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    const std::vector<Fault> faults = GenerateFaults(input, Random(seed));
    CHECK(faults.size() >= 5);
    CHECK(faults.size() <= kFaultsMax + 1);
    // The first ones are those of a scenario that does not ask.
    const std::vector<Fault> fewer = GenerateFaults(Input(), Random(seed));
    if (!fewer.empty()) CHECK(faults.front().action.kind == fewer.front().action.kind);
  }
}

TEST_CASE("generator: a preferred kind is every second fault, where it is allowed", "[faults][generator]") {
  const auto jumps = [](absl::string_view spec, std::optional<FaultKind> preferred) {
    GeneratorInput input = Input();
    input.allowed = *FaultSpec::Parse(spec);
    input.preferred = preferred;
    std::pair<int, int> found_of_all;
    for (uint64_t seed = 1; seed <= 1000; ++seed) {
      for (const Fault& fault : GenerateFaults(input, Random(seed))) {
        found_of_all.first += fault.action.kind == FaultKind::kClockJump;
        ++found_of_all.second;
      }
    }
    return found_of_all;
  };
  const auto [found, all] = jumps("all", FaultKind::kClockJump);
  CHECK(found > all * 45 / 100);
  CHECK(found < all * 55 / 100);
  CHECK(jumps("all", std::nullopt).first < all / 20);
  CHECK(jumps("all", std::nullopt).second == all);
  CHECK(jumps("crash", FaultKind::kClockJump).first == 0);
  CHECK(jumps("clock.jump", FaultKind::kClockJump) == std::pair(all, all));
}

TEST_CASE("generator: broadcasts are reordered legally by every second seed, adversarially when asked for",
          "[faults][generator]") {
  const auto count = [](absl::string_view spec, bool has_broadcast, uint64_t parameter) {
    GeneratorInput input = Input();
    input.allowed = *FaultSpec::Parse(spec);
    input.has_broadcast = has_broadcast;
    int found = 0;
    for (uint64_t seed = 1; seed <= 400; ++seed) {
      for (const Fault& fault : GenerateFaults(input, Random(seed))) {
        if (fault.action.kind == FaultKind::kBroadcastReorder && fault.action.parameter == parameter) ++found;
      }
    }
    return found;
  };
  CHECK(count("all", true, 1) > 150);
  CHECK(count("all", true, 1) < 250);
  CHECK(count("all", true, 2) == 0);
  CHECK(count("all", false, 1) == 0);
  CHECK(count("broadcast.reorder:adversarial", true, 2) == 400);
  // What else happens is not dealt anew.
  GeneratorInput with = Input();
  with.has_broadcast = true;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    std::vector<Fault> faults = GenerateFaults(with, Random(seed));
    if (!faults.empty() && faults.back().action.kind == FaultKind::kBroadcastReorder) faults.pop_back();
    CHECK(Text(faults) == Text(GenerateFaults(Input(), Random(seed))));
  }
}

TEST_CASE("generator: disks fail only where they hold state", "[faults][generator]") {
  GeneratorInput input = Input();
  input.allowed = *FaultSpec::Parse("pause,disk");
  for (const bool has_state : {false, true}) {
    input.has_state_on_disk = has_state;
    int of_disks = 0;
    for (uint64_t seed = 1; seed <= 100; ++seed) {
      for (const Fault& fault : GenerateFaults(input, Random(seed))) {
        of_disks += Info(fault.action.kind).group == "disk";
      }
    }
    CHECK((of_disks > 50) == has_state);
  }
}

TEST_CASE("generator: every kind, every trigger and plans without faults occur", "[faults][generator]") {
  std::map<FaultKind, uint64_t> kinds;
  std::map<Trigger::Kind, uint64_t> triggers;
  std::map<EventId, uint64_t> events;
  uint64_t without = 0;
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    GeneratorInput input = Input();
    input.has_broadcast = true;
    input.has_state_on_disk = true;
    const std::vector<Fault> faults = GenerateFaults(input, Random(seed));
    if (GenerateFaults(Input(), Random(seed)).empty()) ++without;
    for (const Fault& fault : faults) {
      ++kinds[fault.action.kind];
      ++triggers[fault.trigger.kind];
      if (fault.trigger.kind == Trigger::Kind::kEvent) ++events[fault.trigger.event];
    }
  }
  for (const FaultKindInfo& info : FaultKinds()) {
    INFO(info.name);
    CHECK(kinds[info.kind] > 50);
  }
  CHECK(kinds[FaultKind::kCrashTaskManager] > kinds[FaultKind::kDiskFull]);
  CHECK(triggers.size() == 3);
  CHECK(events[EventId::kPointerStored] > 50);
  CHECK(events[EventId::kTransactionCommitting] > 50);
  CHECK(events[EventId::kCheckpointAcknowledged] > 50);
  CHECK(events[EventId::kRecordEmitted] > 50);
  CHECK(without > 150);
  CHECK(without < 400);
}

TEST_CASE("generator: restart delays lie on both sides of every timeout", "[faults][generator]") {
  const GeneratorInput input = Input("crash.task-manager");
  for (const Duration timeout : {input.heartbeat_timeout, input.restart_delay, input.checkpoint_timeout}) {
    uint64_t below = 0;
    uint64_t just_below = 0;
    uint64_t just_above = 0;
    uint64_t above = 0;
    for (uint64_t seed = 1; seed <= 1000; ++seed) {
      for (const Fault& fault : GenerateFaults(input, Random(seed))) {
        if (fault.action.parameter == kNeverRestarts) continue;
        const Duration delay = Duration::Micros(static_cast<int64_t>(fault.action.parameter));
        if (delay < timeout) ++below;
        if (delay < timeout && delay > timeout / 10 * 9) ++just_below;
        if (delay > timeout && delay < timeout / 10 * 12) ++just_above;
        if (delay > timeout) ++above;
      }
    }
    INFO(FormatDuration(timeout));
    CHECK(below > 200);
    CHECK(just_below > 50);
    CHECK(just_above > 50);
    CHECK(above > 100);
  }
}

TEST_CASE("generator: pauses outlast the heartbeat timeout in some plans and not in others",
          "[faults][generator]") {
  uint64_t shorter = 0;
  uint64_t longer = 0;
  const GeneratorInput input = Input("pause");
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    for (const Fault& fault : GenerateFaults(input, Random(seed))) {
      ++(fault.action.duration < input.heartbeat_timeout ? shorter : longer);
    }
  }
  CHECK(shorter > 100);
  CHECK(longer > 100);
}

TEST_CASE("generator: only what is allowed, and a fixed parameter", "[faults][generator]") {
  uint64_t count = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    for (const Fault& fault : GenerateFaults(Input("net.delay:1234"), Random(seed))) {
      ++count;
      CHECK(fault.action.kind == FaultKind::kNetDelay);
      CHECK(fault.action.parameter == 1234);
      CHECK(fault.action.node != fault.action.peer);
    }
  }
  CHECK(count > 100);
  CHECK(GenerateFaults(Input("none"), Random(1)).empty());
}

TEST_CASE("generator: a job without checkpoints gets no checkpoint triggers", "[faults][generator]") {
  GeneratorInput input = Input();
  input.checkpointing = false;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    for (const Fault& fault : GenerateFaults(input, Random(seed))) {
      CHECK(fault.trigger.kind != Trigger::Kind::kPhase);
      if (fault.trigger.kind != Trigger::Kind::kEvent) continue;
      const bool beside = fault.action.kind == FaultKind::kRescale;
      const bool at_restart = fault.trigger.event == EventId::kJobRestarting;
      CHECK((fault.trigger.event == EventId::kRecordEmitted || (beside && at_restart)));
    }
  }
}

TEST_CASE("generator: rescales go up and down, to another parallelism that has its slots",
          "[faults][generator]") {
  GeneratorInput input = Input("rescale");
  input.parallelism = 3;
  const auto drawn = [&input] {
    std::map<uint64_t, uint64_t> times;
    for (uint64_t seed = 1; seed <= 300; ++seed) {
      for (const Fault& fault : GenerateFaults(input, Random(seed))) ++times[fault.action.parameter];
    }
    return times;
  };
  const std::map<uint64_t, uint64_t> six_slots = drawn();
  CHECK(six_slots.size() == 5);
  CHECK(six_slots.count(3) == 0);
  CHECK(six_slots.begin()->first == 1);
  CHECK(six_slots.rbegin()->first == 6);
  input.parallelism_max = 2;
  input.parallelism = 2;
  CHECK(drawn().size() == 1);
  input.parallelism_max = 0;
  CHECK(drawn().empty());
}

TEST_CASE("generator: clocks jump on and back, by milliseconds and by minutes", "[faults][generator]") {
  uint64_t on = 0, back = 0, small = 0, great = 0;
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    for (const Fault& fault : GenerateFaults(Input("clock"), Random(seed))) {
      const Duration jump = ClockJump(fault.action.parameter);
      ++(jump > Duration() ? on : back);
      const Duration size = std::max(jump, Duration() - jump);
      CHECK(size >= Duration::Millis(1));
      CHECK(size < Duration::Seconds(600));
      if (size < Duration::Millis(10)) ++small;
      if (size > Duration::Seconds(60)) ++great;
    }
  }
  CHECK(on > 200);
  CHECK(back > 200);
  CHECK(small > 50);
  CHECK(great > 50);
}

TEST_CASE("budget: a job that was scaled up needs its slots for good", "[faults][budget]") {
  Budget budget{{"job-manager-0"}, {"task-manager-0", "task-manager-1"}, {}, 2, 2};
  Plan plan;
  Fault gone;
  gone.action.kind = FaultKind::kCrashTaskManager;
  gone.action.node = "task-manager-0";
  gone.action.parameter = kNeverRestarts;
  Fault rescale;
  rescale.action.kind = FaultKind::kRescale;
  rescale.action.parameter = 3;
  plan.faults = {gone, rescale};
  CHECK(CheckBudget(plan, budget).message() ==
        "only 2 of 3 slots are left: too many task managers crash for good");
  budget.slots_usable = 2;
  CHECK(CheckBudget(plan, budget).ok());
  budget.slots_usable = 128;
  plan.faults[1].action.parameter = 5;  // there never were so many
  CHECK(CheckBudget(plan, budget).ok());
}

TEST_CASE("budget: too many nodes gone for good", "[faults][budget]") {
  const Budget budget{{"job-manager-0"}, {"task-manager-0", "task-manager-1"}, {}, 2, 4};
  Plan plan;
  Fault fault;
  fault.action.kind = FaultKind::kCrashTaskManager;
  fault.action.node = "task-manager-0";
  fault.action.parameter = kNeverRestarts;
  plan.faults = {fault};
  CHECK(CheckBudget(plan, budget).message() ==
        "only 2 of 4 slots are left: too many task managers crash for good");
  plan.faults[0].action.kind = FaultKind::kCrashJobManager;
  plan.faults[0].action.node = "job-manager-0";
  CHECK(CheckBudget(plan, budget).message() == "no job manager is left: every one of them crashes for good");
  plan.faults[0].action.parameter = 1000;
  CHECK(CheckBudget(plan, budget) == absl::OkStatus());
}

TEST_CASE("budget: transactions that expire during an outage", "[faults][budget]") {
  Budget budget{{"job-manager-0"}, {"task-manager-0"}, {}, 2, 2};
  budget.transaction_timeout = Duration::Seconds(1);
  Plan plan;
  Fault fault;
  fault.action.kind = FaultKind::kPause;
  fault.action.node = "task-manager-0";
  fault.action.duration = Duration::Millis(600);
  plan.faults = {fault};
  CHECK(CheckBudget(plan, budget) == absl::OkStatus());
  plan.faults = {fault, fault};
  CHECK(!CheckBudget(plan, budget).ok());
}

TEST_CASE("budget: nodes that the cluster has not", "[faults][budget]") {
  const Budget cluster{{"job-manager-0"}, {"task-manager-0"}, {"object-store"}, 2, 2};
  Plan plan;
  Fault fault;
  fault.action.kind = FaultKind::kCrashTaskManager;
  fault.action.node = "task-manager-7";
  plan.faults = {fault};
  CHECK(CheckNames(plan, cluster).message() ==
        "/faults/0/action/node: unknown node 'task-manager-7'; did you mean 'task-manager-0'?");
  plan.faults[0].action.node = "job-manager-0";
  CHECK(!CheckNames(plan, cluster).ok());
  plan.faults[0].action.node = "task-manager-0";
  plan.faults[0].trigger.node = "object-stor";
  CHECK(CheckNames(plan, cluster).message() ==
        "/faults/0/trigger/node: unknown node 'object-stor'; did you mean 'object-store'?");
  fault.action.kind = FaultKind::kRescale;
  fault.action.node.clear();
  for (const uint64_t parallelism : {uint64_t{0}, uint64_t{3}, (uint64_t{1} << 32) + 1}) {
    fault.action.parameter = parallelism;
    plan.faults = {fault};
    CHECK(
        CheckNames(plan, cluster).message() ==
        absl::StrCat("/faults/0/action/parallelism: a job on 2 slots cannot have parallelism ", parallelism));
  }
  plan.faults[0].action.parameter = 2;
  CHECK(CheckNames(plan, cluster).ok());
}

}  // namespace
}  // namespace weir::faults
