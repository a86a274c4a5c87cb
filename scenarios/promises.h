// Licensed under the Apache License, Version 2.0.
//
// Which properties judge a run: those that the scenario promises and that apply in the job's mode, or what
// --properties asks for, whatever the mode, unless the job has nothing that it is about.
#ifndef WEIR_SCENARIOS_PROMISES_H_
#define WEIR_SCENARIOS_PROMISES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "properties/property.h"
#include "scenarios/run.h"

namespace weir::scenarios {

struct Judge {
  std::unique_ptr<properties::Property> property;
  bool expected_broken = false;
};

// In a fixed order, each property once. kInvalidArgument: an unknown id, with the nearest one.
absl::StatusOr<std::vector<Judge>> MakeJudges(const Scenario& scenario, const RunSpec& spec,
                                              const properties::JobShape& job);

// backends-agree is among the properties that are asked for: it needs weir.state.lockstep. The option alone asks for the
// property, too.
bool AsksForLockstep(const RunSpec& spec);

// The ids that may be asked for: the scenario's own promises and every general property, sorted.
std::vector<std::string> KnownProperties(const Scenario& scenario);

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_PROMISES_H_
