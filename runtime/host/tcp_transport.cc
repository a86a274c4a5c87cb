#include "runtime/host/tcp_transport.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/codec.h"

namespace weir::host {
namespace {

constexpr size_t kMessageBytesMax = 1u << 30;  // beyond this a frame is damage, not a message

sockaddr_in LoopbackAddress(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

int OpenSocket() { return socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

absl::Status Unavailable(absl::string_view what, int error) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::generic_category().message(error)));
}

void SetNoDelay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

TcpTransport::TcpTransport(EventLoop& loop, NodeId node, uint16_t base_port)
    : loop_(loop), node_(node), base_port_(base_port) {}

TcpTransport::~TcpTransport() {
  for (auto& [port, listener] : listeners_) {
    loop_.Unwatch(listener.fd);
    close(listener.fd);
  }
  for (auto& [id, connection] : connections_) CloseSocket(connection);
}

uint16_t TcpTransport::PortOf(NodeId node, PortId port) const {
  const uint64_t number = base_port_ + uint64_t{node.value} * 100 + port.value;
  WEIR_CHECK(number <= 65'535 && port.value < 100, "node ", node.value, " port ", port.value);
  return static_cast<uint16_t>(number);
}

void TcpTransport::Listen(ActorId actor, PortId port, Acceptor acceptor) {
  WEIR_CHECK(listeners_.count(port) == 0, "port ", port.value, " is taken");
  const int fd = OpenSocket();
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = LoopbackAddress(PortOf(node_, port));
  const bool bound = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const bool listens = bound && listen(fd, SOMAXCONN) == 0;
  WEIR_CHECK(listens, "cannot listen on ", PortOf(node_, port), ": ", std::generic_category().message(errno));
  listeners_.emplace(port, Listener{actor, fd, std::move(acceptor)});
  loop_.Watch(fd, [this, port](bool, bool) { OnIncoming(port); });
}

void TcpTransport::OnIncoming(PortId port) {
  const Listener& listener = listeners_.at(port);
  for (int fd; (fd = accept4(listener.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
    Connection connection;
    connection.actor = listener.actor;
    connection.accepts_on = port;
    Add(fd, std::move(connection));
  }
}

ConnectionId TcpTransport::Add(int fd, Connection connection) {
  const ConnectionId id(++last_connection_);
  connection.fd = fd;
  SetNoDelay(fd);
  const bool is_connecting = connection.is_connecting;
  connections_.emplace(id, std::move(connection));
  loop_.Watch(fd, [this, id](bool readable, bool writable) { OnReady(id, readable, writable); });
  loop_.WantWrite(fd, is_connecting);
  return id;
}

ConnectionId TcpTransport::Connect(ActorId actor, NodeId node, PortId port, ConnectionHandler* handler) {
  WEIR_CHECK(handler != nullptr, "node ", node.value, " port ", port.value);
  const int fd = OpenSocket();
  const sockaddr_in address = LoopbackAddress(PortOf(node, port));
  const bool done = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const int error = done ? 0 : errno;
  Connection connection;
  connection.actor = actor;
  connection.handler = handler;
  connection.is_connecting = true;
  ByteWriter hello;
  hello.U32(node_.value);
  connection.out = hello.Take();
  const ConnectionId id = Add(fd, std::move(connection));
  if (!done && error != EINPROGRESS) Break(id, Unavailable("connect", error));
  return id;
}

void TcpTransport::Send(ConnectionId id, Message message) {
  const auto found = connections_.find(id);
  if (found == connections_.end() || found->second.fd < 0 || found->second.is_closing) return;
  Connection& connection = found->second;
  ByteWriter header;
  header.U32(static_cast<uint32_t>(message.body.size()));
  header.U32(static_cast<uint32_t>(message.lane.size()));
  absl::StrAppend(&connection.out, header.bytes(), message.body, message.lane);
  loop_.WantWrite(connection.fd, true);
}

void TcpTransport::Close(ConnectionId id) {
  const auto found = connections_.find(id);
  if (found == connections_.end() || found->second.is_closing) return;
  Connection& connection = found->second;
  connection.handler = nullptr;
  if (connection.fd < 0) return;  // the task that Break posted removes it
  connection.is_closing = true;
  loop_.WantWrite(connection.fd, true);
}

// A closed connection stays until the peer has taken what was sent and closed its end: closing a
// socket that holds unread bytes would throw away what the peer has not read yet.
void TcpTransport::Linger(ConnectionId id, Connection& connection, bool is_open) {
  connection.in.clear();
  if (is_open && !connection.is_connecting && connection.out.empty() && !connection.is_shut_down) {
    shutdown(connection.fd, SHUT_WR);
    connection.is_shut_down = true;
  }
  if (is_open) return;
  CloseSocket(connection);
  connections_.erase(id);
}

void TcpTransport::CloseSocket(Connection& connection) {
  if (connection.fd < 0) return;
  loop_.Unwatch(connection.fd);
  close(connection.fd);
  connection.fd = -1;
}

void TcpTransport::OnReady(ConnectionId id, bool readable, bool writable) {
  const auto found = connections_.find(id);
  if (found == connections_.end() || found->second.fd < 0) return;
  Connection& connection = found->second;
  absl::Status broken;
  bool is_open = true;
  if (connection.is_connecting && writable) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(connection.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    connection.is_connecting = false;
    if (error != 0) {
      is_open = false;
      broken = Unavailable("connect", error);
    }
  }
  if (is_open && readable) is_open = Read(connection, &broken);
  if (!connection.is_closing) Dispatch(id, connection);
  if (is_open && writable && connection.fd >= 0) is_open = Flush(connection, &broken);
  if (connection.is_closing) return Linger(id, connection, is_open);
  if (!is_open) Break(id, broken);
}

bool TcpTransport::Read(Connection& connection, absl::Status* broken) {
  char buffer[65'536];
  for (;;) {
    const ssize_t got = recv(connection.fd, buffer, sizeof buffer, 0);
    if (got > 0) {
      connection.in.append(buffer, static_cast<size_t>(got));
      continue;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    *broken = got == 0 ? absl::UnavailableError("closed by the peer") : Unavailable("receive", errno);
    return false;
  }
}

bool TcpTransport::Flush(Connection& connection, absl::Status* broken) {
  size_t sent = 0;
  while (sent < connection.out.size()) {
    const ssize_t now =
        send(connection.fd, connection.out.data() + sent, connection.out.size() - sent, MSG_NOSIGNAL);
    if (now < 0 && errno == EINTR) continue;
    if (now < 0 && errno != EAGAIN) {
      *broken = Unavailable("send", errno);
      return false;
    }
    if (now < 0) break;
    sent += static_cast<size_t>(now);
  }
  connection.out.erase(0, sent);
  loop_.WantWrite(connection.fd, !connection.out.empty());
  return true;
}

// Turns whole frames into events of the connection's actor.
void TcpTransport::Dispatch(ConnectionId id, Connection& connection) {
  ByteReader reader(connection.in);
  if (connection.accepts_on.has_value()) {
    const NodeId peer(reader.U32());
    if (!reader.ok()) return;
    AskAcceptor(id, *connection.accepts_on, peer);
    connection.accepts_on.reset();
  }
  size_t used = reader.offset();
  for (;;) {
    const size_t body_size = reader.U32();
    const size_t lane_size = reader.U32();
    if (!reader.ok()) break;
    if (body_size + lane_size > kMessageBytesMax) {
      return Break(id, absl::DataLossError(absl::StrCat("frame of ", body_size + lane_size, " bytes")));
    }
    if (reader.remaining() < body_size + lane_size) break;
    Message message;
    message.body = std::string(reader.Raw(body_size));
    message.lane = std::string(reader.Raw(lane_size));
    used = reader.offset();
    loop_.Post(connection.actor, [this, id, message = std::move(message)]() mutable {
      const auto found = connections_.find(id);
      if (found == connections_.end() || found->second.handler == nullptr) return;
      found->second.handler->OnMessage(id, std::move(message));
    });
  }
  connection.in.erase(0, used);
}

void TcpTransport::AskAcceptor(ConnectionId id, PortId port, NodeId peer) {
  Listener& listener = listeners_.at(port);
  loop_.Post(listener.actor, [this, id, &listener, peer] {
    ConnectionHandler* const handler = listener.acceptor(id, peer);
    const auto found = connections_.find(id);
    if (found == connections_.end() || found->second.is_closing) return;
    found->second.handler = handler;
    if (handler == nullptr) Close(id);
  });
}

// Closes the socket at once; the owner learns of it behind what has arrived.
void TcpTransport::Break(ConnectionId id, const absl::Status& reason) {
  Connection& connection = connections_.at(id);
  if (connection.fd < 0) return;
  CloseSocket(connection);
  loop_.Post(connection.actor, [this, id, reason] {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return;
    ConnectionHandler* const handler = found->second.handler;  // null: closed meanwhile, or refused
    connections_.erase(found);
    if (handler != nullptr) handler->OnClosed(id, reason);
  });
}

}  // namespace weir::host
