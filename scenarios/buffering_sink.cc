#include "scenarios/buffering_sink.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "properties/output_invariant.h"
#include "runtime/base/status.h"
#include "scenarios/general_promises.h"
#include "scenarios/json_lines.h"
#include "scenarios/transactions.h"

namespace weir::scenarios {
namespace {

constexpr ListStateDescriptor<Transaction> kWaiting{"waiting"};
constexpr ClusterShape kCluster;
constexpr size_t kSubtasksMax = size_t{kCluster.task_managers} * kCluster.slots_per_task_manager;

void BuildJob(StreamExecutionEnvironment& env) {
  env.EnableCheckpointing(absl::Seconds(1));
  ReadJsonLines<Transaction>(env, "transactions")
      .Rebalance()
      .FlatMap<Buffer>()
      .Uid("buffer")
      .AddSink(TransactionalSink<Transaction>("flushed"))
      .Uid("flushed");
}

// What has left, and what still waits.
properties::Facts FlushedAndWaiting(const properties::Outside& outside, const properties::FinalState& state) {
  const auto flushed = CommittedRecords<Transaction>(outside, "flushed");
  if (!flushed.ok()) return {{"a record of flushed", "unreadable"}};
  const auto waiting = state.List<Transaction>("buffer", kWaiting.name);
  if (!waiting.ok())
    return {{"the buffers in the final checkpoint", std::string(waiting.status().message())}};
  std::map<std::string, std::pair<int64_t, int64_t>> totals;
  for (const std::vector<Transaction>* part : {&*flushed, &*waiting}) {
    for (const Transaction& transaction : *part) {
      auto& [count, total] = totals[transaction.account];
      ++count;
      total = WrappingAdd(total, transaction.amount);
    }
  }
  properties::Facts facts;
  for (const auto& [account, sums] : totals)
    facts[AboutAccount(account)] = TotalFact(sums.first, sums.second);
  // A fact that is not expected: what waits has piled up, as somewhere nothing leaves any more. Elements are dealt out evenly,
  // so that buffers that flush when they are full never hold more together.
  if (waiting->size() > kThreshold * kSubtasksMax) {
    facts["the buffers in the final checkpoint"] = absl::StrCat(waiting->size(), " transactions wait");
  }
  return facts;
}

}  // namespace

absl::Status Buffer::InitializeState(FunctionInitializationContext& context) {
  state_ = context.operator_state().GetListState(kWaiting);
  WEIR_ASSIGN_OR_RETURN(waiting_, state_.Get());
  return absl::OkStatus();
}

void Buffer::FlatMap(const Transaction& transaction, Collector<Transaction>& out) {
  waiting_.push_back(transaction);
  if (waiting_.size() < kThreshold) return;
  for (const Transaction& waiting : waiting_) out.Collect(waiting);
  waiting_.clear();
}

absl::Status Buffer::SnapshotState(FunctionSnapshotContext&) { return state_.Update(waiting_); }

Scenario BufferingSink() {
  properties::OutputInvariantOptions invariant;
  invariant.where = "buffer";
  invariant.expected = ExpectedTotals;
  invariant.observed_with_state = FlushedAndWaiting;
  return Scenario("buffering-sink")
      .Claim("transactions wait in operator list state until there are enough of them for the sink")
      .Job(BuildJob)
      .AddInput(TransactionsInput(1000))
      .Cluster(kCluster)
      .Promises({ExactlyOncePromise(), AtLeastOncePromise(), ProgressPromise(), CheckpointFilesSafePromise(),
                 PromiseOf(properties::MakeOutputInvariant(invariant))});
}

}  // namespace weir::scenarios
