#include "runtime/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace weir {
namespace {

void PrintAndAbort(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::abort();
}

// The one global of the project: a check can fail anywhere, and nobody there holds what should be told.
CheckHook hook = &PrintAndAbort;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

}  // namespace

CheckHook SetCheckHook(CheckHook next) {
  CheckHook previous = hook;
  hook = next;
  return previous;
}

void CheckFailed(const char* file, int line, const char* condition, const std::string& detail) {
  hook(absl::StrCat(file, ":", line, ": check failed: ", condition, detail.empty() ? "" : ": ", detail));
  std::abort();
}

}  // namespace weir
