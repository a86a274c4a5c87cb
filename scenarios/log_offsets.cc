#include "scenarios/log_offsets.h"

#include <utility>

#include "scenarios/account_totals.h"
#include "scenarios/transactions.h"

namespace weir::scenarios {
namespace {

void BuildJob(StreamExecutionEnvironment& env) {
  BuildTotalsJob(env, TextLogSource("transactions").DiscoverPartitions());
}

}  // namespace

Scenario LogOffsets() {
  Input transactions = TransactionsInput(1000);
  transactions.splits = 5;
  transactions.late_splits = 2;
  return Scenario("log-offsets")
      .Claim("totals from a topic that grows; its offsets are union state, filtered by owner")
      .Job(BuildJob)
      .AddInput(std::move(transactions))
      .Promises(TotalsPromises());
}

}  // namespace weir::scenarios
