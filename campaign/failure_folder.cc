#include "campaign/failure_folder.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "campaign/files.h"
#include "campaign/shrink.h"
#include "campaign/source_hash.h"
#include "faults/plan_json.h"
#include "runtime/base/status.h"

namespace weir::campaign {
namespace {

absl::Status WritePlan(const CampaignOptions& options, const std::string& path, faults::Plan plan) {
  if (plan.expect) plan.expect->source = std::string(SourceHash());
  return WriteFileAtomically(absl::StrCat(options.out, "/", path), faults::PlanToJson(plan));
}

absl::Status ShrinkFailure(const CampaignOptions& options, RunService& service, size_t target,
                           const faults::Plan& plan, const std::string& folder, Failure& failure) {
  absl::StatusOr<std::vector<faults::KeptRecords>> records = service.Records(target, plan);
  if (!records.ok())
    return absl::OkStatus();  // this plan kills its process before it runs: it stays as it is
  const Evaluate evaluate = [&](const faults::Plan& candidate) -> absl::StatusOr<RunRecord> {
    WEIR_ASSIGN_OR_RETURN(RunService::Answer answer, service.RunPlan(target, candidate));
    return std::move(answer.record);
  };
  ShrinkOptions shrink;
  shrink.runs_max = options.shrink_runs;
  absl::StatusOr<ShrinkResult> result = Shrink(plan, *std::move(records), evaluate, shrink);
  // It held when run alone: the plan stays as it is, and replaying it will say so.
  if (absl::IsFailedPrecondition(result.status())) return absl::OkStatus();
  if (!result.ok()) return result.status();
  failure.shrunk = absl::StrCat(folder, "/shrunk.json");
  return WritePlan(options, failure.shrunk, std::move(result->plan));
}

}  // namespace

absl::Status WriteFailures(const std::vector<Target>& targets, const CampaignOptions& options,
                           RunService& service, const std::function<void(const std::string& doing)>& tell,
                           std::vector<Failure>& failures) {
  std::set<std::string> kinds;
  for (size_t i = 0; i < failures.size(); ++i) {
    Failure& failure = failures[i];
    const std::string kind = absl::StrCat(failure.scenario, " ", SignatureKey(failure.signature));
    const bool first = kinds.insert(kind).second;
    if (i >= CampaignOptions::kPlansMax && !first) continue;
    const auto target = std::find_if(targets.begin(), targets.end(),
                                     [&](const Target& t) { return t.scenario == failure.scenario; });
    const size_t index = static_cast<size_t>(target - targets.begin());
    absl::StatusOr<faults::Plan> plan = service.MakePlan(index, failure.seed);
    if (!plan.ok()) continue;
    plan->expect = faults::Expectation{"violated", failure.signature, failure.digest, ""};
    const std::string folder = absl::StrCat("failures/", failure.scenario, "-", failure.seed);
    WEIR_RETURN_IF_ERROR(MakeFolder(absl::StrCat(options.out, "/", folder)));
    failure.plan = absl::StrCat(folder, "/plan.json");
    WEIR_RETURN_IF_ERROR(WritePlan(options, failure.plan, *plan));
    // A run that is stuck costs its whole time limit each time.
    const bool stuck = absl::StartsWith(failure.signature, absl::StrCat(kNoCrash, "//stuck/"));
    if (!options.shrink || !first || stuck || kinds.size() > CampaignOptions::kShrunkMax) continue;
    tell(absl::StrCat("shrinking ", failure.scenario, ", seed ", failure.seed));
    WEIR_RETURN_IF_ERROR(ShrinkFailure(options, service, index, *plan, folder, failure));
  }
  return absl::OkStatus();
}

}  // namespace weir::campaign
