#include "campaign/summary.h"

#include <algorithm>

#include "runtime/base/codec.h"

namespace weir::campaign {
namespace {

PropertySummary& RowOf(const std::string& id, std::vector<PropertySummary>& rows) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.id == id; });
  if (found != rows.end()) return *found;
  rows.emplace_back();
  rows.back().id = id;
  return rows.back();
}

void Count(const RunRecord& record, std::vector<PropertySummary>& rows) {
  for (const RunRecord::Property& property : record.properties) {
    PropertySummary& row = RowOf(property.id, rows);
    row.expected_broken = property.expected_broken;
    switch (property.outcome) {
      case properties::Outcome::kHeld:
        ++row.held;
        break;
      case properties::Outcome::kViolated:
        ++row.violated;
        break;
      case properties::Outcome::kNotJudged:
        ++row.not_judged;
        break;
    }
    if (property.witnessed) ++row.witnessed;
  }
}

std::vector<PropertySummary> SummariseScenario(const ScenarioRuns& runs, const Claims& claims) {
  std::vector<PropertySummary> rows;
  PropertySummary no_crash;
  no_crash.id = std::string(kNoCrash);
  for (const RunRecord& record : runs.records) {
    Count(record, rows);
    ++(record.end == RunRecord::End::kFinished ? no_crash.held : no_crash.violated);
  }
  no_crash.witnessed = no_crash.held;
  rows.push_back(no_crash);
  for (PropertySummary& row : rows) {
    row.scenario = runs.scenario;
    const auto claim = claims.find({runs.scenario, row.id});
    if (claim != claims.end()) row.claim = claim->second;
    if (row.id == kNoCrash) row.claim = std::string(kNoCrashClaim);
    const bool enough = runs.records.size() >= runs.minimum_seeds;
    row.vacuous = enough && (row.expected_broken ? row.violated : row.witnessed) == 0 && row.violated == 0;
  }
  return rows;
}

void AddTotals(const scenarios::RunTotals& run, scenarios::RunTotals& sum) {
  sum.events += run.events;
  sum.records += run.records;
  sum.simulated += run.simulated;
  sum.checkpoints_completed += run.checkpoints_completed;
  sum.checkpoints_aborted += run.checkpoints_aborted;
  sum.restarts += run.restarts;
}

// Over (scenario, seed, options, verdict, digest) of each run in order.
void AddToDigest(const RunRecord& record, ByteWriter& out) {
  out.Bytes(record.scenario);
  out.U64(record.seed);
  out.U64(record.options_hash);
  out.Bytes(record.Verdict());
  out.U64(record.digest.high);
  out.U64(record.digest.low);
}

}  // namespace

Summary Summarise(const std::vector<ScenarioRuns>& runs, const Claims& claims, bool strict) {
  Summary summary;
  ByteWriter digest;
  for (const ScenarioRuns& scenario : runs) {
    for (PropertySummary& row : SummariseScenario(scenario, claims))
      summary.properties.push_back(std::move(row));
    for (const RunRecord& record : scenario.records) {
      ++summary.runs;
      AddTotals(record.totals, summary.totals);
      AddToDigest(record, digest);
      if (!record.coverage.empty()) ++summary.coverage_runs;
      for (const auto& [event, times] : record.coverage)
        summary.coverage.Add(static_cast<EventId>(event), times);
      for (const auto& [kind, times] : record.faults_fired) summary.faults[kind] += times;
      if (!record.violated) continue;
      if (++summary.failures_total > Summary::kFailuresMax) continue;
      summary.failures.push_back({record.scenario, record.seed, record.ViolatedProperty(), record.message,
                                  record.signature, record.digest.ToHex(), "", ""});
    }
  }
  summary.digest = StableHash128(digest.bytes());
  const bool vacuous = std::any_of(summary.properties.begin(), summary.properties.end(),
                                   [](const PropertySummary& row) { return row.vacuous; });
  summary.verdict = summary.failures_total > 0 ? "violated" : strict && vacuous ? "vacuous" : "held";
  return summary;
}

}  // namespace weir::campaign
