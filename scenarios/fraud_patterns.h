// Licensed under the Apache License, Version 2.0.
//
// fraud-patterns: actions of users are matched against patterns ("change-address, then pay") that arrive by themselves,
// broadcast from two producers into every subtask's copy of the broadcast state. A pattern that comes late is held against
// what every user did before, by ApplyToKeyedState.
//
// Which facts no order can change:
//   * All actions of a user lie in one split, so each user's pairs of consecutive actions are what the split says, however
//     actions of others and patterns come between.
//   * Every pair meets every pattern exactly once: if the pattern is there first, when the pair is completed; if not, when
//     the pattern arrives. Either way a match says how often; only how these are summed up is the job's freedom. So the
//     sum over all matches of a user with a pattern is how often its pair lies in the input.
//   * Copies of the state are equal in the end: patterns have one producer each, and of two with the same id (a file may
//     hold such) the lesser stays, in whatever order they come. How often those match is left out of the facts.
// A subtask whose copy lacks a pattern, or gets one twice, breaks the sums of the users that it has from then on.
#ifndef WEIR_SCENARIOS_FRAUD_PATTERNS_H_
#define WEIR_SCENARIOS_FRAUD_PATTERNS_H_

#include "scenarios/scenario.h"

namespace weir::scenarios {

Scenario FraudPatterns();

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_FRAUD_PATTERNS_H_
