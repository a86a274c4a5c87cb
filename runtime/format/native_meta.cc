#include "runtime/format/native_meta.h"

#include "runtime/base/status.h"
#include "runtime/format/handle_codec.h"

namespace weir {
namespace {

constexpr uint32_t kMagic = 0x57454952;  // "WEIR"
constexpr size_t kSmallestFile = 4 + 8 + 8;
constexpr size_t kSmallestWitness = 2 + 4;

}  // namespace

absl::StatusOr<NativeMetaBytes> WriteNativeMeta(const NativeMeta& meta) {
  ByteWriter writer;
  WEIR_RETURN_IF_ERROR(WriteKeyedStateHeader(meta.header, writer));
  writer.U32(kMagic);
  writer.U32(static_cast<uint32_t>(meta.files.size()));
  for (const NativeMeta::File& file : meta.files) {
    writer.Bytes(file.name);
    writer.U64(file.size);
    writer.U64(file.hash);
  }
  const size_t billed = writer.size();
  if (!meta.witness.empty()) writer.U32(static_cast<uint32_t>(meta.witness.size()));
  for (const auto& [group, entries] : meta.witness) {
    writer.U16(group.value);
    writer.Bytes(entries);
  }
  NativeMetaBytes result;
  result.unbilled = writer.size() - billed;
  result.bytes = writer.Take();
  return result;
}

absl::StatusOr<NativeMeta> ReadNativeMeta(absl::string_view bytes) {
  ByteReader reader(bytes);
  NativeMeta meta;
  WEIR_ASSIGN_OR_RETURN(meta.header, ReadKeyedStateHeader(reader));
  if (reader.AtEnd()) return meta;
  if (reader.U32() != kMagic) return format_internal::Damaged(reader, "bytes behind the header");
  size_t count = 0;
  WEIR_RETURN_IF_ERROR(format_internal::ReadCount(reader, kSmallestFile, "number of files", &count));
  for (size_t i = 0; i < count; ++i) {
    NativeMeta::File& file = meta.files.emplace_back();
    file.name = std::string(reader.Bytes());
    file.size = reader.U64();
    file.hash = reader.U64();
  }
  if (reader.AtEnd()) return meta;
  WEIR_RETURN_IF_ERROR(format_internal::ReadCount(reader, kSmallestWitness, "number of key groups", &count));
  for (size_t i = 0; i < count; ++i) {
    const KeyGroup group(reader.U16());
    meta.witness.emplace_back(group, std::string(reader.Bytes()));
  }
  WEIR_RETURN_IF_ERROR(reader.Finish());
  return meta;
}

}  // namespace weir
