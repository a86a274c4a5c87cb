// Licensed under the Apache License, Version 2.0.
//
// The one form of every message between a service and its clients:
//   request    u64 id, u8 method, subject (what it is about: an object, a key, a topic), arguments
//   response   u64 id, u8 status code, [message, unless the code is OK], results
// Ids are the client's, and mean nothing to the service but to be sent back. The lane is the
// message's own.
#ifndef WEIR_SIM_SERVICES_RPC_FRAME_H_
#define WEIR_SIM_SERVICES_RPC_FRAME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "runtime/base/codec.h"
#include "runtime/env/transport.h"

namespace weir::sim {

// What lies behind the head of a frame. The bytes in front of it may be those of the head, so that neither a message that
// arrives nor one that is sent is copied for its sake.
class Payload {
 public:
  Payload() = default;
  Payload(std::string bytes)
      : frame_(std::move(bytes)) {}  // NOLINT(google-explicit-constructor): as a string
  Payload(std::string frame, size_t head) : frame_(std::move(frame)), head_(head) {}

  operator absl::string_view() const { return view(); }  // NOLINT(google-explicit-constructor)
  absl::string_view view() const { return absl::string_view(frame_).substr(head_); }
  size_t size() const { return frame_.size() - head_; }
  // All but the first `skipped` bytes of it.
  std::string Take(size_t skipped = 0) &&;

 private:
  friend struct RpcRequest;
  friend struct RpcAnswer;
  // The whole, with `head` in front of it.
  std::string TakeBehind(absl::string_view head) &&;

  std::string frame_;
  size_t head_ = 0;
};

// A request under construction, or one that arrived.
struct RpcRequest {
  uint64_t id = 0;
  uint8_t method = 0;
  std::string subject;
  Payload arguments;
  std::string lane;

  // For arguments of some size: writes what Encode will put in front of them, and returns its size. Then
  // arguments = {writer.Take(), head}.
  size_t WriteHead(ByteWriter& writer) const;
  Message Encode() &&;
  // nullopt if the frame is damaged; `id_if_known` then holds what could be read of the id, else 0.
  static std::optional<RpcRequest> Decode(Message message, uint64_t* id_if_known);
};

// The answer to a request: results and lane only if the status is OK.
struct RpcAnswer {
  absl::Status status;
  Payload results;
  std::string lane;

  // As RpcRequest::WriteHead, of an answer that is OK.
  static size_t WriteHead(ByteWriter& writer);
  Message Encode(uint64_t id) &&;
  // nullopt if the frame is damaged.
  static std::optional<RpcAnswer> Decode(Message message, uint64_t* id);
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVICES_RPC_FRAME_H_
