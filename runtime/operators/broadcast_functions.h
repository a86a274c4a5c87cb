// Licensed under the Apache License, Version 2.0.
//
// Functions that join a stream with a broadcast one, and what they see. Duck-typed like all functions (functions.h); the
// base classes only provide types:
//
//   BroadcastProcessFunction<In, B, Out>, KeyedBroadcastProcessFunction<K, In, B, Out> (on a keyed main stream)
//     void ProcessElement(const In&, ReadOnlyBroadcastContext&, Collector<Out>&)
//     void ProcessBroadcastElement(const B&, BroadcastContext&, Collector<Out>&)
//   the keyed one may name its contexts in full: ReadOnlyContext has current_key(), Context has ApplyToKeyedState
//
// Every subtask gets every broadcast element and changes its own copy of the state. Elements of one producer come in the
// same order everywhere; how they interleave with those of another, and with the main stream, differs from subtask to
// subtask. So updates must come out the same in any such order, and must not depend on anything else: else copies
// diverge, and a rescale keeps whichever it meets.
//
// There is no key in ProcessBroadcastElement: state of a key that is accessed there fails the task. (In Flink such an
// access goes to whatever key came last.) ApplyToKeyedState goes through all keys of the subtask instead.
#ifndef WEIR_RUNTIME_OPERATORS_BROADCAST_FUNCTIONS_H_
#define WEIR_RUNTIME_OPERATORS_BROADCAST_FUNCTIONS_H_

#include <utility>

#include "runtime/operators/broadcast_states.h"
#include "runtime/operators/functions.h"

namespace weir {

// Beside an element of the main stream: the state can be read.
class ReadOnlyBroadcastContext : public ProcessContext {
 public:
  ReadOnlyBroadcastContext(StreamOperator& op, EventTime timestamp, EventTime watermark,
                           const BroadcastStates& states)
      : ProcessContext(op, timestamp, watermark), states_(states) {}

  // Valid as long as the function. One that was not declared at Broadcast(...) fails the task.
  template <typename K, typename V>
  const ReadOnlyBroadcastState<K, V>& GetBroadcastState(const MapStateDescriptor<K, V>& descriptor) const {
    return states_.Get(descriptor);
  }

 private:
  const BroadcastStates& states_;
};

// Beside an element of the broadcast stream: the state can be changed.
class BroadcastContext : public ProcessContext {
 public:
  BroadcastContext(StreamOperator& op, EventTime timestamp, EventTime watermark,
                   const BroadcastStates& states)
      : ProcessContext(op, timestamp, watermark), states_(states) {}

  template <typename K, typename V>
  BroadcastState<K, V>& GetBroadcastState(const MapStateDescriptor<K, V>& descriptor) const {
    return states_.Get(descriptor);
  }

 private:
  const BroadcastStates& states_;
};

template <typename K>
class KeyedReadOnlyBroadcastContext : public ReadOnlyBroadcastContext {
 public:
  KeyedReadOnlyBroadcastContext(StreamOperator& op, EventTime timestamp, const BroadcastStates& states,
                                const K& key, TimerService& timers)
      : ReadOnlyBroadcastContext(op, timestamp, timers.watermark(), states), key_(key), timers_(timers) {}
  const K& current_key() const { return key_; }
  // Of the current key.
  TimerService& timer_service() { return timers_; }

 private:
  const K& key_;
  TimerService& timers_;
};

template <typename K>
class OnTimerBroadcastContext : public KeyedReadOnlyBroadcastContext<K> {
 public:
  // `op` has broadcast states.
  template <typename Operator>
  OnTimerBroadcastContext(Operator& op, EventTime timestamp, const K& key, TimerService& timers,
                          TimeDomain domain)
      : KeyedReadOnlyBroadcastContext<K>(op, timestamp, op.states(), key, timers), domain_(domain) {}
  TimeDomain time_domain() const { return domain_; }

 private:
  TimeDomain domain_;
};

// Beside a broadcast element no key is set: keyed state is reached by ApplyToKeyedState alone.
template <typename K>
class KeyedBroadcastContext : public BroadcastContext {
 public:
  KeyedBroadcastContext(StreamOperator& op, EventTime timestamp, EventTime watermark,
                        const BroadcastStates& states)
      : BroadcastContext(op, timestamp, watermark, states), operator_(op) {}

  // Calls visit(const K& key, state) for every key of this subtask that has something in that keyed state, in the order
  // of key groups and key bytes; `state` is what RuntimeContext::GetState gives. The visitor may change it; keys that it
  // makes come too late to be visited. In a visit the key is the visited one; another ApplyToKeyedState in it would take
  // that away: it fails the task.
  template <typename Descriptor, typename Visit>
  void ApplyToKeyedState(const Descriptor& descriptor, Visit&& visit) {
    KeyedStateBackend& backend = *operator_.context().keyed_state;
    if (is_visiting_) {
      return backend.SetError(absl::FailedPreconditionError(
          absl::StrCat("state ", NameOf(descriptor),
                       ": ApplyToKeyedState within a visit of another one: collect what is to "
                       "be done, and do it afterwards")));
    }
    RuntimeContext runtime(operator_.context());
    auto state = runtime.GetState(descriptor);
    if (!runtime.status().ok()) return backend.SetError(runtime.status());
    is_visiting_ = true;
    for (const KeyedStateBackend::KeyRef& ref : backend.KeysOf(NameOf(descriptor), kVoidNamespaceBytes)) {
      K key{};
      ByteReader reader(ref.bytes);
      TypeOf<K>::Read(reader, key);
      backend.SetCurrentKey(ref.bytes, ref.key_group);
      visit(std::as_const(key), state);
    }
    backend.ClearCurrentKey();
    is_visiting_ = false;
  }

 private:
  StreamOperator& operator_;
  bool is_visiting_ = false;
};

template <typename In, typename B, typename Out>
class BroadcastProcessFunction {
 public:
  using InputType = In;
  using BroadcastType = B;
  using OutputType = Out;
  using ReadOnlyContext = ReadOnlyBroadcastContext;
  using Context = BroadcastContext;
};

template <typename K, typename In, typename B, typename Out>
class KeyedBroadcastProcessFunction {
 public:
  using KeyType = K;
  using InputType = In;
  using BroadcastType = B;
  using OutputType = Out;
  using ReadOnlyContext = KeyedReadOnlyBroadcastContext<K>;
  using Context = KeyedBroadcastContext<K>;
  using TimerContext = OnTimerBroadcastContext<K>;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_BROADCAST_FUNCTIONS_H_
