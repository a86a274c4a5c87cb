// Licensed under the Apache License, Version 2.0.
//
// StreamExecutionEnvironment: where a program begins. It notes down what the author adds; nothing runs here.
//
// Options set in code are defaults: the command line (--set, --config) wins.
#ifndef WEIR_RUNTIME_API_ENVIRONMENT_H_
#define WEIR_RUNTIME_API_ENVIRONMENT_H_

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "runtime/api/data_stream.h"
#include "runtime/api/stream_graph.h"

namespace weir {

class StreamExecutionEnvironment {
 public:
  // `configuration`: what the command line and the scenario set.
  explicit StreamExecutionEnvironment(Configuration configuration = Configuration())
      : configuration_(std::move(configuration)) {}
  StreamExecutionEnvironment(const StreamExecutionEnvironment&) = delete;
  StreamExecutionEnvironment& operator=(const StreamExecutionEnvironment&) = delete;

  StreamExecutionEnvironment& EnableCheckpointing(absl::Duration interval,
                                                  CheckpointingMode mode = CheckpointingMode::kExactlyOnce);
  [[deprecated("give the interval; this form means 500 ms")]] StreamExecutionEnvironment&
  EnableCheckpointing() {
    return EnableCheckpointing(absl::Milliseconds(500));
  }
  StreamExecutionEnvironment& SetParallelism(int64_t parallelism);
  StreamExecutionEnvironment& SetMaxParallelism(int64_t max_parallelism);
  // Zero: records leave one by one.
  StreamExecutionEnvironment& SetBufferTimeout(absl::Duration timeout);
  StreamExecutionEnvironment& DisableOperatorChaining();
  // Any option by its name, as a default.
  StreamExecutionEnvironment& Set(absl::string_view option, absl::string_view value);

  template <typename T>
  DataStream<T> AddSource(const LogSource<T>& source) {
    return {&graph_, graph_.Add(source.MakeNode())};
  }
  DataStream<std::string> AddSource(const TextLogSource& source) {
    return {&graph_, graph_.Add(source.MakeNode())};
  }

  const Configuration& configuration() const { return configuration_; }
  // What is deployed. kInvalidArgument: what is wrong, in one sentence.
  absl::StatusOr<JobGraph> BuildJobGraph(std::string name = "job") const {
    return graph_.BuildJobGraph(std::move(name), configuration_);
  }

 private:
  Configuration configuration_;
  StreamGraph graph_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_API_ENVIRONMENT_H_
