// Licensed under the Apache License, Version 2.0.
//
// Transport over TCP on the loopback interface. Node n listens for PortId p on port base + 100 * n
// + p. A connection begins with the caller's node (u32); then each message is u32 body size, u32
// lane size, body, lane. There is no connect timeout of its own: on loopback the kernel answers at
// once.
#ifndef WEIR_RUNTIME_HOST_TCP_TRANSPORT_H_
#define WEIR_RUNTIME_HOST_TCP_TRANSPORT_H_

#include <map>
#include <optional>
#include <string>

#include "runtime/env/transport.h"
#include "runtime/host/event_loop.h"

namespace weir::host {

class TcpTransport : public Transport {
 public:
  TcpTransport(EventLoop& loop, NodeId node, uint16_t base_port);
  ~TcpTransport() override;

  void Listen(ActorId actor, PortId port, Acceptor acceptor) override;
  ConnectionId Connect(ActorId actor, NodeId node, PortId port, ConnectionHandler* handler) override;
  void Send(ConnectionId connection, Message message) override;
  void Close(ConnectionId connection) override;
  NodeId node() const override { return node_; }

 private:
  struct Listener {
    ActorId actor;
    int fd = -1;
    Acceptor acceptor;
  };
  struct Connection {
    ActorId actor;
    ConnectionHandler* handler = nullptr;  // null until accepted, and once closed by its owner
    std::optional<PortId> accepts_on;      // set until the acceptor is asked
    int fd = -1;                           // -1: gone, OnClosed is on its way
    std::string in;
    std::string out;
    bool is_connecting = false;
    bool is_closing = false;    // by its owner: what was sent is still delivered, what comes is ignored
    bool is_shut_down = false;  // while closing: everything was delivered to the kernel
  };

  uint16_t PortOf(NodeId node, PortId port) const;
  void OnIncoming(PortId port);
  ConnectionId Add(int fd, Connection connection);
  void OnReady(ConnectionId id, bool readable, bool writable);
  bool Read(Connection& connection, absl::Status* broken);
  bool Flush(Connection& connection, absl::Status* broken);
  void Dispatch(ConnectionId id, Connection& connection);
  void AskAcceptor(ConnectionId id, PortId port, NodeId peer);
  void Linger(ConnectionId id, Connection& connection, bool is_open);
  void Break(ConnectionId id, const absl::Status& reason);
  void CloseSocket(Connection& connection);

  EventLoop& loop_;
  const NodeId node_;
  const uint16_t base_port_;
  std::map<PortId, Listener> listeners_;
  std::map<ConnectionId, Connection> connections_;
  uint64_t last_connection_ = 0;
};

}  // namespace weir::host

#endif  // WEIR_RUNTIME_HOST_TCP_TRANSPORT_H_
