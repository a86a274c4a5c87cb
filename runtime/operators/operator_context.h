// Licensed under the Apache License, Version 2.0.
//
// What an operator knows of its place, and what its subtask does for it.
//
// Operators never block. What takes time (a request to the log, say) is asked for with the subtask's actor; the answer
// comes as an event of it, and the operator ends its handler of that event with Resume(). What the subtask must wait
// for meanwhile is said by holds.
#ifndef WEIR_RUNTIME_OPERATORS_OPERATOR_CONTEXT_H_
#define WEIR_RUNTIME_OPERATORS_OPERATOR_CONTEXT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "runtime/env/env.h"
#include "runtime/state/keyed_state_backend.h"
#include "runtime/state/operator_state_backend.h"
#include "runtime/stream/output_channel.h"
#include "runtime/stream/witness_accumulator.h"

namespace weir {

// What waits until every hold on it is released.
enum class HoldKind : uint8_t {
  kOpen,      // the subtask runs (no checkpoint: id 0)
  kSnapshot,  // the subtask acknowledges the checkpoint
  kNotice,    // the notice of the checkpoint's completion is handled
};

class TaskServices {
 public:
  virtual ~TaskServices() = default;

  // The task is over (failed, cancelled, crashed): whatever an operator does has no effect any more.
  bool is_stopped() const { return is_stopped_; }
  // Some output waits for credit, or some operator for the outside: no further record may be emitted by a source.
  bool is_blocked() const { return line_.blocked != 0 || blocks_ != 0; }

  // Fails the task. The first cause counts.
  virtual void Fail(const absl::Status& cause) = 0;
  // False if the event says to stop: the task has failed or its process is gone.
  bool Reach(const Event& event);
  // There may be something to do: called at the end of every handler that is not the subtask's own.
  virtual void Resume() = 0;
  // Runs `task` later, as an event of the subtask, unless it is over. Resume() follows by itself.
  virtual TimerId After(Duration delay, Task task) = 0;

  virtual void Hold(HoldKind kind, CheckpointId checkpoint) = 0;
  // The first status that is not OK makes a snapshot be declined; elsewhere it fails the task.
  virtual void Release(HoldKind kind, CheckpointId checkpoint, const absl::Status& status) = 0;
  // While blocked more often than unblocked, no input is processed.
  void Block() { ++blocks_; }
  void Unblock() { --blocks_; }

 protected:
  bool is_stopped_ = false;
  uint32_t blocks_ = 0;
  OutputLine line_;
};

struct OperatorOptions {
  bool is_checkpointed = false;
  LedgerMode ledger = LedgerMode::kSums;
  Duration retry_delay = Duration::Millis(500);
  Duration buffer_timeout = Duration::Millis(100);
  Duration watermark_interval = Duration::Millis(200);
  Duration source_poll_interval = Duration::Millis(10);
  Duration discovery_interval = Duration::Millis(500);
  uint32_t fetch_records = 100;
  uint32_t sink_batch_records = 100;
  Duration record_cost;  // of one record through the whole chain: charged by its head
};

// Outlives the operator. Everything is constant but what the pointers lead to.
struct OperatorContext {
  Env* env = nullptr;
  ActorId actor;
  TaskServices* task = nullptr;
  std::string job_id;
  std::string task_name;  // "map -> sum[1]"
  SubtaskId subtask;
  Attempt attempt;
  uint32_t parallelism = 1;
  uint32_t max_parallelism = 128;
  OperatorId id;
  std::string name;                                 // for people
  std::string uid;                                  // or, without one, the hex digits of the id
  bool is_restored = false;                         // the attempt began from a checkpoint
  std::optional<CheckpointId> restored_checkpoint;  // this one
  OperatorOptions options;

  KeyedStateBackend* keyed_state = nullptr;  // null: not on a keyed stream
  OperatorStateBackend* operator_state = nullptr;
  WitnessAccumulator* witness = nullptr;  // of the vertex; its slot follows the current key
  WitnessAccumulator* sink_witness =
      nullptr;  // only of a sink that is not the head: one row, what reached it
};

// "sum (operator sum of map -> sum[1])": for messages.
std::string DescribeOperator(const OperatorContext& context);

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_OPERATOR_CONTEXT_H_
