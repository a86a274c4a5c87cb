// Licensed under the Apache License, Version 2.0.
//
// Connections between processes: ordered, reliable while they last, and cut off without warning. What was sent on a
// connection arrives in order or, from some message on, not at all; the sender may learn of the loss late or never
// (a cut link looks like silence), so whoever cares uses heartbeats and acknowledgements of its own.
#ifndef WEIR_RUNTIME_ENV_TRANSPORT_H_
#define WEIR_RUNTIME_ENV_TRANSPORT_H_

#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "runtime/base/ids.h"

namespace weir {

// `lane` rides beside the body and costs no bandwidth: record identities for the oracle. The engine never reads it to
// decide anything. `unbilled`: so many bytes of the body cost none either (the ledger's part of state).
struct Message {
  std::string body;
  std::string lane;
  uint64_t unbilled = 0;
};

// The owner of one end of a connection. It must outlive the connection (Close it in the owner's orderly end; at a crash
// nothing is called). Handlers run as events of the actor that connected or listens.
class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;
  virtual void OnMessage(ConnectionId connection, Message message) = 0;
  // The connection is gone (refused, reset, closed by the peer); no call follows. Not called after one's own Close.
  virtual void OnClosed(ConnectionId connection, const absl::Status& reason) = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;

  // Decides who handles a new connection from `peer`; nullptr refuses it.
  using Acceptor = absl::AnyInvocable<ConnectionHandler*(ConnectionId connection, NodeId peer)>;

  // Accepts connections on `port`, as events of `actor`. REQUIRES: the port is free in this process.
  virtual void Listen(ActorId actor, PortId port, Acceptor acceptor) = 0;

  // Opens a connection. Messages may be sent at once; they wait until it is established. If the peer is not there,
  // OnClosed comes after a round trip, or after the connect timeout when the link is cut.
  virtual ConnectionId Connect(ActorId actor, NodeId node, PortId port, ConnectionHandler* handler) = 0;

  // An effect: leaves at the handler's instant plus charge. Unknown or closed connections drop it silently.
  virtual void Send(ConnectionId connection, Message message) = 0;

  // The peer's OnClosed follows what was sent before. Unknown connections: no effect.
  virtual void Close(ConnectionId connection) = 0;

  // Where this process runs.
  virtual NodeId node() const = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_ENV_TRANSPORT_H_
