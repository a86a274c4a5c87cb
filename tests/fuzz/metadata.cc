// Any bytes as _metadata: what is understood is written and read again.
#include "runtime/format/metadata.h"

#include "runtime/base/check.h"
#include "tests/fuzz/fuzz_types.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto metadata = weir::ReadMetadata(absl::string_view(reinterpret_cast<const char*>(data), size));
  if (!metadata.ok()) return 0;
  const auto bytes = weir::WriteMetadataVersion(metadata->metadata, metadata->version);
  if (bytes.ok()) WEIR_CHECK(weir::ReadMetadata(*bytes).ok());
  return 0;
}
