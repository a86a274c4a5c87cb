// Licensed under the Apache License, Version 2.0.
//
// What user methods may return, made equal: void or absl::Status; a value or absl::StatusOr of it.
#ifndef WEIR_RUNTIME_OPERATORS_USER_CALL_H_
#define WEIR_RUNTIME_OPERATORS_USER_CALL_H_

#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace weir::operators_internal {

template <typename T>
struct Unwrapped {
  using Type = T;
};
template <typename T>
struct Unwrapped<absl::StatusOr<T>> {
  using Type = T;
};

// Calls something that returns void or absl::Status.
template <typename F>
absl::Status ToStatus(F&& call) {
  if constexpr (std::is_void_v<decltype(call())>) {
    call();
    return absl::OkStatus();
  } else {
    static_assert(std::is_same_v<decltype(call()), absl::Status>, "methods return void or absl::Status");
    return call();
  }
}

}  // namespace weir::operators_internal

#endif  // WEIR_RUNTIME_OPERATORS_USER_CALL_H_
