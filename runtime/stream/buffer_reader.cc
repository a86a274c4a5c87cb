#include "runtime/stream/buffer_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace weir {
namespace {

template <typename T>
T Load(const char* from) {
  T value{};
  std::memcpy(&value, from, sizeof value);
  return value;
}
uint32_t LoadU32(const char* from) { return __builtin_bswap32(Load<uint32_t>(from)); }
uint64_t LoadU64(const char* from) { return __builtin_bswap64(Load<uint64_t>(from)); }

}  // namespace

void BufferReader::Open(Message message) {
  message_ = std::move(message);
  offset_ = 1;
  lane_offset_ = 0;
}

bool BufferReader::Damaged(absl::string_view what) {
  status_ = absl::DataLossError(absl::StrCat("damaged buffer at byte ", offset_, ": ", what));
  offset_ = message_.body.size();
  return false;
}

bool BufferReader::Next(Element* element) {
  const char* at = message_.body.data() + offset_;
  const size_t left = message_.body.size() - offset_;
  if (left < kElementHeaderBytes) return Damaged("no room for an element");
  const uint32_t length = LoadU32(at);
  if (length < 1 || length > left - 4) return Damaged("an element beyond the end");
  const char* body = at + kElementHeaderBytes;
  size_t body_bytes = length - 1;
  element->tag = static_cast<ElementTag>(at[4]);
  switch (element->tag) {
    case ElementTag::kTimestampedRecord:
      if (body_bytes < 8) return Damaged("a record without its timestamp");
      element->meta.timestamp.millis = static_cast<int64_t>(LoadU64(body));
      body += 8;
      body_bytes -= 8;
      break;
    case ElementTag::kRecord:
      element->meta.timestamp = EventTime::Min();
      break;
    case ElementTag::kWatermark:
      if (body_bytes != 8) return Damaged("a watermark of another size");
      element->watermark.millis = static_cast<int64_t>(LoadU64(body));
      break;
    case ElementTag::kStatus:
      if (body_bytes != 4) return Damaged("a stream status of another size");
      element->is_idle = LoadU32(body) != 0;
      break;
    default:
      return Damaged("an unknown tag");
  }
  const bool is_record =
      element->tag == ElementTag::kRecord || element->tag == ElementTag::kTimestampedRecord;
  if (is_record) {
    element->value = absl::string_view(body, body_bytes);
    if (lane_offset_ + kIdentityBytes <= message_.lane.size()) {
      const char* lane = message_.lane.data() + lane_offset_;
      element->meta.identity = {LoadU64(lane), LoadU64(lane + 8)};
      lane_offset_ += kIdentityBytes;
    }
  }
  offset_ += 4 + length;
  return true;
}

}  // namespace weir
