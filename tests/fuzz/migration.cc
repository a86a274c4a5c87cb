// A snapshot of an older schema and behind it a value: it is migrated, or refused.
#include "runtime/types/migration.h"

#include "runtime/base/check.h"
#include "tests/fuzz/fuzz_types.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  weir::ByteReader reader(absl::string_view(reinterpret_cast<const char*>(data), size));
  auto snapshot = weir::ReadSerializerSnapshot(reader);
  if (!snapshot.ok()) return 0;
  const weir::TypeSerializer& type = weir::TypeOf<weir::fuzz::Whole>::Serializer();
  const auto migration = weir::Migration::Plan(*std::move(snapshot), type);
  if (!migration.ok()) return 0;
  weir::ByteReader in(reader.Rest());
  weir::ByteWriter out;
  if (!migration->Rewrite(in, out).ok()) return 0;
  weir::ByteReader again(out.bytes());
  weir::fuzz::Whole value;
  weir::TypeOf<weir::fuzz::Whole>::Read(again, value);
  WEIR_CHECK(again.AtEnd());
  return 0;
}
