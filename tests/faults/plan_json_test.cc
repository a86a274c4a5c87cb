#include "faults/plan_json.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_replace.h"
#include "faults/fault_kinds.h"

namespace weir::faults {
namespace {

Plan SmallPlan() {
  Plan plan;
  plan.scenario = "account-totals";
  plan.seed = 7;
  plan.workload_seed = 70;
  plan.options.Set("execution.checkpointing.interval", "1 s");
  plan.inputs["transactions"] = "data/transactions.jsonl";
  plan.input_hashes["transactions"] = "00112233445566778899aabbccddeeff";
  plan.kept.push_back({"transactions", 1, {{0, 10}, {12, 13}}});
  plan.schedule = {sim::ScheduleStrategy::kRandom, Duration::Micros(20)};
  plan.overrides.push_back({DrawSite::kLinkLatency, 1, 2, 3});
  Fault crash;
  crash.trigger.kind = Trigger::Kind::kEvent;
  crash.trigger.event = EventId::kCheckpointAcknowledged;
  crash.trigger.occurrence = 3;
  crash.trigger.scope = 2;
  crash.trigger.where = {{"vertex", 1}};
  crash.trigger.node = "task-manager-1";
  crash.action.kind = FaultKind::kCrashTaskManager;
  crash.action.node = "task-manager-1";
  crash.action.parameter = kNeverRestarts;
  plan.faults.push_back(crash);
  Fault cut;
  cut.trigger.kind = Trigger::Kind::kPhase;
  cut.trigger.phase = "upload";
  cut.action.kind = FaultKind::kNetCut;
  cut.action.node = "task-manager-0";
  cut.action.peer = "job-manager-0";
  cut.action.duration = Duration::Millis(700);
  plan.faults.push_back(cut);
  plan.expect = Expectation{"violated", "exactly-once/sum/lost/", std::string(32, 'a'), ""};
  return plan;
}

std::string Message(const std::string& json) {
  const absl::StatusOr<Plan> plan = PlanFromJson(json);
  REQUIRE(!plan.ok());
  CHECK(plan.status().code() == absl::StatusCode::kInvalidArgument);
  return std::string(plan.status().message());
}

std::string Damaged(absl::string_view from, absl::string_view to) {
  const std::string json = PlanToJson(SmallPlan());
  REQUIRE(json.find(std::string(from)) != std::string::npos);
  return absl::StrReplaceAll(json, {{from, to}});
}

TEST_CASE("plan file: what was written is read, byte for byte", "[faults][plan]") {
  const std::string json = PlanToJson(SmallPlan());
  const absl::StatusOr<Plan> plan = PlanFromJson(json);
  REQUIRE(plan.status() == absl::OkStatus());
  CHECK(PlanToJson(*plan) == json);
  CHECK(plan->faults[0].action.parameter == kNeverRestarts);
  CHECK(plan->faults[0].trigger.where.at("vertex") == 1);
  CHECK(plan->faults[1].trigger.phase == "upload");
  CHECK(plan->kept[0].ranges[1].second == 13);
  CHECK(plan->expect->verdict == "violated");
}

TEST_CASE("plan file: an expectation knows the plan that it is of, if it is a new one", "[faults][plan]") {
  const Plan plan = PlanFromJson(PlanToJson(SmallPlan())).value();
  CHECK(plan.expect->plan == PlanHash(plan));
  const Plan edited = PlanFromJson(Damaged("\"seed\": 7", "\"seed\": 8")).value();
  CHECK(edited.expect->plan == PlanHash(plan));
  CHECK(edited.expect->plan != PlanHash(edited));
  const Plan other = PlanFromJson(Damaged("\"verdict\": \"violated\"", "\"verdict\": \"held\"")).value();
  CHECK(other.expect->plan == PlanHash(other));
  const std::string hash = ",\n    \"plan\": \"" + PlanHash(plan) + "\"";
  CHECK(PlanFromJson(Damaged(hash, "")).value().expect->plan.empty());
}

TEST_CASE("plan file: an early end is named with line and column", "[faults][plan]") {
  const std::string json = PlanToJson(SmallPlan());
  CHECK(Message(json.substr(0, json.size() / 2)).find("the file ends too early") != std::string::npos);
  CHECK(Message("") == "line 1, column 1: the file ends too early");
  CHECK(Message("{\n  \"schema\": 1,\n  oops}") == "line 3, column 3: this is no JSON");
}

TEST_CASE("plan file: fields must be there, known and of their type", "[faults][plan]") {
  CHECK(Message(Damaged("  \"seed\": 7,\n", "")) == "/seed: missing; a whole number is wanted here");
  CHECK(Message(Damaged("\"seed\": 7", "\"seed\": -7")) ==
        "/seed: a whole number is wanted, not a negative number");
  CHECK(Message(Damaged("\"seed\": 7", "\"seed\": 7.5")) ==
        "/seed: a whole number is wanted, not a fraction");
  CHECK(Message(Damaged("\"seed\": 7", "\"seed\": \"7\"")) ==
        "/seed: a whole number is wanted, not a string");
  CHECK(Message(Damaged("\"seed\": 7,", "\"seed\": 7, \"sead\": 8,")) ==
        "/sead: unknown field 'sead'; did you mean 'seed'?");
  CHECK(Message(Damaged("\"seed\": 7,", "\"seed\": 7, \"seed\": 8,")) ==
        "field 'seed' stands twice in one object");
  CHECK(Message("[]") == "the document: an object is wanted, not an array");
  CHECK(Message(Damaged("\"1 s\"", "1")) ==
        "/options/execution.checkpointing.interval: a string is wanted, not a whole number");
}

TEST_CASE("plan file: names and ranges are checked", "[faults][plan]") {
  CHECK(Message(Damaged("\"schema\": 1", "\"schema\": 2")) == "/schema: this program reads schema 1, not 2");
  CHECK(Message(Damaged("checkpoint.acknowledged", "checkpoint.acknowledge")) ==
        "/faults/0/trigger/event: unknown event 'checkpoint.acknowledge'; did you mean "
        "'checkpoint.acknowledged'?");
  CHECK(Message(Damaged("\"upload\"", "\"uplaod\"")) ==
        "/faults/1/trigger/phase: unknown checkpoint phase 'uplaod'; did you mean 'upload'?");
  CHECK(Message(Damaged("\"net.cut\"", "\"net.cud\"")) ==
        "/faults/1/action/kind: unknown fault 'net.cud'; did you mean 'net.cut'?");
  CHECK(Message(Damaged("\"vertex\": 1", "\"vertx\": 1")) ==
        "/faults/0/trigger/where: unknown field 'vertx'; did you mean 'vertex'?");
  CHECK(Message(Damaged("\"occurrence\": 3", "\"occurrence\": 0")) ==
        "/faults/0/trigger/occurrence: a number from 1 to 18446744073709551615 is wanted, not 0");
  CHECK(Message(Damaged("\"silent\": false", "\"peer\": \"x\", \"silent\": false")) ==
        "/faults/0/action/peer: unknown field 'peer'; did you mean 'parameter'?");
  CHECK(Message(Damaged("\"random\"", "\"rnd\"")) ==
        "/schedule/strategy: unknown schedule strategy 'rnd'; did you mean 'random'?");
  CHECK(Message(Damaged("\"peer\": \"job-manager-0\"", "\"peer\": \"\"")) ==
        "/faults/1/action/peer: empty; a node such as 'job-manager-0' is wanted");
}

}  // namespace
}  // namespace weir::faults
