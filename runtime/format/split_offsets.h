// Licensed under the Apache License, Version 2.0.
//
// Where a source stands, as it lies in a snapshot: one element a split in the source operator's list state
// kSplitOffsetsState, each written as Flink's byte[] (TypeOf<Bytes>: u32 length, bytes). Engine and oracle read the same
// bytes and share no more than this. A split without an element has not been begun: offset 0.
#ifndef WEIR_RUNTIME_FORMAT_SPLIT_OFFSETS_H_
#define WEIR_RUNTIME_FORMAT_SPLIT_OFFSETS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace weir {

inline constexpr absl::string_view kSplitOffsetsState = "source-splits";

struct SplitOffset {
  uint32_t split = 0;
  uint64_t offset = 0;  // of the next record to read
};

// u8 version 1, u32 split, u64 offset.
std::string EncodeSplitOffset(const SplitOffset& offset);
// kDataLoss if the bytes are no such thing.
absl::StatusOr<SplitOffset> DecodeSplitOffset(absl::string_view bytes);

}  // namespace weir

#endif  // WEIR_RUNTIME_FORMAT_SPLIT_OFFSETS_H_
