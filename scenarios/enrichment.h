// Licensed under the Apache License, Version 2.0.
//
// enrichment: transactions, not keyed, joined with the profile of their account, which every subtask knows from its copy of
// the broadcast state; "unknown" if the profile has not come yet.
//
// Which facts no order can change: each transaction comes out exactly once, with its amount; and its profile is either
// unknown or the one that the input gives for its account. How many are unknown is the job's freedom. Profiles are put by
// account and have one producer each; if a file gives an account two, the lesser stays, in whatever order they come, and
// either may be seen until then.
#ifndef WEIR_SCENARIOS_ENRICHMENT_H_
#define WEIR_SCENARIOS_ENRICHMENT_H_

#include "scenarios/scenario.h"

namespace weir::scenarios {

Scenario Enrichment();

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_ENRICHMENT_H_
