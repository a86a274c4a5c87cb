#include "cli/run_options.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/config_file.h"
#include "runtime/base/nearest_name.h"
#include "runtime/base/options.h"
#include "runtime/base/status.h"

namespace weir::cli {
namespace {

// Flink's spelling does not care for case, nor for '-' or '_'.
std::string Plain(absl::string_view name) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(name), {{"_", "-"}});
}

absl::StatusOr<std::string> Mode(const std::string& given) {
  const std::string mode = Plain(given);
  if (mode == "exactly-once" || mode == "at-least-once") return mode;
  return absl::InvalidArgumentError(UnknownName("mode", given, {"exactly-once", "at-least-once"}));
}

// The value of state.backend for a name of it, in Flink's words or in short.
absl::StatusOr<std::string> Backend(const std::string& given) {
  const std::string backend = Plain(given);
  for (absl::string_view name : {"heap", "hashmap", "filesystem"}) {
    if (backend == name) return std::string("hashmap");
  }
  if (backend == "memory" || backend == "jobmanager") return std::string("jobmanager");
  if (backend == "rocksdb") return backend;
  return absl::InvalidArgumentError(UnknownName("backend", given, {"heap", "rocksdb", "memory"}));
}

bool Declares(const std::vector<const scenarios::Scenario*>& chosen, const std::string& key) {
  return std::any_of(chosen.begin(), chosen.end(),
                     [&](const scenarios::Scenario* scenario) { return scenario->options().Has(key); });
}

absl::Status SetOption(const std::string& key, const std::string& value,
                       const std::vector<const scenarios::Scenario*>& chosen, Configuration& options) {
  const std::string canonical = CanonicalOption(key);
  if (canonical == "state.backend") {
    WEIR_ASSIGN_OR_RETURN(const std::string backend, Backend(value));
    options.Set(canonical, backend);
  } else if (canonical == "execution.checkpointing.mode") {
    WEIR_ASSIGN_OR_RETURN(const std::string mode, Mode(value));
    options.Set(canonical, mode);
  } else {
    if (canonical.empty() && !Declares(chosen, key)) {
      Configuration unknown;
      unknown.Set(key, value);
      return CheckOptionNames(unknown, chosen);
    }
    options.Set(canonical.empty() ? key : canonical, value);
  }
  return absl::OkStatus();
}

// An option that is short for `key`, and a --set of `key`, must say the same.
absl::Status CheckNoConflict(const Arguments& arguments, const std::string& option, const std::string& key,
                             absl::StatusOr<std::string> (*read)(const std::string&),
                             const Configuration& options) {
  const std::optional<std::string> given = arguments.Get(option);
  if (!given.has_value()) return absl::OkStatus();
  WEIR_ASSIGN_OR_RETURN(const std::string value, read(*given));
  const std::string set = options.Get(key).value_or(value);
  if (set == value) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--", option, " ", *given, ": --set gives ", key, " as ",
                                                 set, ", which is something else; one of the two is enough"));
}

// "KEY=VALUE" at its first '='.
absl::StatusOr<std::pair<std::string, std::string>> Split(const std::string& option, const std::string& text,
                                                          absl::string_view form) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    return absl::InvalidArgumentError(absl::StrCat("--", option, ": ", form, " is wanted, not '", text, "'"));
  }
  return std::make_pair(text.substr(0, equals), text.substr(equals + 1));
}

absl::Status ReadInputNames(const Arguments& arguments, const std::vector<const scenarios::Scenario*>& chosen,
                            reports::CampaignRequest& request) {
  std::vector<absl::string_view> names;
  for (const scenarios::Scenario* scenario : chosen) {
    for (const scenarios::Input& input : scenario->inputs()) names.push_back(input.name);
  }
  for (const std::string& text : arguments.GetAll("input")) {
    WEIR_ASSIGN_OR_RETURN(const auto parts, Split("input", text, "NAME=FILE"));
    if (std::find(names.begin(), names.end(), parts.first) == names.end()) {
      return absl::InvalidArgumentError(UnknownName("input", parts.first, names));
    }
    if (!request.inputs.emplace(parts).second) {
      return absl::InvalidArgumentError(absl::StrCat("--input: '", parts.first, "' stands there twice"));
    }
  }
  return absl::OkStatus();
}

constexpr absl::string_view kRunOptions[] = {"set",    "config", "mode",      "backend",
                                             "faults", "input",  "properties"};

}  // namespace

void DeclareRunOptions(Arguments& arguments) {
  arguments.Values("set", "KEY=VALUE", "an option of the job; repeatable; `weir list options` names them");
  arguments.Value("config", "FILE", "options from a YAML file, flat or nested; --set wins over it");
  arguments.Value("mode", "MODE", "exactly-once | at-least-once");
  arguments.Value("backend", "BACKEND", "heap | rocksdb | memory");
  arguments.Value("faults", "SPEC", "all, none, or a list such as crash,net.delay:20000");
  arguments.Values("input", "NAME=FILE", "feeds an input from a JSON-lines, CSV or text file; repeatable");
  arguments.Value("properties", "LIST",
                  "judges these instead of the scenario's promises; +ID,... adds to them");
}

std::vector<std::string> GivenRunOptions(const Arguments& arguments) {
  std::vector<std::string> given;
  for (absl::string_view name : kRunOptions) {
    if (arguments.Has(std::string(name))) given.emplace_back(name);
  }
  return given;
}

absl::StatusOr<reports::CampaignRequest> ReadRunOptions(
    const Arguments& arguments, const std::vector<const scenarios::Scenario*>& chosen) {
  reports::CampaignRequest request;
  if (const std::optional<std::string> file = arguments.Get("config")) {
    WEIR_ASSIGN_OR_RETURN(const auto entries, ReadConfigFile(*file));
    for (const auto& [key, value] : entries) {
      if (absl::Status status = SetOption(key, value, chosen, request.options); !status.ok()) {
        return WithContext(status, *file);
      }
    }
  }
  if (const auto mode = arguments.Get("mode")) {
    WEIR_RETURN_IF_ERROR(SetOption("execution.checkpointing.mode", *mode, chosen, request.options));
  }
  if (const auto backend = arguments.Get("backend")) {
    WEIR_RETURN_IF_ERROR(SetOption("state.backend", *backend, chosen, request.options));
  }
  for (const std::string& text : arguments.GetAll("set")) {
    WEIR_ASSIGN_OR_RETURN(const auto parts, Split("set", text, "KEY=VALUE"));
    WEIR_RETURN_IF_ERROR(SetOption(parts.first, parts.second, chosen, request.options));
  }
  WEIR_RETURN_IF_ERROR(
      CheckNoConflict(arguments, "mode", "execution.checkpointing.mode", Mode, request.options));
  WEIR_RETURN_IF_ERROR(CheckNoConflict(arguments, "backend", "state.backend", Backend, request.options));
  request.faults = arguments.Get("faults").value_or("");
  if (const auto properties = arguments.Get("properties")) {
    // One '+' in front of the list is one in front of each.
    const bool adds = absl::StartsWith(*properties, "+");
    for (absl::string_view id : absl::StrSplit(*properties, ',')) {
      const std::string bare(absl::StripPrefix(id, "+"));
      if (bare.empty())
        return absl::InvalidArgumentError("--properties: an empty name; separate names by single commas");
      request.properties.push_back(adds ? "+" + bare : bare);
    }
  }
  WEIR_RETURN_IF_ERROR(ReadInputNames(arguments, chosen, request));
  return request;
}

absl::StatusOr<const scenarios::Scenario*> FindScenario(const scenarios::ScenarioRegistry& registry,
                                                        const std::string& name) {
  if (const scenarios::Scenario* found = registry.Find(name)) return found;
  std::vector<absl::string_view> known;
  for (const scenarios::Scenario& scenario : registry.all()) known.push_back(scenario.name());
  return absl::InvalidArgumentError(UnknownName("scenario", name, known));
}

absl::StatusOr<scenarios::RunSpec> MakeSpec(const scenarios::Scenario& scenario,
                                            const reports::CampaignRequest& request) {
  scenarios::RunSpec spec;
  spec.options = request.options;
  spec.faults = request.faults;
  spec.properties = request.properties;
  std::map<std::string, std::string> files;
  for (const scenarios::Input& input : scenario.inputs()) {
    const auto found = request.inputs.find(input.name);
    if (found != request.inputs.end()) files.insert(*found);
  }
  WEIR_RETURN_IF_ERROR(CheckSpec(scenario, spec));
  WEIR_ASSIGN_OR_RETURN(spec.inputs, scenarios::ReadInputs(scenario, files));
  return spec;
}

absl::Status CheckOptionNames(const Configuration& options,
                              const std::vector<const scenarios::Scenario*>& chosen) {
  std::vector<absl::string_view> known = OptionNames();
  for (const scenarios::Scenario* scenario : chosen) {
    for (const auto& [key, value] : scenario->options().values()) known.push_back(key);
  }
  for (const auto& [key, value] : options.values()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      return absl::InvalidArgumentError(UnknownName("option", key, known));
    }
  }
  return absl::OkStatus();
}

}  // namespace weir::cli
