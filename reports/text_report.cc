#include "reports/text_report.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "faults/fault_kinds.h"
#include "reports/idle_faults.h"

namespace weir::reports {
namespace {

constexpr size_t kFailuresShown = 3;

std::string Word(const campaign::PropertySummary& row) {
  if (row.expected_broken) {
    if (row.violated > 0) return "broken, as it must";
    return row.vacuous ? "VACUOUS" : "not broken";
  }
  if (row.violated > 0) return "VIOLATED";
  return row.vacuous ? "VACUOUS" : row.held == 0 ? "not judged" : "held";
}

void AppendProperties(const campaign::CampaignResult& result, std::string* text) {
  size_t width = 8;
  for (const campaign::PropertySummary& row : result.summary.properties)
    width = std::max(width, row.id.size());
  const std::string head = absl::StrFormat("  %-*s  %-18s %9s %9s %9s\n", static_cast<int>(width), "promise",
                                           "verdict", "held", "violated", "witnessed");
  std::string scenario;
  for (const campaign::PropertySummary& row : result.summary.properties) {
    if (row.scenario != scenario) {
      scenario = row.scenario;
      if (result.scenarios.size() > 1) absl::StrAppend(text, "\n  ", scenario, "\n");
      absl::StrAppend(text, head);
    }
    absl::StrAppendFormat(text, "  %-*s  %-18s %9s %9s %9s\n", static_cast<int>(width), row.id, Word(row),
                          WithCommas(row.held), WithCommas(row.violated), WithCommas(row.witnessed));
  }
}

void AppendVacuous(const campaign::CampaignResult& result, std::string* text) {
  for (const campaign::PropertySummary& row : result.summary.properties) {
    if (!row.vacuous) continue;
    absl::StrAppend(text, "\n  warning: ", row.id, " of ", row.scenario, " proves nothing: ",
                    row.expected_broken ? "it was never broken, though it must be"
                                        : "what it is about was seen in no run",
                    "\n");
  }
}

// What was to be broken, and how it broke, and why something was not judged: no failures, so nothing else says it.
void AppendExamples(const campaign::CampaignResult& result, std::string* text) {
  const auto append = [text](absl::string_view what, const campaign::PropertySummary& row,
                             const campaign::PropertySummary::Example& example) {
    if (example.message.empty()) return;
    absl::StrAppend(text, "\n  ", what, ": ", row.id, " of ", row.scenario, ", seed ", example.seed,
                    "\n           ", example.message, "\n");
  };
  for (const campaign::PropertySummary& row : result.summary.properties) {
    append("broken, as it must", row, row.broken);
    append(absl::StrCat("not judged in ", WithCommas(row.not_judged), row.not_judged == 1 ? " run" : " runs"),
           row, row.unjudged);
  }
}

void AppendIdleFaults(const std::vector<std::string>& idle, std::string* text) {
  if (idle.empty()) return;
  absl::StrAppend(text, "\n  warning: of --faults, ", absl::StrJoin(idle, ", "), " struck in no run\n");
}

void AppendFailures(const campaign::CampaignResult& result, const std::string& program,
                    const std::string& out, std::string* text) {
  const campaign::Summary& summary = result.summary;
  std::vector<const campaign::Failure*> shown;
  // Those that were made smaller first: the first of each kind.
  for (const campaign::Failure& failure : summary.failures) {
    if (!failure.shrunk.empty() && shown.size() < kFailuresShown) shown.push_back(&failure);
  }
  if (shown.empty() && !summary.failures.empty()) shown.push_back(&summary.failures.front());
  for (const campaign::Failure* failure : shown) {
    absl::StrAppend(text, "\n  FAILURE  ", failure->scenario, ", seed ", failure->seed, ": ",
                    failure->property, "\n           ", failure->message, "\n");
    if (!failure->plan.empty()) {
      absl::StrAppend(text, "  again    ", program, " replay --plan ", out, "/", failure->plan, "\n");
    }
    if (!failure->shrunk.empty()) {
      absl::StrAppend(text, "  smaller  ", program, " replay --plan ", out, "/", failure->shrunk, "\n");
    }
  }
  if (summary.failures_total > shown.size()) {
    absl::StrAppend(text, "\n  ", WithCommas(summary.failures_total),
                    " runs failed in all; the report lists ",
                    summary.failures_total > summary.failures.size() ? "the first of them" : "them", "\n");
  }
}

std::string FaultList(const std::map<std::string, uint64_t>& faults) {
  if (faults.empty()) return "none";
  return absl::StrJoin(faults, ", ", [](std::string* out, const auto& entry) {
    absl::StrAppend(out, entry.first, " ", WithCommas(entry.second));
  });
}

// Breaks a list of at most a screen's width a line between its elements; numbers have commas of their own.
std::string Folded(const std::string& list, const std::string& indent) {
  std::string text;
  size_t column = 0;
  for (absl::string_view element : absl::StrSplit(list, ", ")) {
    if (!text.empty()) {
      const bool breaks = column + element.size() > 84;
      absl::StrAppend(&text, ",", breaks ? absl::StrCat("\n", indent) : " ");
      column = breaks ? 0 : column + 2;
    }
    absl::StrAppend(&text, element);
    column += element.size();
  }
  return text;
}

}  // namespace

std::string TextReport(const campaign::CampaignResult& result, const CampaignRequest& request,
                       const std::string& program, const std::string& out) {
  const campaign::Summary& summary = result.summary;
  std::string text =
      absl::StrCat("\n  ", absl::AsciiStrToUpper(summary.verdict), ": ",
                   absl::StrJoin(result.scenarios, ", "), ", ", WithCommas(summary.runs),
                   summary.runs == 1 ? " run" : " runs", " from seed ", result.first_seed, " on");
  if (result.resumed > 0) absl::StrAppend(&text, " (", WithCommas(result.resumed), " were there already)");
  absl::StrAppend(&text, "\n\n");
  AppendProperties(result, &text);
  AppendVacuous(result, &text);
  AppendIdleFaults(IdleFaults(request.faults, summary.faults), &text);
  AppendExamples(result, &text);
  if (summary.undecided > 0) {
    absl::StrAppend(&text, "\n  ", WithCommas(summary.undecided),
                    summary.undecided == 1 ? " run is" : " runs are",
                    " undecided: ", summary.undecided_example, "\n");
  }
  const scenarios::RunTotals& totals = summary.totals;
  absl::StrAppend(&text, "\n  faults       ", Folded(FaultList(summary.faults), "               "), "\n");
  absl::StrAppend(&text, "  checkpoints  ", WithCommas(totals.checkpoints_completed), " completed, ",
                  WithCommas(totals.checkpoints_aborted), " aborted; ", WithCommas(totals.restarts),
                  " restarts\n");
  absl::StrAppend(&text, "  records      ", WithCommas(totals.records),
                  " emitted by sources, replays included; ", WithCommas(totals.events), " events\n");
  const int64_t wall = std::max<int64_t>(1, result.wall.micros());
  absl::StrAppend(&text, "  time         ", Roughly(totals.simulated), " simulated in ", Roughly(result.wall),
                  " (", WithCommas(static_cast<uint64_t>(totals.simulated.micros() / wall)),
                  " times as fast)\n");
  absl::StrAppend(&text, "  digest       ", summary.digest.ToHex(), "\n");
  absl::StrAppend(&text, "  report       ", out, "/report.json\n");
  AppendFailures(result, program, out, &text);
  return text;
}

std::string TextRun(const campaign::RunRecord& record, const faults::Plan& plan) {
  std::string text = absl::StrCat(record.scenario, ", seed ", record.seed, ": ", record.Verdict(), "\n");
  for (const campaign::RunRecord::Property& property : record.properties) {
    absl::string_view word = "held";
    if (property.outcome == properties::Outcome::kViolated)
      word = property.expected_broken ? "broken, as it must" : "violated";
    if (property.outcome == properties::Outcome::kNotJudged) word = "not judged";
    const bool is_vacuous = property.outcome == properties::Outcome::kHeld && !property.witnessed;
    absl::StrAppend(&text, "  ", property.id, ": ", word,
                    is_vacuous ? " (vacuously: nothing was put to the test)" : "", "\n");
    if (!property.remark.empty()) absl::StrAppend(&text, "    ", property.remark, "\n");
  }
  if (!record.message.empty()) absl::StrAppend(&text, "  ", record.message, "\n");
  if (!record.signature.empty()) absl::StrAppend(&text, "signature: ", record.signature, "\n");
  uint64_t came = 0;
  for (bool one : record.fault_fired) came += one ? 1 : 0;
  uint64_t effective = 0;
  for (const auto& [kind, times] : record.faults_fired) effective += times;
  absl::StrAppend(&text, "faults: ", FaultList(record.faults_fired), " (", came, " of ", plan.faults.size(),
                  " in the plan came to strike",
                  came > effective ? absl::StrCat(", ", came - effective, " without effect") : "", ")\n");
  const scenarios::RunTotals& totals = record.totals;
  absl::StrAppend(&text, "run: ", WithCommas(totals.events), " events, ", WithCommas(totals.records),
                  " records, ", totals.checkpoints_completed, " checkpoints completed, ",
                  totals.checkpoints_aborted, " aborted, ", totals.restarts, " restarts, ",
                  FormatDuration(totals.simulated), " simulated\n");
  absl::StrAppend(&text, "digest: ", record.digest.ToHex(), "\n");
  return text;
}

std::string WithCommas(uint64_t number) {
  const std::string digits = absl::StrCat(number);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text.push_back(',');
    text.push_back(digits[i]);
  }
  return text;
}

std::string Roughly(Duration duration) {
  const int64_t millis = duration.millis();
  if (millis < 1000) return absl::StrCat(millis, " ms");
  if (millis < 100'000) return absl::StrFormat("%d.%d s", millis / 1000, millis % 1000 / 100);
  const int64_t minutes = millis / 60'000;
  if (minutes < 60) return absl::StrCat(minutes, " min ", millis / 1000 % 60, " s");
  const int64_t hours = minutes / 60;
  if (hours < 48) return absl::StrCat(hours, " h ", minutes % 60, " min");
  return absl::StrCat(hours / 24, " days ", hours % 24, " h");
}

}  // namespace weir::reports
