// Licensed under the Apache License, Version 2.0.
//
// side-outputs: transactions parted by one process function into the usual (main output), large ones and invalid ones (side
// outputs). Large ones go through a review of their own, are united with the usual, and both are counted by account;
// invalid ones go to a sink of their own. A record may take four ways through the job, each with its own barriers.
//
// Facts that no order can change: which way a transaction takes is decided by itself alone. So the last count of each
// account, and how often each invalid transaction lies in its sink, follow from the input.
#ifndef WEIR_SCENARIOS_SIDE_OUTPUTS_H_
#define WEIR_SCENARIOS_SIDE_OUTPUTS_H_

#include "scenarios/scenario.h"

namespace weir::scenarios {

Scenario SideOutputs();

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_SIDE_OUTPUTS_H_
