#include "scenarios/side_outputs.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "properties/output_invariant.h"
#include "runtime/env/random.h"
#include "scenarios/general_promises.h"
#include "scenarios/json_lines.h"
#include "scenarios/records.h"
#include "scenarios/transactions.h"

namespace weir::scenarios {

// A transaction on its way to the count.
struct Reviewed {
  std::string account;
  int64_t amount = 0;
  bool is_large = false;
};
WEIR_FIELDS(Reviewed, account, amount, is_large);

struct AccountCount {
  std::string account;
  int64_t count = 0;
  int64_t large = 0;  // of `count`
  int64_t total = 0;
};
WEIR_FIELDS(AccountCount, account, count, large, total);

namespace {

constexpr OutputTag<Transaction> kLarge{"large"};
constexpr OutputTag<Transaction> kInvalid{"invalid"};
constexpr ValueStateDescriptor<AccountCount> kCount{"count"};
constexpr int64_t kLargeAmount = 50'000;

bool IsInvalid(const Transaction& transaction) {
  return transaction.account.empty() || transaction.amount == 0;
}
bool IsLarge(const Transaction& transaction) {
  return transaction.amount >= kLargeAmount || transaction.amount <= -kLargeAmount;
}

class Part : public ProcessFunction<Transaction, Reviewed> {
 public:
  void ProcessElement(const Transaction& transaction, Context& context, Collector<Reviewed>& out) {
    if (IsInvalid(transaction)) return context.Output(kInvalid, transaction);
    if (IsLarge(transaction)) return context.Output(kLarge, transaction);
    out.Collect({transaction.account, transaction.amount, false});
  }
};

class CountByAccount : public KeyedProcessFunction<std::string, Reviewed, AccountCount> {
 public:
  void Open(RuntimeContext& context) { count_ = context.GetState(kCount); }

  void ProcessElement(const Reviewed& reviewed, Context&, Collector<AccountCount>& out) {
    AccountCount count{reviewed.account, 0, 0, 0};
    if (const AccountCount* before = count_.Find()) count = *before;
    ++count.count;
    if (reviewed.is_large) ++count.large;
    count.total = WrappingAdd(count.total, reviewed.amount);
    out.Collect(count);
    count_.Update(std::move(count));
  }

 private:
  ValueState<AccountCount> count_;
};

void BuildJob(StreamExecutionEnvironment& env) {
  env.EnableCheckpointing(absl::Seconds(1));
  const DataStream<Reviewed> usual =
      ReadJsonLines<Transaction>(env, "transactions").Process<Part>().Uid("part");
  const DataStream<Reviewed> large = usual.GetSideOutput(kLarge)
                                         .Rebalance()
                                         .Map([](const Transaction& transaction) {
                                           return Reviewed{transaction.account, transaction.amount, true};
                                         })
                                         .Uid("review");
  usual.Union(large)
      .KeyBy(&Reviewed::account)
      .Process<CountByAccount>()
      .Uid("count")
      .AddSink(TransactionalSink<AccountCount>("counts"))
      .Uid("counts");
  usual.GetSideOutput(kInvalid).AddSink(TransactionalSink<Transaction>("invalid")).Uid("invalid");
}

std::string CountFact(const AccountCount& count) {
  return absl::StrCat(TotalFact(count.count, count.total), ", ", count.large, " of them large");
}

class FactsOfCounts {
 public:
  void Add(const AccountCount& count) { facts_[AboutAccount(count.account)] = CountFact(count); }
  void AddInvalid(const Transaction& transaction) {
    ++invalid_[absl::StrCat("invalid transaction of '", transaction.account, "' over ", transaction.amount)];
  }
  properties::Facts Take() {
    for (const auto& [about, times] : invalid_) facts_[about] = absl::StrCat(times, " in the sink");
    return std::move(facts_);
  }

 private:
  properties::Facts facts_;
  std::map<std::string, uint64_t> invalid_;
};

properties::Facts ExpectedCounts(const properties::Outside& outside) {
  FactsOfCounts facts;
  std::map<std::string, AccountCount> counts;
  for (const Transaction& transaction : RecordsOf<Transaction>(outside, "transactions")) {
    if (IsInvalid(transaction)) {
      facts.AddInvalid(transaction);
      continue;
    }
    AccountCount& count = counts[transaction.account];
    count.account = transaction.account;
    ++count.count;
    count.large += IsLarge(transaction);
    count.total = WrappingAdd(count.total, transaction.amount);
  }
  for (const auto& [account, count] : counts) facts.Add(count);
  return facts.Take();
}

// The record with the greatest count is an account's last, in whatever order they were committed.
properties::Facts ObservedCounts(const properties::Outside& outside) {
  const auto counts = CommittedRecords<AccountCount>(outside, "counts");
  const auto invalid = CommittedRecords<Transaction>(outside, "invalid");
  if (!counts.ok() || !invalid.ok()) return {{"a record of counts or invalid", "unreadable"}};
  FactsOfCounts facts;
  std::map<std::string, AccountCount> newest;
  for (const AccountCount& count : *counts) {
    AccountCount& kept = newest[count.account];
    if (count.count > kept.count) kept = count;
  }
  for (const auto& [account, count] : newest) facts.Add(count);
  for (const Transaction& transaction : *invalid) facts.AddInvalid(transaction);
  return facts.Take();
}

// A transaction, now and then one without an account or without an amount.
void GenerateMixedTransaction(uint64_t seed, uint32_t split, uint64_t offset, std::string* to) {
  const Random random(seed);
  const uint64_t key = Mix(StableHash64("mixed transactions"), split);
  const auto draw = [&](uint64_t what, uint64_t bound) {
    return random.Draw(DrawSite::kWorkload, key, offset * 3 + what, bound);
  };
  const uint64_t fault = draw(0, 20);
  const std::string account = fault == 0 ? "" : absl::StrCat("A-", draw(1, 30));
  const int64_t amount = fault == 1 ? 0 : static_cast<int64_t>(draw(2, 120'000)) - 60'000;
  absl::StrAppend(to, "{\"account\":\"", account, "\",\"amount\":", amount, ",\"id\":\"", split, "-", offset,
                  "\"}");
}

}  // namespace

Scenario SideOutputs() {
  return Scenario("side-outputs")
      .Claim("transactions parted into usual, large and invalid ones, partly united again and counted")
      .Job(BuildJob)
      .AddInput(JsonLinesInput<Transaction>("transactions", 1000, GenerateMixedTransaction))
      .Promises({ExactlyOncePromise(), AtLeastOncePromise(), ProgressPromise(), CheckpointFilesSafePromise(),
                 PromiseOf(properties::MakeOutputInvariant({"counts", ExpectedCounts, ObservedCounts}))});
}

}  // namespace weir::scenarios
