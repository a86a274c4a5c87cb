// Licensed under the Apache License, Version 2.0.
//
// SnapshotCodec: reads, skips and writes values of the serializer that a snapshot describes, without
// any C++ type: what tools show, and how a state is carried on that no code asks for. It covers the
// families whose bytes are public (docs/formats/writing.md); any other is kUnimplemented, naming the
// class, when a value of it is met.
//
// Whatever Read accepts, Write gives back byte for byte: spellings that Flink never writes (a
// boolean of 2, a number longer than needed) are kDataLoss. Nothing is allocated for counts that the
// remaining bytes cannot hold, and recursion goes no deeper than the snapshot.
#ifndef WEIR_RUNTIME_TYPES_SNAPSHOT_CODEC_H_
#define WEIR_RUNTIME_TYPES_SNAPSHOT_CODEC_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/base/codec.h"
#include "runtime/types/dynamic_value.h"
#include "runtime/types/serializer_snapshot.h"

namespace weir {

namespace types_internal {
struct CodecNode;
}

class SnapshotCodec {
 public:
  // REQUIRES: `snapshot` outlives the codec.
  explicit SnapshotCodec(const SerializerSnapshot& snapshot);
  SnapshotCodec(SnapshotCodec&&) noexcept;
  SnapshotCodec& operator=(SnapshotCodec&&) noexcept;
  ~SnapshotCodec();

  // One value. kDataLoss with offset, or kUnimplemented; `reader` is then of no further use.
  absl::StatusOr<DynamicValue> Read(ByteReader& reader) const;
  // The same without a value: afterwards `reader` stands behind it.
  absl::Status Skip(ByteReader& reader) const;
  // kInvalidArgument if `value` is none of this serializer's; `writer` then holds a part of it.
  absl::Status Write(const DynamicValue& value, ByteWriter& writer) const;

 private:
  std::unique_ptr<const types_internal::CodecNode> root_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_SNAPSHOT_CODEC_H_
