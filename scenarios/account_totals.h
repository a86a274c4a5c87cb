// Licensed under the Apache License, Version 2.0.
//
// account-totals: transactions from a log, a running total of each account in ValueState, every new total committed to a
// topic by two-phase commit. The plainest job that has everything: replayable source, shuffle, state, transactions.
#ifndef WEIR_SCENARIOS_ACCOUNT_TOTALS_H_
#define WEIR_SCENARIOS_ACCOUNT_TOTALS_H_

#include <vector>

#include "runtime/api/api.h"
#include "scenarios/scenario.h"

namespace weir::scenarios {

Scenario AccountTotals();

// Its job over another source of the topic "transactions", and what that promises.
void BuildTotalsJob(StreamExecutionEnvironment& env, const TextLogSource& source);
std::vector<Promise> TotalsPromises();

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_ACCOUNT_TOTALS_H_
