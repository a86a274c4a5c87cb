// A snapshot and behind it a value of it: what is understood is written byte for byte.
#include "runtime/types/dynamic_value.h"

#include "runtime/base/check.h"
#include "runtime/types/snapshot_codec.h"
#include "tests/fuzz/fuzz_types.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  weir::ByteReader reader(absl::string_view(reinterpret_cast<const char*>(data), size));
  const auto snapshot = weir::ReadSerializerSnapshot(reader);
  if (!snapshot.ok()) return 0;
  const weir::SnapshotCodec codec(*snapshot);
  const absl::string_view bytes = reader.Rest();
  weir::ByteReader value_reader(bytes);
  const auto value = codec.Read(value_reader);
  weir::ByteReader skipper(bytes);
  WEIR_CHECK(codec.Skip(skipper).ok() == value.ok());
  if (!value.ok()) return 0;
  WEIR_CHECK(skipper.offset() == value_reader.offset());
  (void)weir::ToJson(*value);
  weir::ByteWriter writer;
  const absl::Status written = codec.Write(*value, writer);
  WEIR_CHECK(written.ok(), written.message());
  WEIR_CHECK(writer.bytes() == bytes.substr(0, value_reader.offset()));
  return 0;
}
