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

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "runtime/base/codec.h"
#include "runtime/env/transport.h"

namespace weir::sim {

// A request under construction, or one that arrived.
struct RpcRequest {
  uint64_t id = 0;
  uint8_t method = 0;
  std::string subject;
  std::string arguments;
  std::string lane;

  Message Encode() &&;
  // nullopt if the frame is damaged; `id_if_known` then holds what could be read of the id, else 0.
  static std::optional<RpcRequest> Decode(Message message, uint64_t* id_if_known);
};

// The answer to a request: results and lane only if the status is OK.
struct RpcAnswer {
  absl::Status status;
  std::string results;
  std::string lane;

  Message Encode(uint64_t id) &&;
  // nullopt if the frame is damaged.
  static std::optional<RpcAnswer> Decode(Message message, uint64_t* id);
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVICES_RPC_FRAME_H_
