// Licensed under the Apache License, Version 2.0.
//
// The commands, one file each. A command returns its exit status for what it found, and an error for what kept it from
// finding anything: Main prints that as one sentence and makes it status 2 or 3.
#ifndef WEIR_CLI_COMMAND_H_
#define WEIR_CLI_COMMAND_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "scenarios/scenario.h"

namespace weir::cli {

inline constexpr int kHeld = 0;
inline constexpr int kBroken = 1;
inline constexpr int kWrongUsage = 2;
inline constexpr int kWeirFailed = 3;

// What every command is given.
struct Invocation {
  const scenarios::ScenarioRegistry& registry;
  std::string program;             // as the user typed it
  std::vector<std::string> words;  // after the name of the command
};

struct Command {
  absl::string_view name;
  absl::string_view summary;
  absl::StatusOr<int> (*run)(const Invocation&);  // null: not yet available
};

// In the order of the help. The memory is static.
absl::Span<const Command> Commands();

absl::StatusOr<int> RunList(const Invocation& invocation);
absl::StatusOr<int> RunCampaignCommand(const Invocation& invocation);
absl::StatusOr<int> RunReplay(const Invocation& invocation);
absl::StatusOr<int> RunShrink(const Invocation& invocation);
absl::StatusOr<int> RunMutants(const Invocation& invocation);

}  // namespace weir::cli

#endif  // WEIR_CLI_COMMAND_H_
