// Licensed under the Apache License, Version 2.0.
//
// What replay and shrink begin with: the plan of `SCENARIO --seed S [run options]`, or that of `--plan FILE`.
#ifndef WEIR_CLI_PLAN_SOURCE_H_
#define WEIR_CLI_PLAN_SOURCE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "campaign/run_service.h"
#include "campaign/target.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "faults/plan.h"

namespace weir::cli {

// Declares SCENARIO, --seed, --plan and the run options.
void DeclarePlanSource(Arguments& arguments);

struct PlanSource {
  campaign::Target target;
  std::string file;   // of --plan; "" otherwise
  faults::Plan plan;  // of --plan
  uint64_t seed = 0;  // without --plan
};

// Reads and checks all of it; nothing has run yet. kInvalidArgument or kNotFound with one sentence: also for a plan of
// another scenario, of an input file that has changed since, or that names what is not there.
absl::StatusOr<PlanSource> ReadPlanSource(const Arguments& arguments, const Invocation& invocation);

// source.plan, or the plan of the seed. kAborted if generating it kills its process.
absl::StatusOr<faults::Plan> ResolvePlan(const PlanSource& source, campaign::RunService& service);

}  // namespace weir::cli

#endif  // WEIR_CLI_PLAN_SOURCE_H_
