#include "reports/json_report.h"

#include "nlohmann/json.hpp"
#include "reports/idle_faults.h"

namespace weir::reports {
namespace {

using Json = nlohmann::ordered_json;

double Seconds(Duration duration) { return static_cast<double>(duration.micros()) / 1e6; }

Json PropertyToJson(const campaign::PropertySummary& row) {
  Json json = {{"id", row.id},
               {"claim", row.claim},
               {"expected", row.expected_broken ? "broken" : "held"},
               {"held", row.held},
               {"violated", row.violated},
               {"witnessed", row.witnessed},
               {"vacuous", row.vacuous},
               {"scenario", row.scenario},
               {"not_judged", row.not_judged}};
  const auto add = [&json](const char* name, const campaign::PropertySummary::Example& example) {
    if (!example.message.empty()) json[name] = {{"seed", example.seed}, {"message", example.message}};
  };
  add("example", row.broken);
  add("not_judged_example", row.unjudged);
  return json;
}

Json FailureToJson(const campaign::Failure& failure) {
  Json json = {{"scenario", failure.scenario},   {"seed", failure.seed},
               {"property", failure.property},   {"message", failure.message},
               {"signature", failure.signature}, {"digest", failure.digest}};
  if (!failure.plan.empty()) json["plan"] = failure.plan;
  if (!failure.shrunk.empty()) json["shrunk"] = failure.shrunk;
  return json;
}

// What the sampled runs reached, and what they never did.
Json CoverageToJson(const campaign::Summary& summary) {
  Json events = Json::object();
  for (uint16_t i = 0; i < kEventCount; ++i) {
    const uint64_t times = summary.coverage.count(static_cast<EventId>(i));
    if (times > 0) events[std::string(Info(static_cast<EventId>(i)).name)] = times;
  }
  Json silent = Json::array();
  for (EventId id : summary.coverage.Silent()) silent.push_back(Info(id).name);
  return {{"sampled_runs", summary.coverage_runs}, {"events", events}, {"silent", silent}};
}

}  // namespace

std::string JsonReport(const campaign::CampaignResult& result, const CampaignRequest& request) {
  const campaign::Summary& summary = result.summary;
  Json json = Json::object();
  json["weir"] = kVersion;
  json["scenarios"] = result.scenarios;
  json["options"] = Json(request.options.values());
  json["verdict"] = summary.verdict;
  json["seeds"] = {
      {"requested", result.seeds_requested}, {"run", summary.runs}, {"first", result.first_seed}};
  json["properties"] = Json::array();
  for (const campaign::PropertySummary& row : summary.properties)
    json["properties"].push_back(PropertyToJson(row));
  json["failures"] = Json::array();
  for (const campaign::Failure& failure : summary.failures)
    json["failures"].push_back(FailureToJson(failure));
  json["faults"] = Json(summary.faults);
  json["faults_idle"] = IdleFaults(request.faults, summary.faults);
  json["totals"] = {{"events", summary.totals.events},
                    {"records", summary.totals.records},
                    {"simulated_seconds", Seconds(summary.totals.simulated)},
                    {"wall_seconds", Seconds(result.wall)},
                    {"checkpoints_completed", summary.totals.checkpoints_completed},
                    {"checkpoints_aborted", summary.totals.checkpoints_aborted},
                    {"restarts", summary.totals.restarts}};
  json["digest"] = summary.digest.ToHex();
  json["failures_total"] = summary.failures_total;
  json["undecided"] = summary.undecided;
  json["coverage"] = CoverageToJson(summary);
  json["request"] = {
      {"faults", request.faults}, {"properties", request.properties}, {"inputs", Json(request.inputs)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace weir::reports
