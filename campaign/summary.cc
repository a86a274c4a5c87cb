#include "campaign/summary.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
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
    const bool is_judged = property.outcome != properties::Outcome::kNotJudged;
    PropertySummary::Example& example = is_judged ? row.broken : row.unjudged;
    if (example.message.empty()) example = {record.seed, property.remark};
  }
}

void AddTotals(const scenarios::RunTotals& run, scenarios::RunTotals& sum) {
  sum.events += run.events;
  sum.records += run.records;
  sum.simulated += run.simulated;
  sum.checkpoints_completed += run.checkpoints_completed;
  sum.checkpoints_aborted += run.checkpoints_aborted;
  sum.restarts += run.restarts;
}

// Over (scenario, seed, options, verdict, digest) of a run, and the digest of those before it.
Hash128 Chain(const Hash128& before, const RunRecord& record) {
  ByteWriter out;
  out.U64(before.high);
  out.U64(before.low);
  out.Bytes(record.scenario);
  out.U64(record.seed);
  out.U64(record.options_hash);
  out.Bytes(record.Verdict());
  out.U64(record.digest.high);
  out.U64(record.digest.low);
  return StableHash128(out.bytes());
}

}  // namespace

SummaryBuilder::SummaryBuilder(std::vector<Scenario> scenarios) {
  for (Scenario& scenario : scenarios) {
    parts_.emplace_back();
    parts_.back().scenario = std::move(scenario);
  }
}

void SummaryBuilder::Add(size_t scenario, const RunRecord& record) {
  Part& part = parts_[scenario];
  WEIR_CHECK(record.seed >= part.next_seed, "seed ", record.seed, " of ", record.scenario, " comes late");
  part.next_seed = record.seed + 1;
  ++part.runs;
  if (record.end == RunRecord::End::kFailedCheck || record.end == RunRecord::End::kDied) ++part.crashed;
  if (record.is_undecided() && ++sums_.undecided == 1) {
    sums_.undecided_example = absl::StrCat(record.scenario, ", seed ", record.seed, ": ", record.message);
  }
  part.digest = Chain(part.digest, record);
  Count(record, part.rows);
  AddTotals(record.totals, sums_.totals);
  if (!record.coverage.empty()) ++sums_.coverage_runs;
  for (const auto& [event, times] : record.coverage) sums_.coverage.Add(static_cast<EventId>(event), times);
  for (const auto& [kind, times] : record.faults_fired) sums_.faults[kind] += times;
  if (!record.violated || ++part.violated > Summary::kFailuresMax) return;
  part.failures.push_back({record.scenario, record.seed, record.ViolatedProperty(), record.message,
                           record.signature, record.digest.ToHex(), "", ""});
}

std::vector<PropertySummary> SummaryBuilder::Rows(const Part& part, const Claims& claims) const {
  std::vector<PropertySummary> rows = part.rows;
  PropertySummary no_crash;
  no_crash.id = std::string(kNoCrash);
  no_crash.held = part.runs - part.crashed;
  no_crash.violated = part.crashed;
  no_crash.witnessed = no_crash.held;
  rows.push_back(no_crash);
  for (PropertySummary& row : rows) {
    row.scenario = part.scenario.name;
    const auto claim = claims.find({row.scenario, row.id});
    if (claim != claims.end()) row.claim = claim->second;
    if (row.id == kNoCrash) row.claim = std::string(kNoCrashClaim);
    const bool enough = part.runs >= part.scenario.minimum_seeds;
    row.vacuous = enough && (row.expected_broken ? row.violated : row.witnessed) == 0 && row.violated == 0;
  }
  return rows;
}

Summary SummaryBuilder::Build(const Claims& claims, bool strict) const {
  Summary summary = sums_;
  ByteWriter digests;
  for (const Part& part : parts_) {
    summary.runs += part.runs;
    summary.failures_total += part.violated;
    digests.U64(part.digest.high);
    digests.U64(part.digest.low);
    for (PropertySummary& row : Rows(part, claims)) summary.properties.push_back(std::move(row));
    for (const Failure& failure : part.failures) {
      if (summary.failures.size() < Summary::kFailuresMax) summary.failures.push_back(failure);
    }
  }
  summary.digest = StableHash128(digests.bytes());
  const bool vacuous = std::any_of(summary.properties.begin(), summary.properties.end(),
                                   [](const PropertySummary& row) { return row.vacuous; });
  summary.verdict = summary.failures_total > 0 ? "violated"
                    : summary.undecided > 0    ? "error"
                    : strict && vacuous        ? "vacuous"
                                               : "held";
  return summary;
}

}  // namespace weir::campaign
