// Licensed under the Apache License, Version 2.0.
//
// Sources and sinks by the topic of the log that they read or write:
//
//   LogSource<T>(topic)          records that hold what T's serializer writes
//   TextLogSource(topic)         records that hold a line of text each (JSON lines, say)
//   ... .DiscoverPartitions()    either, on a topic whose partitions may grow (operators/discovering_log_source.h)
//   TransactionalSink<T>(topic)  exactly once, by two-phase commit with the checkpoints
//   PlainSink<T>(topic)          at least once; visible at once
#ifndef WEIR_RUNTIME_API_CONNECTORS_H_
#define WEIR_RUNTIME_API_CONNECTORS_H_

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "runtime/api/stream_graph.h"
#include "runtime/types/type_of.h"

namespace weir {
namespace api_internal {

StreamGraph::Node MakeSource(const std::string& topic, bool is_text, bool discovers,
                             const TypeSerializer& type);
StreamGraph::Node MakeSink(const std::string& topic, SinkGuarantee guarantee, const TypeSerializer& type);

}  // namespace api_internal

template <typename T>
class LogSource {
 public:
  explicit LogSource(absl::string_view topic) : topic_(topic) {}
  StreamGraph::Node MakeNode() const {
    return api_internal::MakeSource(topic_, false, discovers_, TypeOf<T>::Serializer());
  }
  LogSource& DiscoverPartitions() { return discovers_ = true, *this; }

 private:
  std::string topic_;
  bool discovers_ = false;
};

class TextLogSource {
 public:
  explicit TextLogSource(absl::string_view topic) : topic_(topic) {}
  StreamGraph::Node MakeNode() const {
    return api_internal::MakeSource(topic_, true, discovers_, TypeOf<std::string>::Serializer());
  }
  TextLogSource& DiscoverPartitions() { return discovers_ = true, *this; }

 private:
  std::string topic_;
  bool discovers_ = false;
};

template <typename T, SinkGuarantee guarantee>
class LogSink {
 public:
  explicit LogSink(absl::string_view topic) : topic_(topic) {}
  StreamGraph::Node MakeNode() const {
    return api_internal::MakeSink(topic_, guarantee, TypeOf<T>::Serializer());
  }

 private:
  std::string topic_;
};
template <typename T>
class TransactionalSink : public LogSink<T, SinkGuarantee::kTransactional> {
 public:
  using LogSink<T, SinkGuarantee::kTransactional>::LogSink;
};
template <typename T>
class PlainSink : public LogSink<T, SinkGuarantee::kPlain> {
 public:
  using LogSink<T, SinkGuarantee::kPlain>::LogSink;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_API_CONNECTORS_H_
