#include "runtime/format/split_offsets.h"

#include "runtime/base/codec.h"

namespace weir {
namespace {
constexpr uint8_t kVersion = 1;
}

std::string EncodeSplitOffset(const SplitOffset& offset) {
  ByteWriter out;
  out.U8(kVersion);
  out.U32(offset.split);
  out.U64(offset.offset);
  return out.Take();
}

absl::StatusOr<SplitOffset> DecodeSplitOffset(absl::string_view bytes) {
  ByteReader in(bytes);
  if (in.U8() != kVersion) in.Invalidate("another version of", "split offset");
  SplitOffset result;
  result.split = in.U32();
  result.offset = in.U64();
  if (absl::Status status = in.Finish(); !status.ok()) return status;
  return result;
}

}  // namespace weir
