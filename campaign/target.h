// Licensed under the Apache License, Version 2.0.
//
// What a campaign runs: one scenario as functions, so that campaigns, replay and shrinker need no engine to be tested.
#ifndef WEIR_CAMPAIGN_TARGET_H_
#define WEIR_CAMPAIGN_TARGET_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "faults/plan.h"
#include "scenarios/run.h"

namespace weir::campaign {

struct Target {
  std::string scenario;
  // From so many runs on, a property that was never witnessed counts as vacuous.
  uint64_t minimum_seeds = 1;
  // The plan of a seed. Called in worker processes.
  std::function<faults::Plan(uint64_t seed)> plan;
  // One run, judged. Called in worker processes.
  std::function<scenarios::RunResult(const faults::Plan&, const scenarios::RunHooks&)> run;
  // Every split of every topic with one range over all its records, as if the plan kept everything: where the shrinker
  // begins to leave records out.
  std::function<std::vector<faults::KeptRecords>(const faults::Plan&)> records;
};

// `scenario` outlives the target. REQUIRES: CheckSpec passed.
Target MakeTarget(const scenarios::Scenario& scenario, scenarios::RunSpec spec);

}  // namespace weir::campaign

#endif  // WEIR_CAMPAIGN_TARGET_H_
