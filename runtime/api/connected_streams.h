// Licensed under the Apache License, Version 2.0.
//
// Two streams in one operator. What functions they take is said in operators/co_operators.h and
// operators/broadcast_functions.h; here is how to get there:
//
//   a.Connect(b)                                    ConnectedStreams<A, B>: Map, FlatMap, Process, KeyBy
//   a.KeyBy(f).Connect(b.KeyBy(g))                  KeyedConnectedStreams<K, A, B>, by the same type of key
//   a.Connect(b.Broadcast(kRules, ...))             BroadcastConnectedStream<A, B>: Process
//   a.KeyBy(f).Connect(b.Broadcast(kRules, ...))    KeyedBroadcastConnectedStream<K, A, B>: Process
#ifndef WEIR_RUNTIME_API_CONNECTED_STREAMS_H_
#define WEIR_RUNTIME_API_CONNECTED_STREAMS_H_

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/api/data_stream.h"
#include "runtime/operators/broadcast_operators.h"
#include "runtime/operators/co_operators.h"

namespace weir {
namespace api_internal {

// Adds an operator that `first` and `second` feed.
template <typename Out, typename First, typename Second>
DataStream<Out> AddTwoInputs(const First& first, const Second& second, absl::string_view kind,
                             OperatorFactory factory, const TypeSerializer* key_type) {
  StreamGraph* const graph = StreamAccess::GraphOf(first);
  if (graph != StreamAccess::GraphOf(second)) graph->AddError("Connect of streams of two environments");
  StreamGraph::Node node;
  node.kind = std::string(kind);
  node.op.is_keyed = key_type != nullptr;
  node.op.key_type = key_type;
  node.op.factory = std::move(factory);
  node.inputs = StreamAccess::InputsOf(first, 0);
  for (StreamGraph::Input& input : StreamAccess::InputsOf(second, 1)) node.inputs.push_back(std::move(input));
  return {graph, graph->Add(std::move(node))};
}

template <typename F, typename A, typename B>
constexpr void CheckCoFunction() {
  static_assert(std::is_same_v<typename F::InputType1, A> && std::is_same_v<typename F::InputType2, B>,
                "the function's InputType1 and InputType2 are not what the two streams carry, in this order");
}
template <typename F, typename T, typename B>
constexpr void CheckBroadcastFunction() {
  static_assert(std::is_same_v<typename F::InputType, T>,
                "the function's InputType is not what the main stream carries");
  static_assert(std::is_same_v<typename F::BroadcastType, B>,
                "the function's BroadcastType is not what the broadcast stream carries");
}

template <typename F>
concept HasKeyType = requires {
  typename F::KeyType;
};
template <typename F>
concept HasBroadcastType = requires {
  typename F::BroadcastType;
};
template <typename F>
concept HasTwoInputs = requires {
  typename F::InputType1;
  typename F::InputType2;
};

// Any function, also built in place: CRTP, Self has MapWith, FlatMapWith, ProcessWith as far as it can.
template <typename Self>
class TakesFunctions {
 public:
  template <typename F>
  auto Process(F function) const {
    return self().ProcessWith(std::move(function));
  }
  template <typename F, typename... Args>
  requires BuiltFrom<F, Args...>
  auto Process(Args&&... args) const { return self().ProcessWith(F(std::forward<Args>(args)...)); }

 protected:
  const Self& self() const { return static_cast<const Self&>(*this); }
};

}  // namespace api_internal

template <typename A, typename B>
class ConnectedStreams : public api_internal::TakesFunctions<ConnectedStreams<A, B>> {
 public:
  ConnectedStreams(DataStream<A> first, DataStream<B> second)
      : first_(std::move(first)), second_(std::move(second)) {}

  template <typename F1, typename F2>
  auto KeyBy(F1 first_key, F2 second_key) const {
    return first_.KeyBy(std::move(first_key)).Connect(second_.KeyBy(std::move(second_key)));
  }
  template <typename F>
  auto Map(F function) const {
    return Add<CoMapOperator<A, B, typename F::OutputType, F>>("co-map", std::move(function));
  }
  template <typename F>
  auto FlatMap(F function) const {
    return Add<CoFlatMapOperator<A, B, typename F::OutputType, F>>("co-flat-map", std::move(function));
  }

 private:
  friend class api_internal::TakesFunctions<ConnectedStreams>;
  template <typename F>
  auto ProcessWith(F function) const {
    static_assert(api_internal::HasTwoInputs<F> && !api_internal::HasKeyType<F>,
                  "a CoProcessFunction<A, B, Out> is wanted here: these streams are not keyed; for a "
                  "KeyedCoProcessFunction put KeyBy before Connect, on both");
    return Add<CoProcessOperator<A, B, typename F::OutputType, F>>("co-process", std::move(function));
  }
  template <typename Operator, typename F>
  auto Add(absl::string_view kind, F function) const {
    api_internal::CheckCoFunction<F, A, B>();
    return api_internal::AddTwoInputs<typename F::OutputType>(
        first_, second_, kind, api_internal::FactoryOf<Operator>(std::move(function)), nullptr);
  }

  DataStream<A> first_;
  DataStream<B> second_;
};

template <typename K, typename A, typename B>
class KeyedConnectedStreams : public api_internal::TakesFunctions<KeyedConnectedStreams<K, A, B>> {
 public:
  KeyedConnectedStreams(KeyedStream<K, A> first, KeyedStream<K, B> second)
      : first_(std::move(first)), second_(std::move(second)) {}

  template <typename F>
  auto Map(F function) const {
    using Base = CoMapOperator<A, B, typename F::OutputType, F>;
    return Add<OnKeyedStreams<Base, K, A, B>>("co-map", std::move(function));
  }
  template <typename F>
  auto FlatMap(F function) const {
    using Base = CoFlatMapOperator<A, B, typename F::OutputType, F>;
    return Add<OnKeyedStreams<Base, K, A, B>>("co-flat-map", std::move(function));
  }

 private:
  friend class api_internal::TakesFunctions<KeyedConnectedStreams>;
  template <typename F>
  auto ProcessWith(F function) const {
    static_assert(api_internal::HasTwoInputs<F> && api_internal::HasKeyType<F>,
                  "a KeyedCoProcessFunction<K, A, B, Out> is wanted here: these streams are keyed");
    static_assert(std::is_same_v<typename F::KeyType, K>,
                  "the function's KeyType is not that of the streams");
    return Add<KeyedCoProcessOperator<K, A, B, typename F::OutputType, F>>("co-process", std::move(function));
  }
  template <typename Operator, typename F>
  auto Add(absl::string_view kind, F function) const {
    api_internal::CheckCoFunction<F, A, B>();
    return api_internal::AddTwoInputs<typename F::OutputType>(
        first_, second_, kind,
        api_internal::FactoryOf<Operator>(std::move(function), api_internal::StreamAccess::SelectorOf(first_),
                                          api_internal::StreamAccess::SelectorOf(second_)),
        &TypeOf<K>::Serializer());
  }

  KeyedStream<K, A> first_;
  KeyedStream<K, B> second_;
};

// A stream of which every subtask of the next operator gets everything, with the states that the operator keeps of it.
template <typename T>
class BroadcastStream {
 public:
  BroadcastStream(DataStream<T> stream, std::vector<BroadcastDeclaration> states)
      : stream_(std::move(stream)), states_(std::move(states)) {}
  const DataStream<T>& stream() const { return stream_; }
  const std::vector<BroadcastDeclaration>& states() const { return states_; }

 private:
  DataStream<T> stream_;
  std::vector<BroadcastDeclaration> states_;
};

template <typename T, typename B>
class BroadcastConnectedStream : public api_internal::TakesFunctions<BroadcastConnectedStream<T, B>> {
 public:
  BroadcastConnectedStream(DataStream<T> main, BroadcastStream<B> broadcast)
      : main_(std::move(main)), broadcast_(std::move(broadcast)) {}

 private:
  friend class api_internal::TakesFunctions<BroadcastConnectedStream>;
  template <typename F>
  auto ProcessWith(F function) const {
    static_assert(
        api_internal::HasBroadcastType<F> && !api_internal::HasKeyType<F>,
        "a BroadcastProcessFunction<In, B, Out> is wanted here: the main stream is not keyed; for a "
        "KeyedBroadcastProcessFunction put a KeyBy before Connect");
    api_internal::CheckBroadcastFunction<F, T, B>();
    using Out = typename F::OutputType;
    return api_internal::AddTwoInputs<Out>(main_, broadcast_.stream(), "broadcast-process",
                                           api_internal::FactoryOf<BroadcastProcessOperator<T, B, Out, F>>(
                                               std::move(function), broadcast_.states()),
                                           nullptr);
  }

  DataStream<T> main_;
  BroadcastStream<B> broadcast_;
};

template <typename K, typename T, typename B>
class KeyedBroadcastConnectedStream
    : public api_internal::TakesFunctions<KeyedBroadcastConnectedStream<K, T, B>> {
 public:
  KeyedBroadcastConnectedStream(KeyedStream<K, T> main, BroadcastStream<B> broadcast)
      : main_(std::move(main)), broadcast_(std::move(broadcast)) {}

 private:
  friend class api_internal::TakesFunctions<KeyedBroadcastConnectedStream>;
  template <typename F>
  auto ProcessWith(F function) const {
    static_assert(api_internal::HasBroadcastType<F> && api_internal::HasKeyType<F>,
                  "a KeyedBroadcastProcessFunction<K, In, B, Out> is wanted here: the main stream is keyed");
    api_internal::CheckBroadcastFunction<F, T, B>();
    static_assert(std::is_same_v<typename F::KeyType, K>, "the function's KeyType is not that of the stream");
    using Out = typename F::OutputType;
    return api_internal::AddTwoInputs<Out>(
        main_, broadcast_.stream(), "broadcast-process",
        api_internal::FactoryOf<KeyedBroadcastProcessOperator<K, T, B, Out, F>>(
            std::move(function), broadcast_.states(), api_internal::StreamAccess::SelectorOf(main_)),
        &TypeOf<K>::Serializer());
  }

  KeyedStream<K, T> main_;
  BroadcastStream<B> broadcast_;
};

template <typename T>
template <typename K, typename V, typename... Descriptors>
BroadcastStream<T> DataStream<T>::Broadcast(const MapStateDescriptor<K, V>& descriptor,
                                            const Descriptors&... descriptors) const {
  return {Broadcast(), {BroadcastDeclaration::Of(descriptor), BroadcastDeclaration::Of(descriptors)...}};
}

template <typename T>
template <typename U>
ConnectedStreams<T, U> DataStream<T>::Connect(const DataStream<U>& other) const {
  return {*this, other};
}

template <typename T>
template <typename B>
BroadcastConnectedStream<T, B> DataStream<T>::Connect(const BroadcastStream<B>& other) const {
  return {*this, other};
}

template <typename K, typename T>
template <typename K2, typename U>
KeyedConnectedStreams<K, T, U> KeyedStream<K, T>::Connect(const KeyedStream<K2, U>& other) const {
  static_assert(std::is_same_v<K, K2>, "two keyed streams meet only by the same type of key");
  return {*this, other};
}

template <typename K, typename T>
template <typename B>
KeyedBroadcastConnectedStream<K, T, B> KeyedStream<K, T>::Connect(const BroadcastStream<B>& other) const {
  return {*this, other};
}

}  // namespace weir

#endif  // WEIR_RUNTIME_API_CONNECTED_STREAMS_H_
