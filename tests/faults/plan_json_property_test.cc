#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "faults/fault_kinds.h"
#include "faults/plan_json.h"
#include "tests/check_property.h"

namespace weir::faults {
namespace {

// Any plan that the writer can write: only fields that its triggers and actions use.
Fault AnyFault() {
  Fault fault;
  Trigger& trigger = fault.trigger;
  trigger.kind = static_cast<Trigger::Kind>(*rc::gen::inRange(0, 3));
  trigger.delay = Duration::Nanos(*rc::gen::inRange<int64_t>(0, 1'000'000'000'000));
  if (trigger.kind == Trigger::Kind::kTime) {
    trigger.at = Instant::FromNanos(*rc::gen::inRange<int64_t>(0, 1'000'000'000'000));
  } else {
    EventId id = EventId::kCheckpointTriggered;
    if (trigger.kind == Trigger::Kind::kEvent) {
      id = trigger.event = static_cast<EventId>(*rc::gen::inRange<int>(0, kEventCount));
    } else {
      const auto index = static_cast<size_t>(*rc::gen::inRange<int>(0, kCheckpointPhases.size()));
      trigger.phase = std::string(kCheckpointPhases[index].name);
      id = kCheckpointPhases[index].begin;
    }
    trigger.occurrence = *rc::gen::inRange<uint64_t>(1, ~uint64_t{0});
    if (Info(id).scope != Scope::kRun) trigger.scope = *rc::gen::arbitrary<uint64_t>();
    for (absl::string_view field : Info(id).fields) {
      if (!field.empty() && *rc::gen::arbitrary<bool>()) {
        trigger.where[std::string(field)] = *rc::gen::arbitrary<uint64_t>();
      }
    }
    if (*rc::gen::arbitrary<bool>()) trigger.node = *rc::gen::string<std::string>();
  }
  Action& action = fault.action;
  action.kind = static_cast<FaultKind>(*rc::gen::inRange<int>(0, static_cast<int>(FaultKinds().size())));
  const FaultKindInfo& info = Info(action.kind);
  if (info.target != FaultTarget::kStore && info.target != FaultTarget::kRun)
    action.node = "task-manager-" + std::to_string(*rc::gen::inRange(0, 9));
  if (info.target == FaultTarget::kLink) action.peer = "job-manager-0";
  if (!info.parameter.empty()) action.parameter = *rc::gen::inRange<uint64_t>(0, 1'000'000'000);
  if (!info.values.empty()) action.parameter = *rc::gen::inRange<uint64_t>(1, 3);
  if (info.lasts) action.duration = Duration::Nanos(*rc::gen::inRange<int64_t>(0, 1'000'000'000'000));
  if (info.group == "crash" && info.target == FaultTarget::kNode) action.silent = *rc::gen::arbitrary<bool>();
  return fault;
}

TEST_CASE("plan file: any plan survives writing and reading", "[faults][plan]") {
  CheckProperty("plan file: any plan survives", [] {
    Plan plan;
    plan.scenario = "s" + *rc::gen::string<std::string>();
    plan.seed = *rc::gen::arbitrary<uint64_t>();
    plan.workload_seed = *rc::gen::arbitrary<uint64_t>();
    const int count = *rc::gen::inRange(0, 6);
    for (int i = 0; i < count; ++i) plan.faults.push_back(AnyFault());
    plan.schedule.slack = Duration::Nanos(*rc::gen::inRange<int64_t>(0, 1'000'000));
    const std::string json = PlanToJson(plan);
    const absl::StatusOr<Plan> read = PlanFromJson(json);
    // Bytes that are no UTF-8 are replaced, so a second writing is what must be equal.
    RC_ASSERT(read.status() == absl::OkStatus());
    RC_ASSERT(PlanToJson(*read) == json);
    RC_ASSERT(read->seed == plan.seed);
    RC_ASSERT(read->faults.size() == plan.faults.size());
  });
}

TEST_CASE("plan file: a damaged byte is refused or makes another plan, never a crash", "[faults][plan]") {
  CheckProperty("plan file: a damaged byte", [] {
    Plan plan;
    plan.scenario = "s";
    plan.faults.push_back(AnyFault());
    plan.faults[0].trigger.node.reset();
    std::string json = PlanToJson(plan);
    const size_t at = *rc::gen::inRange<size_t>(0, json.size());
    const char byte = *rc::gen::arbitrary<char>();
    RC_PRE(json[at] != byte);
    json[at] = byte;
    const absl::StatusOr<Plan> read = PlanFromJson(json);
    if (read.ok()) {
      RC_ASSERT(PlanFromJson(PlanToJson(*read)).ok());
    } else {
      RC_ASSERT(read.status().code() == absl::StatusCode::kInvalidArgument);
      RC_ASSERT(!read.status().message().empty());
    }
  });
}

}  // namespace
}  // namespace weir::faults
