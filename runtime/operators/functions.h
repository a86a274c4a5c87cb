// Licensed under the Apache License, Version 2.0.
//
// What user functions see: Collector, contexts, and base classes that only provide types. Functions are duck-typed:
// a class needs the method of its kind, and may have Open(RuntimeContext&) and Close(). An Open, or an OnTimer, that cannot
// be called does not compile. Methods are public and return void or absl::Status; a status that is not OK, or an
// exception, fails the task (in Close, the task is over: nobody asks any more).
//
//   map        Out Map(const In&)                       or any callable (const In&) -> Out
//   filter     bool Filter(const In&)                   or any callable (const In&) -> bool
//   flat map   void FlatMap(const In&, Collector<Out>&) or any callable of that shape
//   process    void ProcessElement(const In&, ProcessContext&, Collector<Out>&), with a type OutputType;
//              on a keyed stream KeyedContext<K>& instead, and there may be timers:
//              void OnTimer(int64_t timestamp, OnTimerContext<K>&, Collector<Out>&), which is TimerContext& within
//
// Functions of two inputs: co_operators.h; joined with a broadcast stream: broadcast_functions.h. Operator state, for all
// of them: checkpointed_function.h.
//
// map, filter and flat map may return absl::StatusOr / absl::Status where they return a value / nothing.
#ifndef WEIR_RUNTIME_OPERATORS_FUNCTIONS_H_
#define WEIR_RUNTIME_OPERATORS_FUNCTIONS_H_

#include <string>
#include <type_traits>

#include "runtime/operators/output_tag.h"
#include "runtime/operators/stream_operator.h"
#include "runtime/operators/timer_service.h"
#include "runtime/state/folding_states.h"
#include "runtime/state/list_state.h"
#include "runtime/state/map_state.h"
#include "runtime/state/state_descriptor.h"
#include "runtime/state/value_state.h"

namespace weir {

// Takes what a function emits, in order, any number of times while the function runs.
template <typename T>
class Collector {
 public:
  explicit Collector(StreamOperator* op) : op_(op) {}
  void Collect(const T& value) { op_->Emit(&value); }

 private:
  StreamOperator* op_;
};

// Where a function runs, and its state. Valid in Open; what it hands out is valid as long as the function.
class RuntimeContext {
 public:
  explicit RuntimeContext(const OperatorContext& context) : context_(context) {}

  const std::string& uid() const { return context_.uid; }
  const std::string& task_name() const { return context_.task_name; }
  uint32_t subtask_index() const { return context_.subtask.index; }
  uint32_t parallelism() const { return context_.parallelism; }
  uint32_t attempt() const { return context_.attempt.value; }
  bool is_restored() const { return context_.is_restored; }

  // State of the current key. Only on a keyed stream; elsewhere, or if no state may have the name (state/state_name.h) or
  // it stands for another kind or type, the task fails. Each takes a descriptor, plain or with a time to live.
  template <typename T>
  ValueState<T> GetState(const ValueStateDescriptor<T>& descriptor) {
    return ValueState<T>(Register<ValueState<T>>(descriptor.name));
  }
  template <typename T>
  ValueState<T> GetState(const DefaultedValueStateDescriptor<T>& defaulted) {
    return ValueState<T>(Register<ValueState<T>>(defaulted.descriptor.name), defaulted.default_value);
  }
  template <typename T>
  ValueState<T> GetState(const WithTimeToLive<ValueStateDescriptor<T>>& with) {
    return Expiring<ValueState<T>>(with.descriptor.name, with.ttl);
  }
  template <typename T>
  ListState<T> GetState(const ListStateDescriptor<T>& descriptor) {
    return ListState<T>(Register<ListState<T>>(descriptor.name));
  }
  template <typename T>
  ListState<T> GetState(const WithTimeToLive<ListStateDescriptor<T>>& with) {
    return Expiring<ListState<T>>(with.descriptor.name, with.ttl);
  }
  template <typename K, typename V>
  MapState<K, V> GetState(const MapStateDescriptor<K, V>& descriptor) {
    return MapState<K, V>(Register<MapState<K, V>>(descriptor.name));
  }
  template <typename K, typename V>
  MapState<K, V> GetState(const WithTimeToLive<MapStateDescriptor<K, V>>& with) {
    return Expiring<MapState<K, V>>(with.descriptor.name, with.ttl);
  }
  template <typename T>
  ReducingState<T> GetState(const ReducingStateDescriptor<T>& descriptor) {
    CheckReduces(descriptor.name, descriptor.reduce != nullptr);
    return {descriptor, ValueState<T>(Register<ReducingState<T>>(descriptor.name))};
  }
  template <typename T>
  ReducingState<T> GetState(const WithTimeToLive<ReducingStateDescriptor<T>>& with) {
    CheckReduces(with.descriptor.name, with.descriptor.reduce != nullptr);
    return {with.descriptor, Expiring<ValueState<T>, ReducingState<T>>(with.descriptor.name, with.ttl)};
  }
  template <typename A>
  AggregatingState<A> GetState(const AggregatingStateDescriptor<A>& descriptor) {
    using Value = ValueState<typename A::AccumulatorType>;
    return AggregatingState<A>(Value(Register<AggregatingState<A>>(descriptor.name)));
  }
  template <typename A>
  AggregatingState<A> GetState(const WithTimeToLive<AggregatingStateDescriptor<A>>& with) {
    using Value = ValueState<typename A::AccumulatorType>;
    return AggregatingState<A>(Expiring<Value, AggregatingState<A>>(with.descriptor.name, with.ttl));
  }
  // The same by (current key, namespace): GetNamespacedState<int64_t>(kCounts).In(window).
  template <typename N, typename Descriptor>
  auto GetNamespacedState(const Descriptor& descriptor) {
    name_space_ = &TypeOf<N>::Serializer();
    auto state = GetState(descriptor);
    name_space_ = nullptr;
    return Namespaced<N, decltype(state)>(std::move(state));
  }

  // What went wrong in GetState, if anything did.
  const absl::Status& status() const { return status_; }
  // For functions of the engine's own making.
  const OperatorContext& operator_context() const { return context_; }

 private:
  // The store of a state whose handle is `State`, or null.
  template <typename State>
  auto Register(absl::string_view name, bool has_ttl = false) {
    StateSpec spec = State::Spec(name, has_ttl);
    spec.name_space = name_space_;
    if constexpr (requires { typename State::ElementType; }) {
      return Registered<ListStore>(spec, &KeyedStateBackend::RegisterList);
    } else if constexpr (requires { typename State::UserKeyType; }) {
      return Registered<MapStore>(spec, &KeyedStateBackend::RegisterMap);
    } else {
      return Registered<ValueStore>(spec, &KeyedStateBackend::RegisterValue);
    }
  }
  template <typename Store>
  Store* Registered(const StateSpec& spec,
                    absl::StatusOr<Store*> (KeyedStateBackend::*method)(const StateSpec&)) {
    if (!MayRegister(spec.name)) return nullptr;
    const absl::StatusOr<Store*> store = (context_.keyed_state->*method)(spec);
    if (!store.ok()) SetStatus(store.status());
    return store.ok() ? *store : nullptr;
  }
  template <typename State, typename Registered = State>
  State Expiring(absl::string_view name, const StateTtl& ttl) {
    if (!IsTimeToLive(name, ttl)) return State();
    auto* const store = Register<Registered>(name, true);
    return store == nullptr ? State() : State(store, ttl, context_.env->clock);
  }
  bool MayRegister(absl::string_view name);
  void CheckReduces(absl::string_view name, bool reduces);
  bool IsTimeToLive(absl::string_view name, const StateTtl& ttl);
  void SetStatus(const absl::Status& status);

  const OperatorContext& context_;
  const TypeSerializer* name_space_ = nullptr;
  absl::Status status_;
};

// Of one record.
class ProcessContext {
 public:
  ProcessContext(StreamOperator& op, EventTime timestamp, EventTime watermark)
      : op_(op), timestamp_(timestamp), watermark_(watermark) {}
  EventTime timestamp() const { return timestamp_; }  // EventTime::Min(): it has none
  EventTime watermark() const { return watermark_; }
  // The calendar clock of this node: not the same after a recovery, nor in another subtask.
  WallTime current_processing_time() const { return op_.context().env->clock.WallNow(); }
  // Emits into a side output. A tag that is read as another type fails the task.
  template <typename T>
  void Output(const OutputTag<T>& tag, const std::type_identity_t<T>& value) {
    op_.EmitToSide(tag.name, TypeOf<T>::Serializer(), &value);
  }

 private:
  StreamOperator& op_;
  EventTime timestamp_;
  EventTime watermark_;
};

template <typename K>
class KeyedContext : public ProcessContext {
 public:
  KeyedContext(StreamOperator& op, EventTime timestamp, const K& key, TimerService& timers)
      : ProcessContext(op, timestamp, timers.watermark()), key_(key), timers_(timers) {}
  const K& current_key() const { return key_; }
  // Of the current key.
  TimerService& timer_service() { return timers_; }

 private:
  const K& key_;
  TimerService& timers_;
};

template <typename K>
class OnTimerContext : public KeyedContext<K> {
 public:
  OnTimerContext(StreamOperator& op, EventTime timestamp, const K& key, TimerService& timers,
                 TimeDomain domain)
      : KeyedContext<K>(op, timestamp, key, timers), domain_(domain) {}
  TimeDomain time_domain() const { return domain_; }

 private:
  TimeDomain domain_;
};

template <typename In, typename Out>
class ProcessFunction {
 public:
  using InputType = In;
  using OutputType = Out;
  using Context = ProcessContext;
};

template <typename K, typename In, typename Out>
class KeyedProcessFunction {
 public:
  using KeyType = K;
  using InputType = In;
  using OutputType = Out;
  using Context = KeyedContext<K>;
  using TimerContext = OnTimerContext<K>;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_FUNCTIONS_H_
