#include "runtime/base/time.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace weir {

std::string FormatDuration(Duration duration) {
  const int64_t nanos = duration.nanos();
  const int64_t size = nanos < 0 ? -nanos : nanos;
  const char* sign = nanos < 0 ? "-" : "";
  if (size >= 1'000'000'000) {
    return absl::StrFormat("%s%d.%03d s", sign, size / 1'000'000'000, size / 1'000'000 % 1'000);
  }
  if (size >= 1'000'000) return absl::StrFormat("%s%d.%03d ms", sign, size / 1'000'000, size / 1'000 % 1'000);
  if (size >= 1'000) return absl::StrFormat("%s%d.%03d us", sign, size / 1'000, size % 1'000);
  return absl::StrCat(sign, size, " ns");
}

}  // namespace weir
