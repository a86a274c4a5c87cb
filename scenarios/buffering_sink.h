// Licensed under the Apache License, Version 2.0.
//
// buffering-sink: transactions wait in a buffer until there are kThreshold of them, then leave together for the sink. What
// waits is operator state: a split list, whose elements a rescale deals out over the subtasks.
//
// The buffer is full when it holds *at least* so many: after a scale-down a subtask may be given more than that, and a
// comparison by == would never be true again.
//
// Which facts no order can change: at the end of the input nothing flushes the buffers, so which transactions are left in
// them is the job's freedom. But every transaction has either left, once, or still waits, once: counts and sums of each
// account over the sink *and* the list state of the final checkpoint are those of the input. Besides, no more wait than full
// buffers of all slots could hold: a buffer that never flushes again would keep what it takes, and lose nothing.
#ifndef WEIR_SCENARIOS_BUFFERING_SINK_H_
#define WEIR_SCENARIOS_BUFFERING_SINK_H_

#include <vector>

#include "runtime/api/api.h"
#include "scenarios/records.h"
#include "scenarios/scenario.h"

namespace weir::scenarios {

inline constexpr size_t kThreshold = 20;

// A CheckpointedFunction.
class Buffer {
 public:
  absl::Status InitializeState(FunctionInitializationContext& context);
  void FlatMap(const Transaction& transaction, Collector<Transaction>& out);
  absl::Status SnapshotState(FunctionSnapshotContext& context);

 private:
  OperatorList<Transaction> state_;
  std::vector<Transaction> waiting_;
};

Scenario BufferingSink();

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_BUFFERING_SINK_H_
