#include "runtime/api/environment.h"

#include "absl/strings/str_cat.h"

namespace weir {
namespace {

std::string ToOption(absl::Duration duration) {
  return DurationToOption(Duration::Nanos(absl::ToInt64Nanoseconds(duration)));
}

}  // namespace

StreamExecutionEnvironment& StreamExecutionEnvironment::Set(absl::string_view option,
                                                            absl::string_view value) {
  configuration_.SetDefault(option, value);
  return *this;
}

StreamExecutionEnvironment& StreamExecutionEnvironment::EnableCheckpointing(absl::Duration interval,
                                                                            CheckpointingMode mode) {
  if (interval < absl::Milliseconds(1)) {
    graph_.AddError(absl::StrCat("EnableCheckpointing: an interval of ", absl::FormatDuration(interval),
                                 ", at least 1 ms is wanted"));
  }
  Set("execution.checkpointing.interval", ToOption(interval));
  return Set("execution.checkpointing.mode",
             mode == CheckpointingMode::kExactlyOnce ? "exactly-once" : "at-least-once");
}

StreamExecutionEnvironment& StreamExecutionEnvironment::SetParallelism(int64_t parallelism) {
  return Set("parallelism.default", absl::StrCat(parallelism));
}

StreamExecutionEnvironment& StreamExecutionEnvironment::SetMaxParallelism(int64_t max_parallelism) {
  return Set("pipeline.max-parallelism", absl::StrCat(max_parallelism));
}

StreamExecutionEnvironment& StreamExecutionEnvironment::SetBufferTimeout(absl::Duration timeout) {
  return Set("execution.buffer-timeout.interval", ToOption(timeout));
}

StreamExecutionEnvironment& StreamExecutionEnvironment::DisableOperatorChaining() {
  graph_.set_chaining(false);
  return *this;
}

}  // namespace weir
