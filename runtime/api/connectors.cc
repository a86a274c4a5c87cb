#include "runtime/api/connectors.h"

#include "runtime/operators/discovering_log_source.h"
#include "runtime/operators/log_source.h"
#include "runtime/operators/transactional_sink.h"

namespace weir::api_internal {

StreamGraph::Node MakeSource(const std::string& topic, bool is_text, bool discovers,
                             const TypeSerializer& type) {
  StreamGraph::Node node;
  node.kind = "source";
  node.op.is_source = true;
  node.op.source_topic = topic;
  node.op.source_type = is_text ? nullptr : &type;
  const auto format = is_text ? LogSourceOperator::Format::kText : LogSourceOperator::Format::kSerialized;
  node.op.factory = [topic, format, discovers, &type]() -> std::unique_ptr<StreamOperator> {
    if (discovers) return std::make_unique<DiscoveringLogSourceOperator>(topic, format, type);
    return std::make_unique<LogSourceOperator>(topic, format, type);
  };
  return node;
}

StreamGraph::Node MakeSink(const std::string& topic, SinkGuarantee guarantee, const TypeSerializer& type) {
  StreamGraph::Node node;
  node.kind = "sink";
  node.op.sink = guarantee;
  node.op.sink_topic = topic;
  node.op.factory = [topic, guarantee, &type]() -> std::unique_ptr<StreamOperator> {
    if (guarantee == SinkGuarantee::kPlain) return std::make_unique<PlainSinkOperator>(topic, type);
    return std::make_unique<TransactionalSinkOperator>(topic, type);
  };
  return node;
}

}  // namespace weir::api_internal
