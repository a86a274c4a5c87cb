// A stream of operator state, and an element at each offset of a list state.
#include "runtime/format/operator_state.h"

#include "runtime/types/snapshot_codec.h"
#include "tests/fuzz/fuzz_types.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto state =
      weir::OperatorStateReader::Open(absl::string_view(reinterpret_cast<const char*>(data), size));
  if (!state.ok()) return 0;
  for (const weir::StateMeta& meta : state->lists()) {
    if (meta.serializer("VALUE_SERIALIZER") == nullptr) continue;
    const weir::SnapshotCodec codec(*meta.serializer("VALUE_SERIALIZER"));
    for (size_t offset = 0; offset <= size; offset += 1 + size / 16) {
      auto element = state->At(static_cast<int64_t>(offset));
      if (element.ok()) (void)codec.Skip(*element);
    }
  }
  return 0;
}
