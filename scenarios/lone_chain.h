// Licensed under the Apache License, Version 2.0.
//
// Some operators of a vertex, chained and run by hand: no cluster, no network, no checkpoints, one subtask that holds every
// key. Asks what the user's functions make of some records, whatever the engine does.
//
// What operators ask of their task leads nowhere: nothing that they want done later is done.
#ifndef WEIR_SCENARIOS_LONE_CHAIN_H_
#define WEIR_SCENARIOS_LONE_CHAIN_H_

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/operators/stream_operator.h"
#include "runtime/task/job_graph.h"

namespace weir::scenarios {

class LoneChain {
 public:
  struct Emission {
    std::string bytes;  // as `output` serialises it
    EventTime timestamp;
  };

  // Operators [first, first + count) of the vertex's chain; there may be none: then what is fed comes out. `output`: the type
  // of what the last one emits; null: nobody wants it. `vertex` and `env` outlive it.
  LoneChain(const JobVertex& vertex, size_t first, size_t count, const TypeSerializer* output, Env& env);
  ~LoneChain();

  // The operator state of the first operator, as Snapshot gave it. Before Open.
  absl::Status Restore(const OperatorStateStream& state);
  absl::Status Open();
  // `value` is of the type of that input. The first thing that goes wrong is said by this and every later call.
  absl::Status Feed(uint32_t input, const void* value, EventTime timestamp);
  absl::Status Feed(uint32_t input, const TypeSerializer& type, absl::string_view bytes, EventTime timestamp);
  // What came out since the last call.
  std::vector<Emission> TakeOutput();
  // Of the operator state of the first operator.
  absl::StatusOr<OperatorStateStream> Snapshot() const;

 private:
  class Task;
  class Output;
  struct Stage {
    OperatorContext context;
    OperatorStateBackend state;
    std::unique_ptr<StreamOperator> op;
  };

  std::unique_ptr<Task> task_;
  std::unique_ptr<KeyedStateBackend> keyed_;
  WitnessAccumulator witness_;
  OperatorContext output_context_;
  std::unique_ptr<Output> output_;
  std::deque<Stage> stages_;
};

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_LONE_CHAIN_H_
