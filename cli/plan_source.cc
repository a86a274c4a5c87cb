#include "cli/plan_source.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "campaign/files.h"
#include "cli/run_options.h"
#include "faults/budget.h"
#include "faults/plan_json.h"
#include "runtime/base/nearest_name.h"
#include "runtime/base/status.h"

namespace weir::cli {
namespace {

// The nodes of a scenario's cluster, as they are named in every plan.
faults::Budget ClusterOf(const scenarios::Scenario& scenario) {
  faults::Budget cluster;
  for (uint32_t i = 0; i < scenario.cluster().job_managers; ++i) {
    cluster.job_managers.push_back(absl::StrCat("job-manager-", i));
  }
  for (uint32_t i = 0; i < scenario.cluster().task_managers; ++i) {
    cluster.task_managers.push_back(absl::StrCat("task-manager-", i));
  }
  cluster.slots_per_task_manager = scenario.cluster().slots_per_task_manager;
  cluster.services = {"object-store", "register", "log"};
  if (scenario.uses_database()) cluster.services.push_back("database");
  return cluster;
}

// Kept records must be of splits that exist. `whole` are all of them.
absl::Status CheckKept(const faults::Plan& plan, const std::vector<faults::KeptRecords>& whole) {
  for (size_t i = 0; i < plan.kept.size(); ++i) {
    const faults::KeptRecords& kept = plan.kept[i];
    const auto same = [&](const faults::KeptRecords& other) {
      return other.topic == kept.topic && other.split == kept.split;
    };
    const auto found = std::find_if(whole.begin(), whole.end(), same);
    if (found == whole.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("/kept/", i, ": the scenario has no split ", kept.split, " of '", kept.topic, "'"));
    }
    const uint64_t records = found->ranges.empty() ? 0 : found->ranges.back().second;
    if (!kept.ranges.empty() && kept.ranges.back().second > records) {
      return absl::InvalidArgumentError(absl::StrCat("/kept/", i, ": split ", kept.split, " of '", kept.topic,
                                                     "' has ", records, " records, not ",
                                                     kept.ranges.back().second));
    }
  }
  return absl::OkStatus();
}

// The files that the plan ran on, or those that were given in their place: with the same content.
absl::StatusOr<scenarios::InputFiles> ReadPlanInputs(const scenarios::Scenario& scenario,
                                                     const faults::Plan& plan,
                                                     const std::map<std::string, std::string>& given) {
  std::map<std::string, std::string> files = plan.inputs;
  std::vector<absl::string_view> known;
  for (const scenarios::Input& input : scenario.inputs()) known.push_back(input.name);
  for (const auto& [name, file] : files) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return absl::InvalidArgumentError(absl::StrCat("/inputs: ", UnknownName("input", name, known)));
    }
  }
  for (const auto& [name, file] : given) {
    if (files.count(name) == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("--input: the plan was made without a file for '", name, "'; leave it out"));
    }
    files[name] = file;
  }
  WEIR_ASSIGN_OR_RETURN(scenarios::InputFiles inputs, scenarios::ReadInputs(scenario, files));
  for (const auto& [name, hash] : plan.input_hashes) {
    if (inputs.hashes[name] == hash) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "input '", name, "': ", files[name], " is not the file that the plan was made with (its hash is ",
        inputs.hashes[name], ", not ", hash, ")"));
  }
  return inputs;
}

absl::StatusOr<PlanSource> FromFile(const Arguments& arguments, const Invocation& invocation,
                                    const std::string& file) {
  for (const std::string& option : GivenRunOptions(arguments)) {
    if (option == "input" || option == "properties") continue;
    return absl::InvalidArgumentError(
        absl::StrCat("--", option, " does not go with --plan: the plan says all of it"));
  }
  if (arguments.Has("seed"))
    return absl::InvalidArgumentError("--seed does not go with --plan: the plan has its own");
  WEIR_ASSIGN_OR_RETURN(const std::string text, campaign::ReadFile(file));
  absl::StatusOr<faults::Plan> plan = faults::PlanFromJson(text);
  if (!plan.ok()) return WithContext(plan.status(), file);
  const std::vector<std::string>& words = arguments.words();
  if (!words.empty() && words.front() != plan->scenario) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": this is a plan of '", plan->scenario, "', not of '", words.front(), "'"));
  }
  absl::StatusOr<const scenarios::Scenario*> scenario = FindScenario(invocation.registry, plan->scenario);
  if (!scenario.ok()) return WithContext(scenario.status(), file);
  const std::vector<const scenarios::Scenario*> chosen{*scenario};
  WEIR_ASSIGN_OR_RETURN(const reports::CampaignRequest request, ReadRunOptions(arguments, chosen));
  const bool is_edited =
      plan->expect && !plan->expect->plan.empty() && plan->expect->plan != faults::PlanHash(*plan);
  if (!request.properties.empty()) plan->properties = request.properties;

  scenarios::RunSpec spec;
  spec.options = plan->options;
  spec.properties = plan->properties;
  WEIR_RETURN_IF_ERROR(WithContext(CheckOptionNames(plan->options, chosen), file));
  WEIR_RETURN_IF_ERROR(WithContext(CheckSpec(**scenario, spec), file));
  WEIR_RETURN_IF_ERROR(WithContext(faults::CheckNames(*plan, ClusterOf(**scenario)), file));
  absl::StatusOr<scenarios::InputFiles> inputs = ReadPlanInputs(**scenario, *plan, request.inputs);
  if (!inputs.ok()) return WithContext(inputs.status(), file);
  spec.inputs = *std::move(inputs);
  PlanSource source;
  source.target = campaign::MakeTarget(**scenario, std::move(spec));
  WEIR_RETURN_IF_ERROR(WithContext(CheckKept(*plan, source.target.records(*plan)), file));
  if (is_edited) {
    return absl::InvalidArgumentError(
        absl::StrCat(file,
                     ": /expect: the plan was edited after this was recorded, so that it says nothing of it; "
                     "take 'expect' out"));
  }
  source.file = file;
  source.plan = *std::move(plan);
  source.seed = source.plan.seed;
  return source;
}

}  // namespace

void DeclarePlanSource(Arguments& arguments) {
  arguments.Words("SCENARIO", "what to run");
  arguments.Value("seed", "S", "the seed of the run");
  arguments.Value("plan", "FILE", "a plan.json instead of scenario, seed and run options");
  DeclareRunOptions(arguments);
}

absl::StatusOr<PlanSource> ReadPlanSource(const Arguments& arguments, const Invocation& invocation) {
  const std::vector<std::string>& words = arguments.words();
  if (words.size() > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("one scenario is wanted, not ", absl::StrJoin(words, " and ")));
  }
  if (const std::optional<std::string> file = arguments.Get("plan"))
    return FromFile(arguments, invocation, *file);
  if (words.empty()) return absl::InvalidArgumentError("SCENARIO --seed S is wanted, or --plan FILE");
  WEIR_ASSIGN_OR_RETURN(const scenarios::Scenario* scenario,
                        FindScenario(invocation.registry, words.front()));
  WEIR_ASSIGN_OR_RETURN(const std::optional<uint64_t> seed, arguments.Number("seed", 0));
  if (!seed) return absl::InvalidArgumentError("--seed S is wanted, or --plan FILE");
  WEIR_ASSIGN_OR_RETURN(const reports::CampaignRequest request, ReadRunOptions(arguments, {scenario}));
  WEIR_ASSIGN_OR_RETURN(scenarios::RunSpec spec, MakeSpec(*scenario, request));
  PlanSource source;
  source.target = campaign::MakeTarget(*scenario, std::move(spec));
  source.seed = *seed;
  return source;
}

absl::StatusOr<faults::Plan> ResolvePlan(const PlanSource& source, campaign::RunService& service) {
  if (!source.file.empty()) return source.plan;
  return service.MakePlan(0, source.seed);
}

}  // namespace weir::cli
