#include "runtime/operators/discovering_log_source.h"

#include "runtime/types/java_string.h"

namespace weir {

// As Flink's KafkaTopicPartitionAssigner: Java's int multiplication wraps.
uint32_t DiscoveringLogSourceOperator::OwnerOf(absl::string_view topic, uint32_t partition,
                                               uint32_t parallelism) {
  const uint32_t start = (static_cast<uint32_t>(JavaStringHash(topic)) * 31u & 0x7fffffffu) % parallelism;
  return (start + partition % parallelism) % parallelism;
}

bool DiscoveringLogSourceOperator::IsOwn(uint32_t split) const {
  return OwnerOf(topic(), split, context().parallelism) == context().subtask.index;
}

}  // namespace weir
