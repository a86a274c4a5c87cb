#include "scenarios/external_database.h"

#include "absl/strings/numbers.h"
#include "properties/output_invariant.h"
#include "runtime/api/api.h"
#include "scenarios/database_operator.h"
#include "scenarios/draws.h"
#include "scenarios/general_promises.h"
#include "scenarios/records.h"
#include "scenarios/transactions.h"

namespace weir::scenarios {
namespace {

void BuildJob(StreamExecutionEnvironment& env) {
  const NodeId database(
      static_cast<uint32_t>(env.configuration().GetInt(kDatabaseNodeOption, 0).value_or(0)));
  env.EnableCheckpointing(absl::Seconds(1));
  env.AddSource(TextLogSource("transactions"))
      .Uid("transactions")
      .Map([](const std::string& line) { return ReadJson<Transaction>(line); })
      .Uid("parse")
      // One subtask for each account, so that no two write to one row.
      .KeyBy(&Transaction::account)
      .Filter([](const Transaction&) { return true; })
      .Uid("by-account")
      .Transform<AccountTotal>("database",
                               [database]() -> std::unique_ptr<StreamOperator> {
                                 return std::make_unique<DatabaseOperator>(database);
                               })
      .Uid("database");
}

properties::Facts StoredTotals(const properties::Outside& outside) {
  properties::Facts facts;
  for (const auto& [account, row] : outside.Database()) {
    const std::optional<AccountTotal> total = DatabaseOperator::ReadRow(account, row);
    facts[AboutAccount(account)] = total ? TotalFact(total->count, total->total) : "unreadable";
  }
  return facts;
}

}  // namespace

Scenario ExternalDatabase() {
  return Scenario("external-database")
      .Claim(
          "the same totals in a remote database instead of state: two requests a record, and wrong after a "
          "crash")
      .Job(BuildJob)
      .AddInput(TransactionsInput(200))
      // Each record waits for two round trips, one after the other: on the slowest of links they would take all day.
      // And a barrier waits behind all records that are buffered before it.
      .Option(std::string(kLinkLatencyOption), "1 ms")
      .Option("execution.checkpointing.timeout", "5 s")
      .UsesDatabase(true)
      .Promises({ExactlyOncePromise(), AtLeastOncePromise(), ProgressPromise(), CheckpointFilesSafePromise(),
                 MustBreak(properties::MakeOutputInvariant({"database", ExpectedTotals, StoredTotals}))});
}

}  // namespace weir::scenarios
