// Licensed under the Apache License, Version 2.0.
//
// A campaign in the small: a seed becomes a plan, a plan becomes a run, a run is judged; a failing plan is shrunk by
// leaving out faults.
#ifndef WEIR_TESTS_TOY_TOY_CAMPAIGN_H_
#define WEIR_TESTS_TOY_TOY_CAMPAIGN_H_

#include <optional>
#include <string>

#include "faults/plan.h"
#include "runtime/base/stable_hash.h"
#include "tests/toy/counter_protocol.h"

namespace weir::toy {

// Crashes, pauses, cuts, resets, delays and disk faults against one server, some at a time, some at a step of its disk.
faults::Plan PlanOf(uint64_t seed);

struct ToyResult {
  std::string
      violation;  // "" if every answer was right: "counted twice", "forgotten", "stuck" or a failed check
  std::string message;
  Hash128 digest;
  uint64_t events = 0;
  uint64_t faults_fired = 0;
  uint64_t crashes = 0;
  uint64_t retries = 0;
};
ToyResult RunToy(const faults::Plan& plan, Mutant mutant);

// The first seed from `first` on that fails, if one of `seeds` does.
std::optional<uint64_t> FindFailure(Mutant mutant, uint64_t first, uint64_t seeds);

// The plan without the faults that its violation does not need: leaving out any one more makes it hold, or fail
// differently. REQUIRES: the plan fails.
faults::Plan ShrinkToy(faults::Plan plan, Mutant mutant);

}  // namespace weir::toy

#endif  // WEIR_TESTS_TOY_TOY_CAMPAIGN_H_
