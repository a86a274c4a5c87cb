#include "runtime/stream/output_channel.h"

#include <algorithm>
#include <utility>

#include "runtime/base/check.h"

namespace weir {
namespace {

void AppendIdentity(std::string& lane, const Hash128& identity) {
  const uint64_t halves[2] = {__builtin_bswap64(identity.high), __builtin_bswap64(identity.low)};
  lane.append(reinterpret_cast<const char*>(halves), sizeof halves);
}

void StoreU64(char* out, uint64_t value) {
  value = __builtin_bswap64(value);
  std::memcpy(out, &value, sizeof value);
}

}  // namespace

bool OutputChannel::WriteRecord(const TypeSerializer& serializer, const void* value, const RecordMeta& meta) {
  if (buffer_.size() == 0) BeginBuffer();
  const size_t start = buffer_.size();
  char header[kElementHeaderBytes + 8] = {};
  size_t header_bytes = kElementHeaderBytes;
  if (meta.timestamp == EventTime::Min()) {
    header[4] = static_cast<char>(ElementTag::kRecord);
  } else {
    header[4] = static_cast<char>(ElementTag::kTimestampedRecord);
    StoreU64(header + kElementHeaderBytes, static_cast<uint64_t>(meta.timestamp.millis));
    header_bytes += 8;
  }
  buffer_.Raw(absl::string_view(header, header_bytes));
  if (!serializer.Serialize(value, buffer_)) {
    buffer_.Truncate(start == 1 ? 0 : start);
    return false;
  }
  EndElement(start, line_->with_lane ? &meta.identity : nullptr);
  return true;
}

void OutputChannel::WriteElement(absl::string_view element, const Hash128* identity) {
  if (buffer_.size() == 0) BeginBuffer();
  const size_t start = buffer_.size();
  buffer_.Raw(element);
  EndElement(start, line_->with_lane ? identity : nullptr);
}

void OutputChannel::BeginBuffer() { buffer_.U8(static_cast<uint8_t>(DataMessage::kBuffer)); }

void OutputChannel::EndElement(size_t start, const Hash128* identity) {
  buffer_.PatchU32(start, static_cast<uint32_t>(buffer_.size() - start - 4));
  const size_t lane_before = lane_.size();
  if (identity != nullptr) AppendIdentity(lane_, *identity);
  if (buffer_.size() > line_->buffer_bytes && start > 1) FinishBuffer(start, lane_before);
  if (buffer_.size() >= line_->buffer_bytes) {
    FinishBuffer(buffer_.size(), lane_.size());
  } else {
    line_->has_partial = true;
  }
}

// Finishes the first `bytes` of the buffer and keeps the rest as the beginning of the next one.
void OutputChannel::FinishBuffer(size_t bytes, size_t lane_bytes) {
  Message message;
  message.body = std::string(buffer_.bytes().substr(0, bytes));
  message.lane = lane_.substr(0, lane_bytes);
  const std::string rest(buffer_.bytes().substr(bytes));
  buffer_.Clear();
  lane_.erase(0, lane_bytes);
  if (!rest.empty()) {
    BeginBuffer();
    buffer_.Raw(rest);
  }
  flush_on_credit_ = false;
  Put(std::move(message), true);
}

void OutputChannel::WriteEvent(std::string message) {
  if (has_partial()) FinishBuffer(buffer_.size(), lane_.size());
  Put(Message{std::move(message), {}}, false);
}

void OutputChannel::Flush() {
  if (!has_partial()) return;
  if (is_blocked() || !MaySend(true)) {
    flush_on_credit_ = true;
    return;
  }
  FinishBuffer(buffer_.size(), lane_.size());
}

void OutputChannel::Put(Message message, bool needs_credit) {
  if (backlog_.empty() && MaySend(needs_credit)) return Send(std::move(message), needs_credit);
  if (backlog_.empty()) ++line_->blocked;
  backlog_.push_back({std::move(message), needs_credit});
}

void OutputChannel::Send(Message message, bool needs_credit) {
  if (needs_credit) {
    WEIR_CHECK(credits_ > 0);
    --credits_;
  }
  line_->tracer->Note(events::BufferSent(line_->subtask.vertex.value, line_->subtask.index,
                                         line_->attempt.value, number_, message.body.size()));
  line_->transport->Send(connection_, std::move(message));
}

void OutputChannel::Drain() {
  const bool was_blocked = is_blocked();
  while (!backlog_.empty() && MaySend(backlog_.front().needs_credit)) {
    Finished finished = std::move(backlog_.front());
    backlog_.pop_front();
    Send(std::move(finished.message), finished.needs_credit);
  }
  if (was_blocked && backlog_.empty()) --line_->blocked;
  if (flush_on_credit_ && backlog_.empty() && MaySend(true)) Flush();
}

void OutputChannel::Attach(ConnectionId connection) {
  WEIR_CHECK(!was_attached_, "a channel has one consumer");
  connection_ = connection;
  was_attached_ = true;
  line_->transport->Send(connection_, Message{EncodeAccepted(), {}});
  Drain();
}

void OutputChannel::AddCredits(uint32_t credits) {
  credits_ += credits;
  Drain();
}

}  // namespace weir
