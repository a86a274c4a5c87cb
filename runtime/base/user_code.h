// Licensed under the Apache License, Version 2.0.
//
// Where code of the user's is called: what it throws becomes a status there, and never ends the process.
#ifndef WEIR_RUNTIME_BASE_USER_CODE_H_
#define WEIR_RUNTIME_BASE_USER_CODE_H_

#include <type_traits>
#include <utility>

#include "absl/status/status.h"

namespace weir {

// Only in a handler: kFailedPrecondition, with what the exception says of itself. RunAborted (check.h) goes on instead.
absl::Status StatusOfException();

// Calls `code`, which returns absl::Status or absl::StatusOr: that, or the status of what it threw.
template <typename Code>
std::invoke_result_t<Code&> CallUserCode(Code&& code) {
  try {
    return code();
  } catch (...) {
    return StatusOfException();
  }
}

}  // namespace weir

#endif  // WEIR_RUNTIME_BASE_USER_CODE_H_
