// Licensed under the Apache License, Version 2.0.
//
// The key bytes of keyed state, the same in RocksDB and in canonical snapshots: key group (1 byte
// up to max parallelism 128, else 2), key, namespace, and for map states the user key. If key and
// namespace are both of variable length, each is followed by its length: little-endian, as many
// bytes as it needs.
#ifndef WEIR_RUNTIME_FORMAT_COMPOSITE_KEY_H_
#define WEIR_RUNTIME_FORMAT_COMPOSITE_KEY_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/base/codec.h"
#include "runtime/base/ids.h"
#include "runtime/types/type_serializer.h"

namespace weir {

// VoidNamespace: one byte, though Flink declares its length as 0.
inline constexpr absl::string_view kVoidNamespaceBytes("\0", 1);

struct CompositeKeyLayout {
  int prefix_bytes = 1;
  bool has_lengths = false;
  // `fixed` lengths as TypeSerializer::fixed_length() has them; 0 for the void namespace.
  static CompositeKeyLayout For(uint32_t max_parallelism, int key_fixed_length,
                                int namespace_fixed_length = 0);
};

// The prefix alone: the key group in one byte or two.
void AppendKeyGroup(ByteWriter& writer, uint32_t max_parallelism, KeyGroup key_group);
KeyGroup ReadKeyGroup(ByteReader& reader, uint32_t max_parallelism);

// Appends prefix, key and namespace; a map state's user key is simply appended after it.
void AppendCompositeKey(ByteWriter& writer, const CompositeKeyLayout& layout, KeyGroup key_group,
                        absl::string_view key, absl::string_view name_space = kVoidNamespaceBytes);

struct CompositeKey {
  KeyGroup key_group;
  absl::string_view key;
  absl::string_view name_space;
  absl::string_view user_key;  // whatever follows
};
// Takes key bytes apart; the views point into `bytes`. `name_space` null: the void namespace.
// kDataLoss if they do not parse.
absl::StatusOr<CompositeKey> ParseCompositeKey(absl::string_view bytes, const CompositeKeyLayout& layout,
                                               const TypeSerializer& key,
                                               const TypeSerializer* name_space = nullptr);

}  // namespace weir

#endif  // WEIR_RUNTIME_FORMAT_COMPOSITE_KEY_H_
