#include "scenarios/account_totals.h"

#include "properties/output_invariant.h"
#include "properties/reference_output.h"
#include "scenarios/general_promises.h"
#include "scenarios/records.h"
#include "scenarios/reference/models.h"
#include "scenarios/transactions.h"

namespace weir::scenarios {
namespace {

constexpr ValueStateDescriptor<AccountTotal> kTotal{"total"};

class AddUp : public KeyedProcessFunction<std::string, Transaction, AccountTotal> {
 public:
  void Open(RuntimeContext& context) { total_ = context.GetState(kTotal); }

  void ProcessElement(const Transaction& transaction, Context&, Collector<AccountTotal>& out) {
    AccountTotal total{transaction.account, 0, 0};
    if (const AccountTotal* before = total_.Find()) total = *before;
    ++total.count;
    total.total = WrappingAdd(total.total, transaction.amount);
    out.Collect(total);
    total_.Update(std::move(total));
  }

 private:
  ValueState<AccountTotal> total_;
};

void BuildJob(StreamExecutionEnvironment& env) { BuildTotalsJob(env, TextLogSource("transactions")); }
// The record with the greatest count is an account's last, in whatever order they were committed.
properties::Facts CommittedTotals(const properties::Outside& outside) {
  std::map<std::string, AccountTotal> newest;
  for (const LogRecord& record : outside.Committed("totals")) {
    const absl::StatusOr<AccountTotal> total = ReadSinkRecord<AccountTotal>(record.value);
    if (!total.ok()) return {{"a record of totals", "unreadable"}};
    AccountTotal& kept = newest[total->account];
    if (total->count > kept.count) kept = *total;
  }
  properties::Facts facts;
  for (const auto& [account, total] : newest)
    facts[AboutAccount(account)] = TotalFact(total.count, total.total);
  return facts;
}

}  // namespace

void BuildTotalsJob(StreamExecutionEnvironment& env, const TextLogSource& source) {
  env.EnableCheckpointing(absl::Seconds(1));
  env.AddSource(source)
      .Uid("transactions")
      .Map([](const std::string& line) { return ReadJson<Transaction>(line); })
      .Uid("parse")
      .KeyBy(&Transaction::account)
      .Process<AddUp>()
      .Uid("sum")
      .AddSink(TransactionalSink<AccountTotal>("totals"))
      .Uid("totals");
}

std::vector<Promise> TotalsPromises() {
  properties::ReferenceOutputOptions reference;
  reference.model = MakeRunningTotalModel;
  reference.source_topics = {"transactions"};
  reference.sink_topic = "totals";
  reference.sink_uid = "totals";
  return {ExactlyOncePromise(),
          AtLeastOncePromise(),
          ProgressPromise(),
          CheckpointFilesSafePromise(),
          PromiseOf(properties::MakeOutputInvariant({"totals", ExpectedTotals, CommittedTotals})),
          PromiseOf(properties::MakeReferenceOutput(reference))};
}

Scenario AccountTotals() {
  return Scenario("account-totals")
      .Claim("running totals of accounts, from JSON lines, committed exactly once")
      .Job(BuildJob)
      .AddInput(TransactionsInput(1000))
      .Promises(TotalsPromises());
}

}  // namespace weir::scenarios
