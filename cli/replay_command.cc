// weir replay: one run again.
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "campaign/replay.h"
#include "campaign/run_service.h"
#include "campaign/source_hash.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/plan_source.h"
#include "reports/text_report.h"
#include "runtime/base/status.h"

namespace weir::cli {

absl::StatusOr<int> RunReplay(const Invocation& invocation) {
  Arguments arguments("replay",
                      "One run again, by its seed or from its plan, with its verdicts and its digest.",
                      absl::StrCat(invocation.program, " replay account-totals --seed 7"));
  DeclarePlanSource(arguments);
  arguments.NotYet("trace", true);
  arguments.NotYet("story", false);
  WEIR_ASSIGN_OR_RETURN(const bool go_on, arguments.Parse(invocation.words));
  if (!go_on) return kHeld;
  WEIR_ASSIGN_OR_RETURN(PlanSource source, ReadPlanSource(arguments, invocation));
  const std::vector<campaign::Target> targets{source.target};
  campaign::RunService service(targets, 1, Duration::Seconds(60));
  WEIR_ASSIGN_OR_RETURN(const faults::Plan plan, ResolvePlan(source, service));
  WEIR_ASSIGN_OR_RETURN(const campaign::RunService::Answer answer, service.RunPlan(0, plan));
  std::fputs(reports::TextRun(answer.record, plan).c_str(), stdout);
  bool mismatch = false;
  if (plan.expect) {
    const campaign::Comparison comparison =
        campaign::Compare(*plan.expect, answer.record, campaign::SourceHash());
    for (const std::string& line : comparison.lines) absl::PrintF("recorded: %s\n", line);
    mismatch = comparison.mismatch;
  }
  if (mismatch) {
    std::fflush(stdout);
    absl::FPrintF(stderr, "weir: this run is not the recorded one, though the sources are the same; %s\n",
                  campaign::FirstDifference(source.target, plan));
    return kWeirFailed;
  }
  if (answer.record.is_undecided()) return kWeirFailed;
  return answer.record.violated ? kBroken : kHeld;
}

}  // namespace weir::cli
