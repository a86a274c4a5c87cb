// Licensed under the Apache License, Version 2.0.
//
// Reads a topic whose partitions may grow, in the manner of Flink's Kafka consumer. The log is asked for its partitions again
// and again; which subtask reads a partition follows from the topic's name and the partition's number, so that nobody has to
// tell. Offsets are union state: after a restore every subtask sees all of them, goes on with those that are its own at the
// parallelism of now, and reads partitions without an offset from the beginning. A snapshot holds a subtask's own alone.
#ifndef WEIR_RUNTIME_OPERATORS_DISCOVERING_LOG_SOURCE_H_
#define WEIR_RUNTIME_OPERATORS_DISCOVERING_LOG_SOURCE_H_

#include "runtime/operators/log_source.h"

namespace weir {

class DiscoveringLogSourceOperator : public LogSourceOperator {
 public:
  using LogSourceOperator::LogSourceOperator;

  // The subtask that reads a partition: they are dealt out in turn, from a subtask on that depends on the topic.
  static uint32_t OwnerOf(absl::string_view topic, uint32_t partition, uint32_t parallelism);

 protected:
  OperatorStateMode OffsetsMode() const override { return OperatorStateMode::kUnion; }
  bool TakesRestored(uint32_t split) const override { return IsOwn(split); }
  bool TakesNew(uint32_t split) const override { return IsOwn(split); }
  bool DiscoversPartitions() const override { return true; }

 private:
  bool IsOwn(uint32_t split) const;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_DISCOVERING_LOG_SOURCE_H_
