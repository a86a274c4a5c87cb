// Licensed under the Apache License, Version 2.0.
//
// WEIR_CHECK: what must be true whatever the world does. A failed check is a bug of ours, never of the simulated
// world, and is on in every build type. It calls one hook: the host's default prints and aborts; the simulation's
// throws RunAborted, which ends the *run* (never just a node), so that a shrinker can go on in the same process.
#ifndef WEIR_RUNTIME_BASE_CHECK_H_
#define WEIR_RUNTIME_BASE_CHECK_H_

#include <string>

#include "absl/strings/str_cat.h"

namespace weir {

// Ends a simulated run: thrown by the simulation's check hook, re-thrown before any other handler where code of the user's
// is called (user_code.h), caught by the world and, around it, by whoever runs a plan. It never crosses frames of a foreign
// library.
class RunAborted {
 public:
  explicit RunAborted(std::string message) : message_(std::move(message)) {}
  const std::string& message() const { return message_; }

 private:
  std::string message_;
};

using CheckHook = void (*)(const std::string& message);  // must not return

// Installs `hook` and returns the one before it. Not thread-safe: call it between runs.
CheckHook SetCheckHook(CheckHook hook);

[[noreturn]] void CheckFailed(const char* file, int line, const char* condition, const std::string& detail);

}  // namespace weir

// WEIR_CHECK(condition, detail...): the details are strung together with absl::StrCat, only on failure.
#define WEIR_CHECK(condition, ...)                                                                        \
  do {                                                                                                    \
    if (__builtin_expect(!(condition), 0))                                                                \
      ::weir::CheckFailed(__FILE__, __LINE__, #condition, ::absl::StrCat("" __VA_OPT__(, ) __VA_ARGS__)); \
  } while (false)

#endif  // WEIR_RUNTIME_BASE_CHECK_H_
