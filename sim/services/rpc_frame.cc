#include "sim/services/rpc_frame.h"

#include <algorithm>

namespace weir::sim {

std::string Payload::Take(size_t skipped) && {
  frame_.erase(0, head_ + skipped);
  return std::move(frame_);
}

std::string Payload::TakeBehind(absl::string_view head) && {
  if (head_ == head.size()) {
    std::copy(head.begin(), head.end(), frame_.begin());
    return std::move(frame_);
  }
  std::string whole;
  whole.reserve(head.size() + size());
  whole.append(head.data(), head.size());
  whole.append(frame_, head_, std::string::npos);
  return whole;
}

size_t RpcRequest::WriteHead(ByteWriter& writer) const {
  const size_t before = writer.size();
  writer.U64(id);
  writer.U8(method);
  writer.Bytes(subject);
  return writer.size() - before;
}

Message RpcRequest::Encode() && {
  ByteWriter head;
  WriteHead(head);
  return {std::move(arguments).TakeBehind(head.bytes()), std::move(lane)};
}

std::optional<RpcRequest> RpcRequest::Decode(Message message, uint64_t* id_if_known) {
  ByteReader reader(message.body);
  RpcRequest request;
  request.id = reader.U64();
  *id_if_known = request.id;
  request.method = reader.U8();
  request.subject = std::string(reader.Bytes());
  if (!reader.ok()) return std::nullopt;
  const size_t head = reader.offset();
  request.arguments = Payload(std::move(message.body), head);
  request.lane = std::move(message.lane);
  return request;
}

size_t RpcAnswer::WriteHead(ByteWriter& writer) {
  const size_t before = writer.size();
  writer.U64(0);
  writer.U8(0);
  return writer.size() - before;
}

Message RpcAnswer::Encode(uint64_t id) && {
  ByteWriter head;
  head.U64(id);
  head.U8(static_cast<uint8_t>(status.code()));
  if (status.ok()) return {std::move(results).TakeBehind(head.bytes()), std::move(lane)};
  head.Bytes(status.message());
  return {head.Take(), std::string()};
}

std::optional<RpcAnswer> RpcAnswer::Decode(Message message, uint64_t* id) {
  ByteReader reader(message.body);
  RpcAnswer answer;
  *id = reader.U64();
  const uint8_t code = reader.U8();
  if (code != 0) {
    answer.status = absl::Status(static_cast<absl::StatusCode>(code), reader.Bytes());
  }
  if (!reader.ok()) return std::nullopt;
  if (code == 0) {
    const size_t head = reader.offset();
    answer.results = Payload(std::move(message.body), head);
    answer.lane = std::move(message.lane);
  }
  return answer;
}

}  // namespace weir::sim
