// Licensed under the Apache License, Version 2.0.
//
// Descriptors: the name and type of a state, as constants of the program:
//
//   inline constexpr weir::ValueStateDescriptor<int64_t> kTotal{"total"};
//
// What differs from use to use is added where they are used: kTotal.WithDefault(0).
#ifndef WEIR_RUNTIME_STATE_STATE_DESCRIPTOR_H_
#define WEIR_RUNTIME_STATE_STATE_DESCRIPTOR_H_

#include <optional>
#include <utility>

#include "absl/strings/string_view.h"

namespace weir {

template <typename T>
struct DefaultedValueStateDescriptor;

template <typename T>
struct ValueStateDescriptor {
  using ValueType = T;
  absl::string_view name;  // must outlive the job: a literal
  constexpr explicit ValueStateDescriptor(absl::string_view n) : name(n) {}

  // What Value() gives where nothing is stored. Reading never stores it.
  DefaultedValueStateDescriptor<T> WithDefault(T value) const;
};

template <typename T>
struct DefaultedValueStateDescriptor {
  ValueStateDescriptor<T> descriptor;
  T default_value;
};

// A list: of an operator (split or union), or of a key.
template <typename T>
struct ListStateDescriptor {
  using ElementType = T;
  absl::string_view name;  // must outlive the job: a literal
  constexpr explicit ListStateDescriptor(absl::string_view n) : name(n) {}
};

// A map: broadcast state, or of a key.
template <typename K, typename V>
struct MapStateDescriptor {
  using KeyType = K;
  using ValueType = V;
  absl::string_view name;  // must outlive the job: a literal
  constexpr explicit MapStateDescriptor(absl::string_view n) : name(n) {}
};

template <typename T>
DefaultedValueStateDescriptor<T> ValueStateDescriptor<T>::WithDefault(T value) const {
  return {*this, std::move(value)};
}

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_STATE_DESCRIPTOR_H_
