// Licensed under the Apache License, Version 2.0.
//
// Two scenarios of one job: payments are held against limits, which two producers publish and every subtask keeps as
// broadcast state.
//
//   order-dependent-rules  who writes a limit last has it. Two producers may write the same one, and nobody promises in which
//                          order a subtask hears of them: copies diverge without any fault of the engine. The scenario must
//                          break broadcast-state-consistent, and the report must name the pair of limits.
//   versioned-rules        the same with a version on each limit, of which the greatest stays: now any order gives the same,
//                          and the promise holds.
#ifndef WEIR_SCENARIOS_SPENDING_LIMITS_H_
#define WEIR_SCENARIOS_SPENDING_LIMITS_H_

#include "scenarios/scenario.h"

namespace weir::scenarios {

Scenario OrderDependentRules();
Scenario VersionedRules();

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_SPENDING_LIMITS_H_
