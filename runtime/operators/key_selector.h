// Licensed under the Apache License, Version 2.0.
//
// KeySelector: the key of a record, by a pointer to a member or by a function.
#ifndef WEIR_RUNTIME_OPERATORS_KEY_SELECTOR_H_
#define WEIR_RUNTIME_OPERATORS_KEY_SELECTOR_H_

#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>

#include "runtime/types/key_hash.h"
#include "runtime/types/type_of.h"

namespace weir {

namespace operators_internal {

template <typename T, typename K>
struct MemberPointer {
  using Type = std::nullptr_t;  // numbers have no members
};
template <typename T, typename K>
requires std::is_class_v<T>
struct MemberPointer<T, K> {
  using Type = K T::*;
};

}  // namespace operators_internal

template <typename T, typename K>
class KeySelector {
  static_assert(
      TypeOf<K>::kMayBeKey,
      "this type cannot be a key: keys are signed numbers, bool, std::string, dates and times, pairs and "
      "tuples of such, and structs with WEIR_FIELDS and WEIR_KEY; never null, so no std::optional: filter "
      "records without a key out first, or give them a key of their own");

 public:
  using Member = typename operators_internal::MemberPointer<T, K>::Type;

  explicit KeySelector(Member member) : member_(member) {}
  explicit KeySelector(std::function<K(const T&)> function) : function_(std::move(function)) {}

  // Calls use(const K&).
  template <typename F>
  auto With(const T& value, F&& use) const {
    if constexpr (std::is_class_v<T>) {
      if (member_ != nullptr) return use(value.*member_);
    }
    const K key = function_(value);
    return use(key);
  }
  int32_t Hash(const T& value) const {
    return With(value, [](const K& key) { return TypeOf<K>::Hash(key); });
  }

 private:
  Member member_ = nullptr;
  std::function<K(const T&)> function_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_KEY_SELECTOR_H_
