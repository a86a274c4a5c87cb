// Licensed under the Apache License, Version 2.0.
//
// DataStream<T> and KeyedStream<K, T>: handles to what an operator emits. Small values, valid while their environment
// lives; every method returns a handle. Functions are described in operators/functions.h: pass one by value (copied for
// each subtask and incarnation), or name its class and give the constructor's arguments: Process<MyFunction>(3).
// Streams that meet in one operator: connected_streams.h.
#ifndef WEIR_RUNTIME_API_DATA_STREAM_H_
#define WEIR_RUNTIME_API_DATA_STREAM_H_

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "runtime/api/connectors.h"
#include "runtime/api/stream_operations.h"
#include "runtime/operators/function_operators.h"
#include "runtime/operators/keyed_operators.h"
#include "runtime/operators/watermark_operator.h"

namespace weir {

template <typename T>
class DataStream : public StreamOperations<DataStream<T>, T> {
 public:
  using ElementType = T;
  DataStream(StreamGraph* graph, size_t node)
      : StreamOperations<DataStream<T>, T>(graph, node), origins_({{node, std::nullopt, ""}}) {}

  // How records go on to whatever is added to the returned handle.
  DataStream Forward() const { return WithPartitioner(Partitioner::kForward); }
  DataStream Rebalance() const { return WithPartitioner(Partitioner::kRebalance); }
  DataStream Broadcast() const { return WithPartitioner(Partitioner::kBroadcast); }
  // To every subtask of an operator that keeps these states: Connect(stream.Broadcast(kRules)).
  template <typename K, typename V, typename... Descriptors>
  BroadcastStream<T> Broadcast(const MapStateDescriptor<K, V>& descriptor,
                               const Descriptors&... descriptors) const;

  // All of these in one stream; nothing orders them.
  template <typename... Others>
  requires(std::same_as<Others, DataStream<T>>&&...) DataStream Union(const Others&... others)
  const {
    DataStream stream = *this;
    stream.is_operator_ = false;
    (stream.Append(others), ...);
    return stream;
  }
  // What the operator emitted with that tag.
  template <typename U>
  DataStream<U> GetSideOutput(const OutputTag<U>& tag) const {
    if (!this->is_operator_) this->graph_->AddError("GetSideOutput is an operator's: call it before Union");
    return DataStream<U>(this->graph_, this->node_, std::string(tag.name));
  }

  // With another stream, in one operator of two inputs. The other is keyed only if this one is.
  template <typename U>
  ConnectedStreams<T, U> Connect(const DataStream<U>& other) const;
  template <typename B>
  BroadcastConnectedStream<T, B> Connect(const BroadcastStream<B>& other) const;
  template <typename K, typename U>
  void Connect(const KeyedStream<K, U>&) const {
    static_assert(sizeof(K) == 0, "both streams are keyed, or neither: put a KeyBy before this Connect, too");
  }

  // By a member, KeyBy(&Action::user_id), or by a function of the record.
  template <typename F>
  requires std::invocable<F, const T&>
  auto KeyBy(F key_of) const;

  // Timestamps are milliseconds; a watermark stays behind the largest one by `bound`.
  template <typename F>
  DataStream AssignTimestampsAndWatermarks(F timestamp_of, absl::Duration bound) const {
    if (bound < absl::ZeroDuration() || bound > absl::Hours(24 * 365 * 100)) {
      this->graph_->AddError(absl::StrCat("AssignTimestampsAndWatermarks: records out of order by ",
                                          absl::FormatDuration(bound),
                                          ", from nothing to 100 years is wanted"));
    }
    WatermarkOperator::Assigner assigner = [timestamp_of](const void* value) {
      return EventTime{timestamp_of(*static_cast<const T*>(value))};
    };
    return Add<T>("watermarks", api_internal::FactoryOf<WatermarkOperator>(
                                    std::move(assigner), Duration::Nanos(absl::ToInt64Nanoseconds(bound))));
  }

  DataStreamSink AddSink(const TransactionalSink<T>& sink) const { return AddSinkNode(sink.MakeNode()); }
  DataStreamSink AddSink(const PlainSink<T>& sink) const { return AddSinkNode(sink.MakeNode()); }
  // A function that is called for each record: void Invoke(const T&), or a callable.
  template <typename F>
  DataStreamSink AddSink(F function) const {
    StreamGraph::Node node;
    node.kind = "sink";
    node.op.factory = api_internal::FactoryOf<SinkFunctionOperator<T, F>>(std::move(function));
    return AddSinkNode(std::move(node));
  }
  // An operator of one's own.
  template <typename Out>
  DataStream<Out> Transform(absl::string_view kind,
                            std::function<std::unique_ptr<StreamOperator>()> factory) const {
    return Add<Out>(kind, std::move(factory));
  }

 private:
  template <typename Self, typename U>
  friend class StreamOperations;
  template <typename U>
  friend class DataStream;
  friend struct api_internal::StreamAccess;

  // A side output.
  DataStream(StreamGraph* graph, size_t node, std::string side_output) : DataStream(graph, node) {
    this->is_operator_ = false;
    origins_[0].side_output = std::move(side_output);
  }

  template <template <typename...> class Operator, typename... OperatorArgs, typename Out, typename F>
  DataStream<Out> AddFunction(absl::string_view kind, Out*, F function) const {
    return Add<Out>(kind, api_internal::FactoryOf<Operator<OperatorArgs..., F>>(std::move(function)));
  }
  template <typename Out>
  DataStream<Out> Add(absl::string_view kind,
                      std::function<std::unique_ptr<StreamOperator>()> factory) const {
    StreamGraph::Node node;
    node.kind = std::string(kind);
    node.op.factory = std::move(factory);
    node.inputs = MakeInputs(0);
    return {this->graph_, this->graph_->Add(std::move(node))};
  }
  DataStreamSink AddSinkNode(StreamGraph::Node node) const {
    node.inputs = MakeInputs(0);
    return {this->graph_, this->graph_->Add(std::move(node))};
  }
  std::vector<StreamGraph::Input> MakeInputs(uint32_t number) const {
    std::vector<StreamGraph::Input> inputs;
    for (const StreamGraph::Origin& origin : origins_) {
      StreamGraph::Input& input = inputs.emplace_back();
      input.from = origin.node;
      input.input = number;
      input.partitioner = origin.partitioner;
      input.side_output = origin.side_output;
      input.serializer = &TypeOf<T>::Serializer();
    }
    return inputs;
  }
  DataStream WithPartitioner(Partitioner partitioner) const {
    DataStream stream = *this;
    for (StreamGraph::Origin& origin : stream.origins_) origin.partitioner = partitioner;
    return stream;
  }
  void Append(const DataStream& other) {
    if (other.graph_ != this->graph_) return this->graph_->AddError("Union of streams of two environments");
    origins_.insert(origins_.end(), other.origins_.begin(), other.origins_.end());
  }

  std::vector<StreamGraph::Origin> origins_;
};

// Records of one key go to one subtask, and functions have state of the key: RuntimeContext::GetState.
template <typename K, typename T>
class KeyedStream : public StreamOperations<KeyedStream<K, T>, T> {
 public:
  using ElementType = T;
  KeyedStream(const DataStream<T>& stream, KeySelector<T, K> selector)
      : StreamOperations<KeyedStream<K, T>, T>(stream), stream_(stream), selector_(std::move(selector)) {}

  // With another stream, in one operator of two inputs; by the same type of key, or a broadcast one.
  template <typename K2, typename U>
  KeyedConnectedStreams<K, T, U> Connect(const KeyedStream<K2, U>& other) const;
  template <typename B>
  KeyedBroadcastConnectedStream<K, T, B> Connect(const BroadcastStream<B>& other) const;
  template <typename U>
  void Connect(const DataStream<U>&) const {
    static_assert(sizeof(U) == 0,
                  "both streams are keyed, or neither: put a KeyBy on the other stream, or Broadcast(...)");
  }

 private:
  template <typename Self, typename U>
  friend class StreamOperations;
  friend struct api_internal::StreamAccess;

  template <template <typename...> class Operator, typename... OperatorArgs, typename Out, typename F>
  DataStream<Out> AddFunction(absl::string_view kind, Out*, F function) const {
    using Keyed = OnKeyedStream<Operator<OperatorArgs..., F>, K, T>;
    return Add<Out>(kind, api_internal::FactoryOf<Keyed>(std::move(function), selector_));
  }
  template <typename Out, typename F>
  DataStream<Out> AddProcess(F function) const {
    return Add<Out>("process", api_internal::FactoryOf<KeyedProcessOperator<K, T, Out, F>>(
                                   std::move(function), selector_));
  }
  template <typename Out>
  DataStream<Out> Add(absl::string_view kind,
                      std::function<std::unique_ptr<StreamOperator>()> factory) const {
    StreamGraph::Node node;
    node.kind = std::string(kind);
    node.op.is_keyed = true;
    node.op.key_type = &TypeOf<K>::Serializer();
    node.op.factory = std::move(factory);
    node.inputs = MakeInputs(0);
    return {this->graph_, this->graph_->Add(std::move(node))};
  }
  std::vector<StreamGraph::Input> MakeInputs(uint32_t number) const {
    std::vector<StreamGraph::Input> inputs = api_internal::StreamAccess::InputsOf(stream_, number);
    for (StreamGraph::Input& input : inputs) {
      input.partitioner = Partitioner::kHash;
      input.key_hash = [selector = selector_](const void* record) {
        return selector.Hash(*static_cast<const T*>(record));
      };
    }
    return inputs;
  }

  DataStream<T> stream_;
  KeySelector<T, K> selector_;
};

template <typename T>
template <typename F>
requires std::invocable<F, const T&>
auto DataStream<T>::KeyBy(F key_of) const {
  using K = std::decay_t<std::invoke_result_t<F, const T&>>;
  if constexpr (std::is_member_object_pointer_v<F>) {
    return KeyedStream<K, T>(*this, KeySelector<T, K>(key_of));
  } else {
    return KeyedStream<K, T>(*this, KeySelector<T, K>(std::function<K(const T&)>(std::move(key_of))));
  }
}

}  // namespace weir

// Where Connect and Broadcast are defined.
#include "runtime/api/connected_streams.h"

#endif  // WEIR_RUNTIME_API_DATA_STREAM_H_
