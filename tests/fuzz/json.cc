// Any text as JSON of a struct: what is understood is printed and read again as the same.
#include "runtime/types/json.h"

#include "runtime/base/check.h"
#include "tests/fuzz/fuzz_types.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view line(reinterpret_cast<const char*>(data), size);
  const auto value = weir::ReadJson<weir::fuzz::Whole>(line);
  if (!value.ok()) return 0;
  const std::string text = weir::ToJson(*value);
  const auto again = weir::ReadJson<weir::fuzz::Whole>(text);
  WEIR_CHECK(again.ok() && weir::ToJson(*again) == text, text);
  return 0;
}
