// Licensed under the Apache License, Version 2.0.
//
// One process's side of the conversation with one service: what every client stub is built on. It
// connects at the first call, and again at the first call after the connection was lost.
//
// A call fails with kUnavailable if the connection closes, if no answer came within the timeout, or
// if the service says so; in every case it may have been applied, or may yet be. A connection that
// stayed silent for a whole timeout is given up, together with every call on it: the peer may have
// died without a word.
#ifndef WEIR_SIM_SERVICES_RPC_CLIENT_H_
#define WEIR_SIM_SERVICES_RPC_CLIENT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "runtime/base/ids.h"
#include "runtime/base/time.h"
#include "runtime/env/clock.h"
#include "runtime/env/executor.h"
#include "runtime/env/transport.h"
#include "sim/services/rpc_frame.h"

namespace weir::sim {

// Where a service listens, and how long its clients wait.
struct ServiceAddress {
  std::string name;  // "object store", for people
  NodeId node;
  PortId port;
  Duration timeout = Duration::Seconds(1);
};

class RpcClient : private ConnectionHandler, private Actor {
 public:
  using Answered = absl::AnyInvocable<void(RpcAnswer)>;

  // References outlive the client, which lives as long as its process or until Shutdown.
  RpcClient(ServiceAddress address, Clock& clock, Executor& executor, Transport& transport);

  // Sends the request (its id is set here). `answered` runs once, as an event of `actor`; never
  // inside the call.
  void Call(ActorId actor, RpcRequest request, Answered answered);

  // Gives up the connection and all calls: only answers that are on their way to their actors already
  // still come. Whoever ends a client before its process calls this first.
  void Shutdown();

  std::string Describe() const override;
  void AppendWaits(std::vector<Wait>* waits) const override;

 private:
  struct Pending {
    uint64_t id = 0;
    ActorId actor;
    Instant sent;
    Answered answered;
  };

  void OnMessage(ConnectionId connection, Message message) override;
  void OnClosed(ConnectionId connection, const absl::Status& reason) override;
  void Answer(Pending pending, RpcAnswer answer);
  void FailAll(const absl::Status& status);
  void ArmTimer();
  void OnTimer();

  const ServiceAddress address_;
  Clock& clock_;
  Executor& executor_;
  Transport& transport_;

  std::optional<ActorId> self_;  // added at the first call
  std::optional<ConnectionId> connection_;
  std::vector<Pending> pending_;  // a few, oldest first
  uint64_t next_id_ = 1;
  Instant last_heard_;
  TimerId timer_;  // set while anything is pending
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVICES_RPC_CLIENT_H_
