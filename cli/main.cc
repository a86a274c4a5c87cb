#include "cli/main.h"

#include <array>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/command.h"
#include "reports/json_report.h"
#include "runtime/base/nearest_name.h"

namespace weir {
namespace cli {
namespace {

constexpr std::array<Command, 14> kCommands{{
    {"list", "what there is: scenarios, faults, properties, backends", &RunList},
    {"campaign", "runs many seeds of scenarios and judges each", &RunCampaignCommand},
    {"replay", "one run again, by its seed or from its plan", &RunReplay},
    {"shrink", "the smallest plan that still breaks the same promise in the same way", &RunShrink},
    {"mutants", "the engine with one seeded bug at a time: how many seeds until it is caught", &RunMutants},
    {"upgrade", "snapshots under one version and schema, restored under others", nullptr},
    {"state", "reads snapshots that lie on disk", nullptr},
    {"merge", "one report from many shards", nullptr},
    {"run", "the live engine", nullptr},
    {"savepoint", "the live engine", nullptr},
    {"cancel", "the live engine", nullptr},
    {"stop", "the live engine", nullptr},
    {"query", "the live engine", nullptr},
    {"cluster", "the live engine", nullptr},
}};

std::string Help(const std::string& program) {
  std::string text = absl::StrCat("usage: ", program, " COMMAND [WORDS AND OPTIONS]\n\n");
  for (const Command& command : kCommands) {
    if (command.run != nullptr) absl::StrAppendFormat(&text, "  %-10s %s\n", command.name, command.summary);
  }
  absl::StrAppend(
      &text, "\n", program,
      " COMMAND --help explains a command, with an example. The exit status is 0 if every\n",
      "promise held, 1 if one was broken, 2 if the command line or an input is wrong, 3 if Weir failed.\n");
  return text;
}

absl::StatusOr<int> Dispatch(const scenarios::ScenarioRegistry& registry, const std::string& program,
                             std::vector<std::string> words) {
  if (!registry.fault().empty()) return absl::InvalidArgumentError(registry.fault());
  if (words.empty())
    return absl::InvalidArgumentError(absl::StrCat("a command is wanted; see ", program, " --help"));
  const std::string name = words.front();
  if (name == "--help" || name == "-h" || name == "help") {
    std::fputs(Help(program).c_str(), stdout);
    return kHeld;
  }
  if (name == "--version") {
    absl::PrintF("weir %s\n", reports::kVersion);
    return kHeld;
  }
  words.erase(words.begin());
  std::vector<absl::string_view> known;
  for (const Command& command : kCommands) {
    if (command.run != nullptr) known.push_back(command.name);
    if (command.name != name) continue;
    if (command.run == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("command '", name, "' is not yet available"));
    }
    return command.run({registry, program, std::move(words)});
  }
  return absl::InvalidArgumentError(UnknownName("command", name, known));
}

// What an error is to the user: his, or ours.
int ExitStatus(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kDataLoss:
      return kWrongUsage;
    default:
      return kWeirFailed;
  }
}

// Whether everything that any command printed has left.
bool IsWritten(std::FILE* out) { return std::fflush(out) == 0 && std::ferror(out) == 0; }

}  // namespace

absl::Span<const Command> Commands() { return kCommands; }

}  // namespace cli

int Main(const scenarios::ScenarioRegistry& registry, int argc, char** argv) {
  const std::string program = argc > 0 ? argv[0] : "weir";
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) words.emplace_back(argv[i]);
  const absl::StatusOr<int> status = cli::Dispatch(registry, program, std::move(words));
  if (status.ok() && cli::IsWritten(stdout)) return *status;
  if (status.ok()) {
    absl::FPrintF(stderr, "weir: the results could not be written to standard output\n");
    return cli::kWeirFailed;
  }
  const absl::string_view message = status.status().message();
  absl::FPrintF(stderr, "weir: %s\n", message);
  return cli::ExitStatus(status.status());
}

}  // namespace weir
