#include "runtime/format/composite_key.h"

#include "absl/strings/str_cat.h"
#include "runtime/types/key_hash.h"

namespace weir {
namespace {

void AppendLength(ByteWriter& writer, size_t length) {
  do {
    writer.U8(static_cast<uint8_t>(length));
    length >>= 8;
  } while (length != 0);
}

// Reads what AppendLength wrote; it must be `expected`.
void SkipLength(ByteReader& reader, size_t expected) {
  do {
    if (reader.U8() != (expected & 0xFF))
      return reader.Invalidate("a length that is not that of what precedes it");
    expected >>= 8;
  } while (expected != 0);
}

absl::string_view ReadPart(ByteReader& reader, absl::string_view bytes, const TypeSerializer& type,
                           bool has_length) {
  const size_t begin = reader.offset();
  ErasedValue value(type);
  type.Deserialize(reader, value.get());
  const size_t length = reader.offset() - begin;
  if (has_length && reader.ok()) SkipLength(reader, length);
  return bytes.substr(begin, length);
}

}  // namespace

CompositeKeyLayout CompositeKeyLayout::For(uint32_t max_parallelism, int key_fixed_length,
                                           int namespace_fixed_length) {
  return {max_parallelism <= kMaxParallelismLowerDefault ? 1 : 2,
          key_fixed_length < 0 && namespace_fixed_length < 0};
}

void AppendKeyGroup(ByteWriter& writer, uint32_t max_parallelism, KeyGroup key_group) {
  if (max_parallelism <= kMaxParallelismLowerDefault) {
    writer.U8(static_cast<uint8_t>(key_group.value));
  } else {
    writer.U16(key_group.value);
  }
}

KeyGroup ReadKeyGroup(ByteReader& reader, uint32_t max_parallelism) {
  return KeyGroup(max_parallelism <= kMaxParallelismLowerDefault ? reader.U8() : reader.U16());
}

void AppendCompositeKey(ByteWriter& writer, const CompositeKeyLayout& layout, KeyGroup key_group,
                        absl::string_view key, absl::string_view name_space) {
  if (layout.prefix_bytes == 1) {
    writer.U8(static_cast<uint8_t>(key_group.value));
  } else {
    writer.U16(key_group.value);
  }
  writer.Raw(key);
  if (layout.has_lengths) AppendLength(writer, key.size());
  writer.Raw(name_space);
  if (layout.has_lengths) AppendLength(writer, name_space.size());
}

absl::StatusOr<CompositeKey> ParseCompositeKey(absl::string_view bytes, const CompositeKeyLayout& layout,
                                               const TypeSerializer& key, const TypeSerializer* name_space) {
  ByteReader reader(bytes);
  CompositeKey parsed;
  parsed.key_group = KeyGroup(layout.prefix_bytes == 1 ? reader.U8() : reader.U16());
  parsed.key = ReadPart(reader, bytes, key, layout.has_lengths);
  if (name_space != nullptr) {
    parsed.name_space = ReadPart(reader, bytes, *name_space, layout.has_lengths);
  } else {
    parsed.name_space = reader.Raw(kVoidNamespaceBytes.size());
    if (reader.ok() && parsed.name_space != kVoidNamespaceBytes)
      reader.Invalidate("a namespace that is not void");
  }
  if (!reader.ok()) return reader.status();
  parsed.user_key = reader.Rest();
  return parsed;
}

}  // namespace weir
