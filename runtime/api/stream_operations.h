// Licensed under the Apache License, Version 2.0.
//
// What the handles of streams have in common: the names and numbers of the operator behind them, and the functions that a
// stream may go through. The streams themselves: data_stream.h.
#ifndef WEIR_RUNTIME_API_STREAM_OPERATIONS_H_
#define WEIR_RUNTIME_API_STREAM_OPERATIONS_H_

#include <string>
#include <utility>
#include <vector>

#include "runtime/api/function_traits.h"
#include "runtime/api/stream_graph.h"
#include "runtime/operators/function_operators.h"

namespace weir {

template <typename T>
class DataStream;
template <typename K, typename T>
class KeyedStream;
template <typename T>
class BroadcastStream;
template <typename A, typename B>
class ConnectedStreams;
template <typename K, typename A, typename B>
class KeyedConnectedStreams;
template <typename T, typename B>
class BroadcastConnectedStream;
template <typename K, typename T, typename B>
class KeyedBroadcastConnectedStream;

namespace api_internal {

// What handles of streams keep to themselves, for those that join two.
struct StreamAccess {
  template <typename Stream>
  static StreamGraph* GraphOf(const Stream& stream) {
    return stream.graph_;
  }
  // The edges into input `number` of an operator.
  template <typename Stream>
  static std::vector<StreamGraph::Input> InputsOf(const Stream& stream, uint32_t number) {
    return stream.MakeInputs(number);
  }
  template <typename K, typename T>
  static const KeySelector<T, K>& SelectorOf(const KeyedStream<K, T>& stream) {
    return stream.selector_;
  }
};

}  // namespace api_internal

// What all handles have.
template <typename Self>
class StreamHandleBase {
 public:
  StreamHandleBase(StreamGraph* graph, size_t node) : graph_(graph), node_(node) {}

  // The name by which the operator's state is found again, in this program and in later ones.
  Self Uid(absl::string_view uid) const { return node().op.uid = std::string(uid), self(); }
  // The id itself, as 32 hex digits: for state that was written without a uid.
  Self UidHash(absl::string_view hex) const { return node().uid_hash = std::string(hex), self(); }
  Self Name(absl::string_view name) const { return node().op.name = std::string(name), self(); }
  Self SetParallelism(int64_t parallelism) const { return node().parallelism = parallelism, self(); }
  Self SetMaxParallelism(int64_t max) const { return node().max_parallelism = max, self(); }
  // Not in one subtask with its neighbours; StartNewChain: with those behind it.
  Self DisableChaining() const { return node().starts_chain = node().ends_chain = true, self(); }
  Self StartNewChain() const { return node().starts_chain = true, self(); }

 protected:
  StreamGraph::Node& node() const { return is_operator_ ? graph_->node(node_) : graph_->NoOperator(); }
  Self self() const { return static_cast<const Self&>(*this); }

  StreamGraph* graph_;
  size_t node_;
  bool is_operator_ = true;  // false: a union, or a side output
};

class DataStreamSink : public StreamHandleBase<DataStreamSink> {
 public:
  using StreamHandleBase::StreamHandleBase;
};

// What plain and keyed streams have: T goes through a function.
template <typename Self, typename T>
class StreamOperations : public StreamHandleBase<Self> {
  template <typename Other, typename U>
  friend class StreamOperations;

 public:
  using StreamHandleBase<Self>::StreamHandleBase;
  // The same place of the graph, under another face.
  template <typename Other>
  explicit StreamOperations(const StreamOperations<Other, T>& other)
      : StreamHandleBase<Self>(other.graph_, other.node_) {
    this->is_operator_ = other.is_operator_;
  }

  template <typename F>
  auto Map(F function) const;
  template <typename F, typename... Args>
  requires api_internal::BuiltFrom<F, Args...>
  auto Map(Args&&... args) const { return Map(F(std::forward<Args>(args)...)); }
  template <typename F>
  auto Filter(F function) const;
  template <typename F>
  auto FlatMap(F function) const;
  template <typename F, typename... Args>
  requires api_internal::BuiltFrom<F, Args...>
  auto FlatMap(Args&&... args) const { return FlatMap(F(std::forward<Args>(args)...)); }
  template <api_internal::IsProcessFunction F>
  auto Process(F function) const;
  template <api_internal::IsProcessFunction F, typename... Args>
  requires api_internal::BuiltFrom<F, Args...>
  auto Process(Args&&... args) const { return Process(F(std::forward<Args>(args)...)); }
};

template <typename Self, typename T>
template <typename F>
auto StreamOperations<Self, T>::Map(F function) const {
  using Out = operators_internal::MapResult<F, T>;
  return this->self().template AddFunction<MapOperator, T, Out>("map", static_cast<Out*>(nullptr),
                                                                std::move(function));
}

template <typename Self, typename T>
template <typename F>
auto StreamOperations<Self, T>::Filter(F function) const {
  return this->self().template AddFunction<FilterOperator, T>("filter", static_cast<T*>(nullptr),
                                                              std::move(function));
}

template <typename Self, typename T>
template <typename F>
auto StreamOperations<Self, T>::FlatMap(F function) const {
  using Out = api_internal::FlatMapResult<F>;
  return this->self().template AddFunction<FlatMapOperator, T, Out>("flat-map", static_cast<Out*>(nullptr),
                                                                    std::move(function));
}

template <typename Self, typename T>
template <api_internal::IsProcessFunction F>
auto StreamOperations<Self, T>::Process(F function) const {
  using Out = typename F::OutputType;
  if constexpr (requires { typename F::KeyType; }) {
    static_assert(
        requires { this->self().template AddProcess<Out>(std::move(function)); },
        "a keyed process function needs a keyed stream: put a KeyBy before it");
    return this->self().template AddProcess<Out>(std::move(function));
  } else {
    return this->self().template AddFunction<ProcessOperator, T, Out>("process", static_cast<Out*>(nullptr),
                                                                      std::move(function));
  }
}

}  // namespace weir

#endif  // WEIR_RUNTIME_API_STREAM_OPERATIONS_H_
