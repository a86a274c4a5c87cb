// Licensed under the Apache License, Version 2.0.
//
// Whether a plan is fair: within what the engine promised to survive, and made for this cluster at
// all.
//
// Promised: any number of crashes, pauses, cuts, resets and outages, in any order, as long as they
// end. So in the liveness phase there must be at least one job manager, slots for every subtask
// (also after the plan has rescaled the job), and the object store; and a transaction must not expire while nobody could commit it. Outside of
// the budget a lack of progress (or, for expired transactions, a loss) is expected and proves
// nothing.
#ifndef WEIR_FAULTS_BUDGET_H_
#define WEIR_FAULTS_BUDGET_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "faults/plan.h"

namespace weir::faults {

struct Budget {
  std::vector<std::string> job_managers;   // node names
  std::vector<std::string> task_managers;  // node names
  std::vector<std::string> services;       // node names of what is no process of the engine
  uint32_t slots_per_task_manager = 1;
  uint32_t slots_needed = 1;
  // The most slots that the job can use, whatever parallelism it is given.
  uint32_t slots_usable = ~0u;
  // After which the log gives up a transaction that nobody committed.
  Duration transaction_timeout = Duration::Max();
};

// OK, or kFailedPrecondition with one sentence: what would be too much.
absl::Status CheckBudget(const Plan& plan, const Budget& budget);

// OK if every node that the plan names exists there and is one that the fault can strike; otherwise
// kInvalidArgument with the JSON pointer, the name and the nearest one. What Injector requires.
absl::Status CheckNames(const Plan& plan, const Budget& cluster);
// kInvalidArgument, which begins with `where`, unless a job can be rescaled to it on so many slots.
absl::Status CheckParallelism(uint64_t parallelism, uint64_t slots, absl::string_view where);

}  // namespace weir::faults

#endif  // WEIR_FAULTS_BUDGET_H_
