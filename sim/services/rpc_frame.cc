#include "sim/services/rpc_frame.h"

namespace weir::sim {
namespace {

std::string Joined(absl::string_view head, absl::string_view rest) {
  std::string whole;
  whole.reserve(head.size() + rest.size());
  whole.append(head.data(), head.size());
  whole.append(rest.data(), rest.size());
  return whole;
}

}  // namespace

Message RpcRequest::Encode() && {
  ByteWriter head;
  head.U64(id);
  head.U8(method);
  head.Bytes(subject);
  return {Joined(head.bytes(), arguments), std::move(lane)};
}

std::optional<RpcRequest> RpcRequest::Decode(Message message, uint64_t* id_if_known) {
  ByteReader reader(message.body);
  RpcRequest request;
  request.id = reader.U64();
  *id_if_known = request.id;
  request.method = reader.U8();
  request.subject = std::string(reader.Bytes());
  if (!reader.ok()) return std::nullopt;
  request.arguments = std::move(message.body);
  request.arguments.erase(0, reader.offset());
  request.lane = std::move(message.lane);
  return request;
}

Message RpcAnswer::Encode(uint64_t id) && {
  ByteWriter head;
  head.U64(id);
  head.U8(static_cast<uint8_t>(status.code()));
  if (status.ok()) return {Joined(head.bytes(), results), std::move(lane)};
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
    answer.results = std::move(message.body);
    answer.results.erase(0, reader.offset());
    answer.lane = std::move(message.lane);
  }
  return answer;
}

}  // namespace weir::sim
