// Licensed under the Apache License, Version 2.0.
//
// ReducingState<T> and AggregatingState<A>: what was added, folded into one value per key. Handles like ValueState.
//   Add(v)    the first value is stored as it is (reducing) or added to a new accumulator; later ones are folded in the
//             order in which they came: reduce(older, newer)
//   Get()     the folded value, the aggregate's result, or nullopt if nothing was added
//   Clear()
#ifndef WEIR_RUNTIME_STATE_FOLDING_STATES_H_
#define WEIR_RUNTIME_STATE_FOLDING_STATES_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/state/state_descriptor.h"
#include "runtime/state/value_state.h"

namespace weir {

template <typename T>
class ReducingState {
 public:
  static StateSpec Spec(absl::string_view name, bool has_ttl) {
    return ValueState<T>::Spec(name, has_ttl, KeyedStateType::kReducing);
  }
  ReducingState() = default;
  ReducingState(const ReducingStateDescriptor<T>& descriptor, ValueState<T> value)
      : reduce_(descriptor.reduce), value_(std::move(value)) {}

  const T* Find() const { return value_.Find(); }
  std::optional<T> Get() const { return value_.Value(); }
  void Add(const T& added) {
    const T* const before = value_.Find();
    value_.Update(before == nullptr ? added : reduce_(*before, added));
  }
  void Clear() { value_.Clear(); }
  // Namespaced::Merge: reduce(target, reduce(reduce(source 1, source 2), ...)).
  void MergeNamespaces(absl::string_view target, absl::Span<const std::string> sources) {
    value_.MergeNamespaces(target, sources, [this](T& into, const T& other) { into = reduce_(into, other); });
  }
  StateStore* store() const { return value_.store(); }

 private:
  T (*reduce_)(const T&, const T&) = nullptr;
  ValueState<T> value_;
};

template <typename Aggregate>
class AggregatingState {
 public:
  using Input = typename Aggregate::InputType;
  using Accumulator = typename Aggregate::AccumulatorType;
  using Output = typename Aggregate::OutputType;
  static StateSpec Spec(absl::string_view name, bool has_ttl) {
    return ValueState<Accumulator>::Spec(name, has_ttl, KeyedStateType::kAggregating);
  }
  AggregatingState() = default;
  explicit AggregatingState(ValueState<Accumulator> value) : value_(std::move(value)) {}

  std::optional<Output> Get() const {
    const Accumulator* const accumulator = value_.Find();
    return accumulator == nullptr ? std::nullopt : std::optional<Output>(Aggregate::GetResult(*accumulator));
  }
  void Add(const Input& added) {
    // One look only: an expired accumulator that may be seen is seen once.
    value_.Mutate([&](Accumulator& accumulator) { Aggregate::Add(added, accumulator); },
                  [] { return Aggregate::CreateAccumulator(); });
  }
  void Clear() { value_.Clear(); }
  // Namespaced::Merge. The aggregate has then static void Merge(const AccumulatorType& other, AccumulatorType& into).
  void MergeNamespaces(absl::string_view target, absl::Span<const std::string> sources) {
    value_.MergeNamespaces(
        target, sources, [](Accumulator& into, const Accumulator& other) { Aggregate::Merge(other, into); });
  }
  StateStore* store() const { return value_.store(); }

 private:
  ValueState<Accumulator> value_;
};

// State with a namespace beside the key: In(n) stands for the state of (current key, n), like a pointer to it:
// counts.In(window)->Add(1); it is valid as long as this. Merge is what merging windows need, for
// lists and for states that fold: the states of the sources are taken away and folded into that of the target, which stays
// absent if there was nothing. No source: nothing happens. Arguments are in the order older, newer; the target is the
// oldest, then come the sources as they are given. (So does Flink on the heap; on RocksDB it folds the sources with the
// target last, which only a function that is not commutative can tell.)
template <typename N, typename State>
class Namespaced {
 public:
  Namespaced() = default;
  explicit Namespaced(State state) : state_(std::move(state)) {}
  class Bound {
   public:
    State* operator->() const {
      state_.store()->SetNamespace(name_space_);
      return &state_;
    }
    State& operator*() const { return *operator->(); }

   private:
    friend class Namespaced;
    Bound(State& state, std::string name_space) : state_(state), name_space_(std::move(name_space)) {}

    State& state_;
    const std::string name_space_;
  };
  Bound In(const N& name_space) { return Bound(state_, BytesOf(name_space).value_or("")); }
  void Merge(const N& target, const std::vector<N>& sources) {
    const std::optional<std::string> into = BytesOf(target);
    std::vector<std::string> from;
    for (const N& source : sources) {
      std::optional<std::string> bytes = BytesOf(source);
      if (!bytes.has_value()) return;
      from.push_back(*std::move(bytes));
    }
    if (into.has_value()) state_.MergeNamespaces(*into, from);
  }

 private:
  // nullopt: the namespace cannot be written, which is then an error.
  std::optional<std::string> BytesOf(const N& name_space) const {
    (void)MayAccess(state_.store(), "state with namespaces");
    ByteWriter bytes;
    if (TypeOf<N>::Write(bytes, name_space)) return bytes.Take();
    state_.store()->Fail(UnwritableError());
    return std::nullopt;
  }

  State state_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_FOLDING_STATES_H_
