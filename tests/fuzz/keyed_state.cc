// A stream of keyed state. In front of it the two offsets of its handle, 16 bits each.
#include "runtime/format/keyed_state.h"

#include "tests/fuzz/fuzz_types.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  weir::ByteReader reader(absl::string_view(reinterpret_cast<const char*>(data), size));
  const std::vector<int64_t> offsets = {reader.U16(), reader.U16()};
  if (!reader.ok()) return 0;
  const auto state = weir::KeyedStateReader::Open(reader.Rest(), {0, 1}, offsets, 2);
  if (!state.ok()) return 0;
  size_t bytes = 0;
  (void)state->VisitAll([&](const weir::KeyedStateEntry& entry) {
    bytes += entry.key.size() + entry.value.size();
    return absl::OkStatus();
  });
  return 0;
}
