// Licensed under the Apache License, Version 2.0.
//
// A serializer snapshot prepared for reading and writing values: classes looked up once, and not
// again for every element. Internal to snapshot_codec.cc and its halves.
#ifndef WEIR_RUNTIME_TYPES_CODEC_NODE_H_
#define WEIR_RUNTIME_TYPES_CODEC_NODE_H_

#include <vector>

#include "runtime/types/dynamic_value.h"
#include "runtime/types/snapshot_classes.h"

namespace weir::types_internal {

struct CodecNode {
  ValueLayout layout = ValueLayout::kOpaque;
  int size = 0;  // of a number, or of each element of a primitive array
  const SerializerSnapshot* snapshot = nullptr;
  std::vector<CodecNode> children;    // nested serializers; of a Pojo its fields
  std::vector<CodecNode> subclasses;  // of a Pojo: the registered ones, then the others
};

CodecNode MakeCodecNode(const SerializerSnapshot& snapshot);

// Layouts that are integers in a row.
struct IntegerPart {
  absl::string_view name;
  int size;
};
absl::Span<const IntegerPart> IntegerParts(ValueLayout layout);

// One value, into *value unless that is null. False if it failed: `error` says so, or else `reader`.
bool ReadDynamic(const CodecNode& node, ByteReader& reader, DynamicValue* value, absl::Status* error);
absl::Status WriteDynamic(const CodecNode& node, const DynamicValue& value, ByteWriter& writer);

// kUnimplemented, with the class of the serializer.
absl::Status UnknownValues(const CodecNode& node);

// kTagged around a null that is there.
inline constexpr absl::string_view kPresent = "present";
// Stream elements by their tag byte.
inline constexpr absl::string_view kStreamElements[] = {"record", "record without timestamp", "watermark",
                                                        "latency marker", "status"};

// Two's complement, big-endian, not empty and no byte too long.
bool IsMinimal(absl::string_view big_integer);

}  // namespace weir::types_internal

#endif  // WEIR_RUNTIME_TYPES_CODEC_NODE_H_
