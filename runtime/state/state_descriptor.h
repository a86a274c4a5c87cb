// Licensed under the Apache License, Version 2.0.
//
// Descriptors: the name, kind and types of a state, as constants of the program:
//
//   inline constexpr weir::ValueStateDescriptor<int64_t> kTotal{"total"};
//   inline constexpr weir::ListStateDescriptor<Event> kEvents{"events"};
//   inline constexpr weir::MapStateDescriptor<int64_t, Pattern> kPatterns{"patterns"};
//   inline constexpr weir::ReducingStateDescriptor<int64_t> kLargest{"largest", Larger};
//   inline constexpr weir::AggregatingStateDescriptor<Average> kAverage{"average"};
//
// What differs from use to use is added where they are used: kTotal.WithDefault(0), kTotal.WithTtl(...). Names are
// literals: they must outlive the job.
#ifndef WEIR_RUNTIME_STATE_STATE_DESCRIPTOR_H_
#define WEIR_RUNTIME_STATE_STATE_DESCRIPTOR_H_

#include <optional>
#include <utility>

#include "absl/strings/string_view.h"
#include "runtime/state/ttl.h"

namespace weir {

// A descriptor with a time to live.
template <typename Descriptor>
struct WithTimeToLive {
  Descriptor descriptor;
  StateTtl ttl;
};

template <typename T>
struct DefaultedValueStateDescriptor;

template <typename T>
struct ValueStateDescriptor {
  using ValueType = T;
  absl::string_view name;
  constexpr explicit ValueStateDescriptor(absl::string_view n) : name(n) {}

  // What Value() gives where nothing is stored. Reading never stores it.
  DefaultedValueStateDescriptor<T> WithDefault(T value) const;
  WithTimeToLive<ValueStateDescriptor> WithTtl(const StateTtl& ttl) const { return {*this, ttl}; }
};

template <typename T>
struct DefaultedValueStateDescriptor {
  ValueStateDescriptor<T> descriptor;
  T default_value;
  // The default is ignored then.
  WithTimeToLive<ValueStateDescriptor<T>> WithTtl(const StateTtl& ttl) const { return {descriptor, ttl}; }
};

template <typename T>
DefaultedValueStateDescriptor<T> ValueStateDescriptor<T>::WithDefault(T value) const {
  return {*this, std::move(value)};
}

// The name of any descriptor, with whatever was added.
template <typename Descriptor>
absl::string_view NameOf(const Descriptor& descriptor) {
  return descriptor.name;
}
template <typename T>
absl::string_view NameOf(const DefaultedValueStateDescriptor<T>& defaulted) {
  return defaulted.descriptor.name;
}
template <typename Descriptor>
absl::string_view NameOf(const WithTimeToLive<Descriptor>& with) {
  return with.descriptor.name;
}

// In keyed state and in operator state.
template <typename T>
struct ListStateDescriptor {
  using ElementType = T;
  absl::string_view name;
  constexpr explicit ListStateDescriptor(absl::string_view n) : name(n) {}
  WithTimeToLive<ListStateDescriptor> WithTtl(const StateTtl& ttl) const { return {*this, ttl}; }
};

// In keyed state and as broadcast state.
template <typename K, typename V>
struct MapStateDescriptor {
  using KeyType = K;
  using ValueType = V;
  absl::string_view name;
  constexpr explicit MapStateDescriptor(absl::string_view n) : name(n) {}
  WithTimeToLive<MapStateDescriptor> WithTtl(const StateTtl& ttl) const { return {*this, ttl}; }
};

// `reduce(older, newer)`.
template <typename T>
struct ReducingStateDescriptor {
  using ValueType = T;
  absl::string_view name;
  T (*reduce)(const T& older, const T& newer);
  constexpr ReducingStateDescriptor(absl::string_view n, T (*r)(const T&, const T&)) : name(n), reduce(r) {}
  WithTimeToLive<ReducingStateDescriptor> WithTtl(const StateTtl& ttl) const { return {*this, ttl}; }
};

// `Aggregate` has types InputType, AccumulatorType and OutputType, and static functions
//   AccumulatorType CreateAccumulator();  void Add(const InputType&, AccumulatorType&);
//   OutputType GetResult(const AccumulatorType&);
//   void Merge(const AccumulatorType& other, AccumulatorType& into);   only if namespaces are merged
template <typename Aggregate>
struct AggregatingStateDescriptor {
  using AggregateType = Aggregate;
  absl::string_view name;
  constexpr explicit AggregatingStateDescriptor(absl::string_view n) : name(n) {}
  WithTimeToLive<AggregatingStateDescriptor> WithTtl(const StateTtl& ttl) const { return {*this, ttl}; }
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_STATE_DESCRIPTOR_H_
