// Licensed under the Apache License, Version 2.0.
//
// c1, the canonical run, by which the cost of a run is measured: one job manager, three task managers with two slots each;
// purchases, keyed by customer, meet discounts, broadcast to every subtask; running totals are committed by two-phase
// commit. 10,000 records, about five faults that strike and twenty checkpoints or more in most runs, then the liveness
// phase.
//
// How the two streams interleave is the job's freedom. What it cannot move (output-invariant): the final count and sum of
// each customer, and that the discounts it meets never get older, since both the state of the key and the copy of the
// broadcast state go back to the same checkpoint. A discount counts only if it is newer than the one before, so it does
// not matter in which order those of two producers come.
#ifndef WEIR_SCENARIOS_CANONICAL_RUN_H_
#define WEIR_SCENARIOS_CANONICAL_RUN_H_

#include "scenarios/scenario.h"

namespace weir::scenarios {

Scenario CanonicalRun();

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_CANONICAL_RUN_H_
