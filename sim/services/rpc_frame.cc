#include "sim/services/rpc_frame.h"

namespace weir::sim {

Message RpcRequest::Encode() && {
  ByteWriter writer;
  writer.Reserve(sizeof id + 1 + sizeof(uint32_t) + subject.size() + arguments.size());
  writer.U64(id);
  writer.U8(method);
  writer.Bytes(subject);
  writer.Raw(arguments);
  return {writer.Take(), std::move(lane)};
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
  ByteWriter writer;
  writer.Reserve(sizeof id + 1 + results.size());
  writer.U64(id);
  writer.U8(static_cast<uint8_t>(status.code()));
  if (!status.ok()) writer.Bytes(status.message());
  if (status.ok()) writer.Raw(results);
  return {writer.Take(), status.ok() ? std::move(lane) : std::string()};
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
