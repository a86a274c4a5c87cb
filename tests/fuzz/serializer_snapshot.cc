// Any bytes as a serializer snapshot: what is understood is written and read again as the same.
#include "runtime/types/serializer_snapshot.h"

#include "runtime/base/check.h"
#include "runtime/types/schema_compatibility.h"
#include "tests/fuzz/fuzz_types.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  weir::ByteReader reader(absl::string_view(reinterpret_cast<const char*>(data), size));
  const auto snapshot = weir::ReadSerializerSnapshot(reader);
  if (!snapshot.ok()) return 0;
  (void)weir::DescribeSnapshot(*snapshot);
  (void)weir::FixedLengthOf(*snapshot);
  WEIR_CHECK(weir::Resolve(*snapshot, *snapshot).verdict == weir::SchemaVerdict::kCompatibleAsIs);
  (void)weir::Resolve(*snapshot, weir::TypeOf<weir::fuzz::Whole>::Serializer().Snapshot());
  weir::ByteWriter writer;
  WEIR_CHECK(weir::WriteSerializerSnapshot(*snapshot, writer).ok());
  weir::ByteReader again(writer.bytes());
  const auto same = weir::ReadSerializerSnapshot(again);
  WEIR_CHECK(same.ok() && *same == *snapshot);
  return 0;
}
