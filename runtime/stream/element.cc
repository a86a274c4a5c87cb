#include "runtime/stream/element.h"

#include "runtime/base/codec.h"

namespace weir {

std::string EncodeCheckpointMessage(DataMessage kind, CheckpointId checkpoint) {
  ByteWriter out;
  out.U8(static_cast<uint8_t>(kind));
  out.U64(checkpoint.value);
  return out.Take();
}

std::string EncodeCredit(uint32_t buffers) {
  ByteWriter out;
  out.U8(static_cast<uint8_t>(DataMessage::kCredit));
  out.U32(buffers);
  return out.Take();
}

std::string EncodeAccepted() { return std::string(1, static_cast<char>(DataMessage::kAccepted)); }

}  // namespace weir
