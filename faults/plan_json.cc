#include "faults/plan_json.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "faults/fault_kinds.h"
#include "faults/json_reader.h"
#include "runtime/base/nearest_name.h"
#include "runtime/base/stable_hash.h"

namespace weir::faults {
namespace {

constexpr uint64_t kNanosMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());

uint64_t Nanos(Duration duration) { return static_cast<uint64_t>(duration.nanos()); }

bool UsesNode(const FaultKindInfo& info) {
  return info.target != FaultTarget::kStore && info.target != FaultTarget::kRun;
}

Json TriggerToJson(const Trigger& trigger) {
  Json json = Json::object();
  if (trigger.kind == Trigger::Kind::kTime) {
    json["at_ns"] = Nanos(trigger.at - Instant());
  } else {
    if (trigger.kind == Trigger::Kind::kEvent) {
      json["event"] = Info(trigger.event).name;
    } else {
      json["phase"] = trigger.phase;
    }
    json["occurrence"] = trigger.occurrence;
    json["scope"] = trigger.scope;
    json["where"] = Json(trigger.where);
    if (trigger.node) json["node"] = *trigger.node;
  }
  json["delay_ns"] = Nanos(trigger.delay);
  return json;
}

Json ActionToJson(const Action& action) {
  const FaultKindInfo& info = Info(action.kind);
  Json json = Json::object();
  json["kind"] = info.name;
  if (UsesNode(info)) json["node"] = action.node;
  if (info.target == FaultTarget::kLink) json["peer"] = action.peer;
  if (!info.parameter.empty()) json["parameter"] = action.parameter;
  if (info.lasts) json["duration_ns"] = Nanos(action.duration);
  if (info.target == FaultTarget::kNode && info.group == "crash") json["silent"] = action.silent;
  return json;
}

// Pairs of numbers on one line, not on four.
std::string OnOneLine(const std::string& json) {
  std::string result;
  bool in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    result.push_back(json[i]);
    if (in_string && json[i] == '\\') {
      result.push_back(json[++i]);
    } else if (json[i] == '"') {
      in_string = !in_string;
    } else if (!in_string && json[i] == '[') {
      const size_t end = json.find_first_not_of("0123456789, \n", i + 1);
      if (end == std::string::npos || json[end] != ']') continue;
      for (++i; i < end; ++i) {
        if (json[i] == ',') result += ", ";
        if (absl::ascii_isdigit(static_cast<unsigned char>(json[i]))) result.push_back(json[i]);
      }
      --i;
    }
  }
  return result;
}

Json KeptToJson(const KeptRecords& kept) {
  Json ranges = Json::array();
  for (const auto& [begin, end] : kept.ranges) ranges.push_back(Json::array({begin, end}));
  return {{"topic", kept.topic}, {"split", kept.split}, {"ranges", ranges}};
}

// The event whose fields `where` and `scope` are about, or nullopt and an error.
std::optional<EventId> ReadEvent(JsonReader& reader, Trigger& trigger) {
  if (trigger.kind == Trigger::Kind::kEvent) {
    const std::string name = reader.String("event");
    if (const std::optional<EventId> id = FindEvent(name)) return id;
    std::vector<absl::string_view> known;
    for (uint16_t i = 0; i < kEventCount; ++i) known.push_back(Info(static_cast<EventId>(i)).name);
    reader.Fail("event", UnknownName("event", name, known));
    return std::nullopt;
  }
  trigger.phase = reader.String("phase");
  std::vector<absl::string_view> known;
  for (const CheckpointPhase& phase : kCheckpointPhases) {
    if (phase.name == trigger.phase) return phase.begin;
    known.push_back(phase.name);
  }
  reader.Fail("phase", UnknownName("checkpoint phase", trigger.phase, known));
  return std::nullopt;
}

Trigger ReadTrigger(const Json& json, const std::string& pointer, absl::Status& error) {
  JsonReader reader(json, pointer, error);
  Trigger trigger;
  trigger.kind = reader.Has("event")   ? Trigger::Kind::kEvent
                 : reader.Has("phase") ? Trigger::Kind::kPhase
                                       : Trigger::Kind::kTime;
  if (trigger.kind == Trigger::Kind::kTime) {
    if (!reader.Has("at_ns")) reader.Fail("at_ns", "missing; a trigger has at_ns, event or phase");
    trigger.at = Instant::FromNanos(static_cast<int64_t>(reader.Unsigned("at_ns", 0, kNanosMax / 1024)));
  } else {
    const std::optional<EventId> id = ReadEvent(reader, trigger);
    if (trigger.kind == Trigger::Kind::kEvent) trigger.event = id.value_or(EventId{});
    trigger.occurrence = reader.Unsigned("occurrence", 1);
    trigger.scope = reader.Unsigned("scope");
    trigger.where = reader.UnsignedMap("where");
    if (reader.Has("node")) trigger.node = reader.String("node");
    if (id) {
      if (trigger.scope != 0 && Info(*id).scope == Scope::kRun) {
        reader.Fail("scope", absl::StrCat("0 is wanted: ", Info(*id).name, " is counted over the whole run"));
      }
      std::vector<absl::string_view> known;
      for (absl::string_view field : Info(*id).fields) {
        if (!field.empty()) known.push_back(field);
      }
      for (const auto& [field, value] : trigger.where) {
        if (FieldIndex(*id, field) < 0 || field.empty())
          reader.Fail("where", UnknownName("field", field, known));
      }
    }
  }
  trigger.delay = Duration::Nanos(static_cast<int64_t>(reader.Unsigned("delay_ns", 0, kNanosMax / 1024)));
  reader.Finish();
  return trigger;
}

Action ReadAction(const Json& json, const std::string& pointer, absl::Status& error) {
  JsonReader reader(json, pointer, error);
  Action action;
  const std::string name = reader.String("kind");
  const std::optional<FaultKind> kind = FindFaultKind(name);
  if (!kind) {
    std::vector<absl::string_view> known;
    for (const FaultKindInfo& info : FaultKinds()) known.push_back(info.name);
    reader.Fail("kind", UnknownName("fault", name, known));
    return action;
  }
  action.kind = *kind;
  const FaultKindInfo& info = Info(*kind);
  if (UsesNode(info)) action.node = reader.String("node");
  if (action.node.empty() && UsesNode(info) && info.target != FaultTarget::kSubtask) {
    reader.Fail("node", "empty; a node such as 'task-manager-0' is wanted");
  }
  if (info.target == FaultTarget::kLink) {
    action.peer = reader.String("peer");
    if (action.peer.empty()) reader.Fail("peer", "empty; a node such as 'job-manager-0' is wanted");
  }
  if (!info.parameter.empty()) {
    action.parameter = reader.Unsigned("parameter");
    const bool forever = info.group == "crash" && action.parameter == kNeverRestarts;
    if (action.parameter > kNanosMax / 1024 / 1000 && !forever) reader.Fail("parameter", "too great");
    if (!IsParameter(info, action.parameter)) {
      reader.Fail("parameter", absl::StrCat("a number from 1 on is wanted: ", info.parameter));
    }
  }
  if (info.lasts) {
    action.duration =
        Duration::Nanos(static_cast<int64_t>(reader.Unsigned("duration_ns", 0, kNanosMax / 1024)));
  }
  if (info.target == FaultTarget::kNode && info.group == "crash") action.silent = reader.Bool("silent");
  reader.Finish();
  return action;
}

std::vector<Fault> ReadFaults(const Json& array, absl::Status& error) {
  std::vector<Fault> faults;
  for (size_t i = 0; i < array.size(); ++i) {
    const std::string pointer = absl::StrCat("/faults/", i);
    JsonReader reader(array[i], pointer, error);
    const Json& trigger = reader.Object("trigger");
    const Json& action = reader.Object("action");
    reader.Finish();
    if (!error.ok()) break;
    Fault fault;
    fault.trigger = ReadTrigger(trigger, pointer + "/trigger", error);
    fault.action = ReadAction(action, pointer + "/action", error);
    faults.push_back(std::move(fault));
  }
  return faults;
}

std::vector<KeptRecords> ReadKept(const Json& array, absl::Status& error) {
  std::vector<KeptRecords> result;
  for (size_t i = 0; i < array.size() && error.ok(); ++i) {
    JsonReader reader(array[i], absl::StrCat("/kept/", i), error);
    KeptRecords kept;
    kept.topic = reader.String("topic");
    kept.split = static_cast<uint32_t>(reader.Unsigned("split", 0, ~uint32_t{0}));
    uint64_t last = 0;
    for (const Json& range : reader.Array("ranges")) {
      const bool pair = range.is_array() && range.size() == 2 && range[0].is_number_unsigned() &&
                        range[1].is_number_unsigned();
      const uint64_t begin = pair ? range[0].get<uint64_t>() : 0;
      const uint64_t end = pair ? range[1].get<uint64_t>() : 0;
      if (!pair || begin >= end || begin < last) {
        reader.FailInside("ranges", absl::StrCat(kept.ranges.size()),
                          "[begin, end] is wanted: whole numbers, begin < end, not before the end of the "
                          "last range");
        break;
      }
      kept.ranges.emplace_back(begin, end);
      last = end;
    }
    reader.Finish();
    result.push_back(std::move(kept));
  }
  return result;
}

std::vector<DrawOverride> ReadOverrides(const Json& array, absl::Status& error) {
  std::vector<DrawOverride> result;
  for (size_t i = 0; i < array.size() && error.ok(); ++i) {
    JsonReader reader(array[i], absl::StrCat("/overrides/", i), error);
    DrawOverride draw;
    draw.site = static_cast<DrawSite>(reader.Unsigned("site", 0, ~uint32_t{0}));
    draw.key = reader.Unsigned("key");
    draw.occurrence = reader.Unsigned("occurrence");
    draw.value = reader.Unsigned("value");
    reader.Finish();
    result.push_back(draw);
  }
  return result;
}

sim::ScheduleOptions ReadSchedule(const Json& json, absl::Status& error) {
  JsonReader reader(json, "/schedule", error);
  sim::ScheduleOptions schedule;
  const std::string strategy = reader.String("strategy");
  if (strategy == "random") {
    schedule.strategy = sim::ScheduleStrategy::kRandom;
  } else if (strategy != "fifo") {
    reader.Fail("strategy", UnknownName("schedule strategy", strategy, {"fifo", "random"}));
  }
  schedule.slack = Duration::Nanos(static_cast<int64_t>(reader.Unsigned("slack_ns", 0, kNanosMax / 1024)));
  reader.Finish();
  return schedule;
}

void ReadInputs(const Json& object, Plan& plan, absl::Status& error) {
  for (const auto& [name, value] : object.items()) {
    JsonReader reader(value, "/inputs/" + name, error);
    plan.inputs[name] = reader.String("file");
    plan.input_hashes[name] = reader.String("hash");
    reader.Finish();
  }
}

Expectation ReadExpectation(const Json& json, absl::Status& error) {
  JsonReader reader(json, "/expect", error);
  Expectation expect;
  expect.verdict = reader.String("verdict");
  if (expect.verdict != "held" && expect.verdict != "violated" && expect.verdict != "error") {
    reader.Fail("verdict", UnknownName("verdict", expect.verdict, {"held", "violated", "error"}));
  }
  expect.signature = reader.String("signature");
  expect.digest = reader.String("digest");
  expect.source = reader.String("source");
  if (reader.Has("plan")) expect.plan = reader.String("plan");  // not in those of earlier programs
  reader.Finish();
  return expect;
}

std::string Text(const Json& json) {
  return OnOneLine(json.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

std::string HashOf(const Json& json) { return StableHash128(Text(json)).ToHex(); }

Json WithoutExpectation(const Plan& plan) {
  Json json = Json::object();
  json["schema"] = Plan::kSchema;
  json["scenario"] = plan.scenario;
  json["seed"] = plan.seed;
  json["workload_seed"] = plan.workload_seed;
  json["options"] = Json(plan.options.values());
  json["inputs"] = Json::object();
  for (const auto& [name, file] : plan.inputs) {
    const auto hash = plan.input_hashes.find(name);
    json["inputs"][name] = {{"file", file}, {"hash", hash == plan.input_hashes.end() ? "" : hash->second}};
  }
  json["properties"] = Json(plan.properties);
  json["kept"] = Json::array();
  for (const KeptRecords& kept : plan.kept) json["kept"].push_back(KeptToJson(kept));
  json["schedule"] = {
      {"strategy", plan.schedule.strategy == sim::ScheduleStrategy::kFifo ? "fifo" : "random"},
      {"slack_ns", Nanos(plan.schedule.slack)}};
  json["overrides"] = Json::array();
  for (const DrawOverride& draw : plan.overrides) {
    json["overrides"].push_back({{"site", static_cast<uint32_t>(draw.site)},
                                 {"key", draw.key},
                                 {"occurrence", draw.occurrence},
                                 {"value", draw.value}});
  }
  json["faults"] = Json::array();
  for (const Fault& fault : plan.faults) {
    json["faults"].push_back(
        {{"trigger", TriggerToJson(fault.trigger)}, {"action", ActionToJson(fault.action)}});
  }
  json["liveness_at_ns"] = Nanos(plan.liveness_at - Instant());
  return json;
}

}  // namespace

std::string PlanHash(const Plan& plan) { return HashOf(WithoutExpectation(plan)); }

std::string PlanToJson(const Plan& plan) {
  Json json = WithoutExpectation(plan);
  if (plan.expect) {
    const std::string hash = HashOf(json);
    json["expect"] = {{"verdict", plan.expect->verdict},
                      {"signature", plan.expect->signature},
                      {"digest", plan.expect->digest},
                      {"source", plan.expect->source},
                      {"plan", hash}};
  }
  return Text(json);
}

absl::StatusOr<Plan> PlanFromJson(absl::string_view text) {
  absl::StatusOr<Json> json = ParseJson(text);
  if (!json.ok()) return json.status();
  absl::Status error;
  JsonReader reader(*json, "", error);
  Plan plan;
  const uint64_t schema = reader.Unsigned("schema");
  if (schema != Plan::kSchema) {
    reader.Fail("schema", absl::StrCat("this program reads schema ", Plan::kSchema, ", not ", schema));
  }
  plan.scenario = reader.String("scenario");
  if (plan.scenario.empty()) reader.Fail("scenario", "empty; the name of a scenario is wanted");
  plan.seed = reader.Unsigned("seed");
  plan.workload_seed = reader.Unsigned("workload_seed");
  for (const auto& [key, value] : reader.StringMap("options")) plan.options.Set(key, value);
  ReadInputs(reader.Object("inputs"), plan, error);
  plan.properties = reader.StringArray("properties");
  plan.kept = ReadKept(reader.Array("kept"), error);
  plan.schedule = ReadSchedule(reader.Object("schedule"), error);
  plan.overrides = ReadOverrides(reader.Array("overrides"), error);
  plan.faults = ReadFaults(reader.Array("faults"), error);
  plan.liveness_at =
      Instant::FromNanos(static_cast<int64_t>(reader.Unsigned("liveness_at_ns", 0, kNanosMax / 1024)));
  if (reader.Has("expect")) plan.expect = ReadExpectation(reader.Object("expect"), error);
  reader.Finish();
  if (!error.ok()) return error;
  return plan;
}

}  // namespace weir::faults
