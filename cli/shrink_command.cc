// weir shrink: a failing plan made smaller.
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "campaign/files.h"
#include "campaign/run_service.h"
#include "campaign/shrink.h"
#include "campaign/source_hash.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/plan_source.h"
#include "faults/plan_json.h"
#include "reports/text_report.h"
#include "runtime/base/status.h"

namespace weir::cli {
namespace {

std::string OutFile(const Arguments& arguments, const PlanSource& source) {
  if (const auto out = arguments.Get("out")) return *out;
  if (source.file.empty()) return absl::StrCat(source.target.scenario, "-", source.seed, ".shrunk.json");
  return absl::StrCat(absl::StripSuffix(source.file, ".json"), ".shrunk.json");
}

}  // namespace

absl::StatusOr<int> RunShrink(const Invocation& invocation) {
  Arguments arguments("shrink", "The smallest plan that still breaks the same promise in the same way.",
                      absl::StrCat(invocation.program, " shrink account-totals --seed 7 --out small.json"));
  DeclarePlanSource(arguments);
  arguments.Value("out", "FILE", "where the smaller plan goes (SCENARIO-SEED.shrunk.json, or beside --plan)");
  arguments.Value("runs", "N", "at most so many runs (1000)");
  arguments.Flag("quiet", "no progress");
  WEIR_ASSIGN_OR_RETURN(const bool go_on, arguments.Parse(invocation.words));
  if (!go_on) return kHeld;
  WEIR_ASSIGN_OR_RETURN(const PlanSource source, ReadPlanSource(arguments, invocation));
  WEIR_ASSIGN_OR_RETURN(const auto runs_max, arguments.Number("runs", 1));
  const std::string out = OutFile(arguments, source);

  const std::vector<campaign::Target> targets{source.target};
  campaign::RunService service(targets, 1, Duration::Seconds(60));
  WEIR_ASSIGN_OR_RETURN(const faults::Plan plan, ResolvePlan(source, service));
  WEIR_ASSIGN_OR_RETURN(std::vector<faults::KeptRecords> records, service.Records(0, plan));
  uint64_t runs = 0;
  int64_t shown_at = campaign::WallNanos();
  const campaign::Evaluate evaluate =
      [&](const faults::Plan& candidate) -> absl::StatusOr<campaign::RunRecord> {
    ++runs;
    const int64_t now = campaign::WallNanos();
    if (!arguments.Has("quiet") && now - shown_at > Duration::Seconds(5).nanos()) {
      shown_at = now;
      absl::FPrintF(stderr, "%d runs; %d faults\n", runs, candidate.faults.size());
    }
    WEIR_ASSIGN_OR_RETURN(campaign::RunService::Answer answer, service.RunPlan(0, candidate));
    return std::move(answer.record);
  };
  absl::StatusOr<campaign::ShrinkResult> result =
      campaign::Shrink(plan, std::move(records), evaluate, {runs_max.value_or(1000)});
  if (absl::IsFailedPrecondition(result.status())) {
    absl::PrintF("every promise held: there is nothing to shrink\n");
    return kHeld;
  }
  if (!result.ok()) return result.status();
  result->plan.expect->source = std::string(campaign::SourceHash());
  WEIR_RETURN_IF_ERROR(campaign::WriteFileAtomically(out, faults::PlanToJson(result->plan)));
  std::fputs(reports::TextRun(result->record, result->plan).c_str(), stdout);
  absl::PrintF("faults: %d of %d are left; records: %s of %s; %d runs\n", result->plan.faults.size(),
               result->faults_before, reports::WithCommas(result->records_after),
               reports::WithCommas(result->records_before), result->runs);
  absl::PrintF("again: %s replay --plan %s\n", invocation.program, out);
  return kBroken;
}

}  // namespace weir::cli
