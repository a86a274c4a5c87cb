// weir campaign: many seeds of one scenario or of several, each judged.
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "campaign/campaign.h"
#include "campaign/files.h"
#include "campaign/source_hash.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/progress_line.h"
#include "cli/run_options.h"
#include "reports/json_report.h"
#include "reports/text_report.h"
#include "runtime/base/status.h"

namespace weir::cli {
namespace {

constexpr absl::string_view kFolder = "weir-report";

void Declare(Arguments& arguments) {
  arguments.Words("SCENARIO", "what to run; 'all' is every scenario");
  arguments.Value("seeds", "N", "runs of each scenario (1000)");
  arguments.Value("first-seed", "S", "the first of them (1)");
  arguments.Value("for", "DURATION", "goes on for this long, to the end of a block of 256 seeds");
  arguments.Value("jobs", "J", "worker processes (as many as processors)");
  arguments.Value("out", "DIR", absl::StrCat("where report.json and failures go (", kFolder, ")"));
  arguments.Flag("resume", "goes on with the interrupted campaign in --out");
  arguments.Flag("fail-fast", "ends at the lowest failing seed");
  arguments.Flag("no-shrink", "leaves failing plans as they are");
  arguments.Flag("strict", "a property that proved nothing is an error (status 1)");
  arguments.Flag("quiet", "no progress");
  arguments.NotYet("shard", true);
  DeclareRunOptions(arguments);
}

absl::StatusOr<std::vector<const scenarios::Scenario*>> ChooseScenarios(
    const Invocation& invocation, const std::vector<std::string>& words) {
  std::vector<const scenarios::Scenario*> chosen;
  for (const std::string& word : words) {
    if (word == "all") {
      if (words.size() > 1) return absl::InvalidArgumentError("'all' stands alone: it is every scenario");
      for (const scenarios::Scenario& scenario : invocation.registry.all()) chosen.push_back(&scenario);
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(const scenarios::Scenario* scenario, FindScenario(invocation.registry, word));
    if (std::find(chosen.begin(), chosen.end(), scenario) != chosen.end()) {
      return absl::InvalidArgumentError(absl::StrCat("scenario '", word, "' stands there twice"));
    }
    chosen.push_back(scenario);
  }
  if (chosen.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("the name of a scenario is wanted, or 'all'; ",
                                                   invocation.program, " list scenarios names them"));
  }
  return chosen;
}

absl::StatusOr<campaign::CampaignOptions> ReadOptions(const Arguments& arguments) {
  campaign::CampaignOptions options;
  WEIR_ASSIGN_OR_RETURN(options.seeds, arguments.Number("seeds", 1));
  WEIR_ASSIGN_OR_RETURN(const auto first, arguments.Number("first-seed", 0));
  options.first_seed = first.value_or(1);
  WEIR_ASSIGN_OR_RETURN(options.run_for, arguments.Time("for"));
  WEIR_ASSIGN_OR_RETURN(const auto jobs, arguments.Number("jobs", 1));
  if (jobs.value_or(1) > 1024) return absl::InvalidArgumentError("--jobs: at most 1024 worker processes");
  options.jobs =
      static_cast<size_t>(jobs.value_or(static_cast<uint64_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)))));
  options.out = arguments.Get("out").value_or(std::string(kFolder));
  if (options.out.empty()) return absl::InvalidArgumentError("--out: a folder is wanted");
  while (options.out.size() > 1 && options.out.back() == '/') options.out.pop_back();
  options.resume = arguments.Has("resume");
  options.fail_fast = arguments.Has("fail-fast");
  options.shrink = !arguments.Has("no-shrink");
  options.strict = arguments.Has("strict");
  return options;
}

// What --resume compares: all that a run depends on but its seed.
std::string Specification(const std::vector<const scenarios::Scenario*>& chosen,
                          const reports::CampaignRequest& request,
                          const std::vector<scenarios::RunSpec>& specs) {
  std::string text =
      absl::StrCat("weir: ", reports::kVersion, "\nsource: ", campaign::SourceHash(), "\nscenarios:");
  for (const scenarios::Scenario* scenario : chosen) absl::StrAppend(&text, " ", scenario->name());
  absl::StrAppend(&text, "\nfaults: ", request.faults, "\nproperties:");
  for (const std::string& id : request.properties) absl::StrAppend(&text, " ", id);
  for (const auto& [key, value] : request.options.values())
    absl::StrAppend(&text, "\noption ", key, ": ", value);
  std::map<std::string, std::string> hashes;
  for (const scenarios::RunSpec& spec : specs)
    hashes.insert(spec.inputs.hashes.begin(), spec.inputs.hashes.end());
  for (const auto& [name, hash] : hashes) absl::StrAppend(&text, "\ninput ", name, ": ", hash);
  return text + "\n";
}

}  // namespace

absl::StatusOr<int> RunCampaignCommand(const Invocation& invocation) {
  Arguments arguments(
      "campaign", "Runs many seeds of scenarios, each with faults of its own, and judges each run.",
      absl::StrCat(invocation.program, " campaign account-totals --seeds 200 --faults crash,net"));
  Declare(arguments);
  WEIR_ASSIGN_OR_RETURN(const bool go_on, arguments.Parse(invocation.words));
  if (!go_on) return kHeld;
  WEIR_ASSIGN_OR_RETURN(const auto chosen, ChooseScenarios(invocation, arguments.words()));
  WEIR_ASSIGN_OR_RETURN(campaign::CampaignOptions options, ReadOptions(arguments));
  WEIR_ASSIGN_OR_RETURN(const reports::CampaignRequest request, ReadRunOptions(arguments, chosen));
  std::vector<scenarios::RunSpec> specs;
  for (const scenarios::Scenario* scenario : chosen) {
    WEIR_ASSIGN_OR_RETURN(scenarios::RunSpec spec, MakeSpec(*scenario, request));
    specs.push_back(std::move(spec));
  }
  options.spec = Specification(chosen, request, specs);
  std::vector<campaign::Target> targets;
  for (size_t i = 0; i < chosen.size(); ++i)
    targets.push_back(campaign::MakeTarget(*chosen[i], std::move(specs[i])));

  absl::StatusOr<campaign::CampaignResult> result = absl::UnavailableError("");
  {
    ProgressLine line(arguments.Has("quiet"));
    result = campaign::RunCampaign(targets, options,
                                   [&line](const campaign::Progress& progress) { line.Show(progress); });
  }
  if (!result.ok()) return result.status();
  WEIR_RETURN_IF_ERROR(
      campaign::WriteFileAtomically(options.out + "/report.json", reports::JsonReport(*result, request)));
  std::fputs(reports::TextReport(*result, request, invocation.program, options.out).c_str(), stdout);
  const std::string& verdict = result->summary.verdict;
  return verdict == "held" ? kHeld : verdict == "error" ? kWeirFailed : kBroken;
}

}  // namespace weir::cli
