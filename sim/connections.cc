#include "sim/connections.h"

#include <algorithm>

#include "sim/sim_process.h"

namespace weir::sim {
namespace {

// Control packets draw their latency by numbers that no message has.
constexpr uint64_t kControlNumbers = uint64_t{1} << 62;

uint64_t HashOf(const Message& message) {
  const uint64_t body = StableHash64(message.body);
  return message.lane.empty() ? body : StableHash64(message.lane, body);
}

Duration TransferTime(size_t bytes, uint64_t bytes_per_second) {
  return Duration::Nanos(static_cast<int64_t>(bytes * 1'000'000'000 / bytes_per_second));
}

}  // namespace

void Connections::AddNode() {
  const size_t count = links_.size() + 1;
  links_.resize(count);
  for (std::vector<Link>& row : links_) row.resize(count);
}

const LinkOptions& Connections::OptionsOf(NodeId from, NodeId to) const {
  return from == to ? kernel_.options().loopback : kernel_.options().link;
}

bool Connections::IsOwner(const SimProcess& process, const End& end) const {
  return end.node == process.node() && end.incarnation == process.incarnation();
}

Connections::Connection* Connections::FindOpen(const SimProcess& process, ConnectionId id, uint32_t* index,
                                               uint32_t* side) {
  const uint64_t payload = id.value - 1;
  if (payload / 2 >= connections_.size()) return nullptr;
  *index = static_cast<uint32_t>(payload / 2);
  *side = static_cast<uint32_t>(payload % 2);
  Connection& connection = *connections_[*index];
  const End& end = connection.ends[*side];
  return end.state == EndState::kOpen && IsOwner(process, end) ? &connection : nullptr;
}

// --- Calls

ConnectionId Connections::Connect(SimProcess& caller, ActorId actor, NodeId node, PortId port,
                                  ConnectionHandler* handler) {
  WEIR_CHECK(node.value < links_.size(), "a connection to node ", node.value);
  const uint32_t index = static_cast<uint32_t>(connections_.size());
  connections_.push_back(std::make_unique<Connection>());
  Connection& connection = *connections_.back();
  connection.port = port;
  connection.ends[0] = {caller.node(), caller.incarnation(), actor, handler, EndState::kOpen};
  connection.ends[1].node = node;
  // Named by meaning: the caller's how-manyth connection to that place.
  const uint64_t key = Mix(Mix(Mix(caller.node().value, caller.incarnation()), Mix(node.value, port.value)),
                           caller.CountConnect(node, port));
  connection.flows[0].channel.key = Mix(key, 0);
  connection.flows[1].channel.key = Mix(key, 1);
  caller.connections().push_back(index);
  const Instant now = caller.Now();
  SendControl(index, 0, Kind::kSyn, now);
  Channel alone{Mix(key, 2), 0, Instant()};
  kernel_.Schedule(now + OptionsOf(caller.node(), node).connect_timeout, EventKind::kConnectTimeout,
                   caller.node(), caller.incarnation(), actor, index, alone);
  return IdOf(index, 0);
}

void Connections::Send(SimProcess& sender, ConnectionId id, Message message) {
  uint32_t index = 0;
  uint32_t side = 0;
  Connection* connection = FindOpen(sender, id, &index, &side);
  if (connection == nullptr || connection->flows[side].is_ended) return;
  Flow& flow = connection->flows[side];
  const uint64_t number = flow.sent++;
  const NodeId to = connection->ends[1 - side].node;
  if (!sender.Tell(events::MessageSent(to.value, index, number, HashOf(message))) || flow.is_ended) return;
  flow.packets.Push({std::move(message), sender.Now(), number, Kind::kData});
  if (side == 0 && !connection->is_established) {
    ++flow.unsent;
  } else {
    Transmit(index, side, flow.packets.back(), sender.Now());
  }
}

void Connections::Close(SimProcess& owner, ConnectionId id) {
  uint32_t index = 0;
  uint32_t side = 0;
  Connection* connection = FindOpen(owner, id, &index, &side);
  if (connection == nullptr) return;
  connection->ends[side].state = EndState::kClosed;
  SendControl(index, side, Kind::kFin, owner.Now());
}

void Connections::EndProcess(SimProcess& process, Instant at, CrashMode mode) {
  for (const uint32_t index : process.connections()) {
    Connection& connection = *connections_[index];
    for (uint32_t side = 0; side < 2; ++side) {
      End& end = connection.ends[side];
      if (!IsOwner(process, end)) continue;
      Flow& in = connection.flows[1 - side];
      for (; in.arrived != 0; --in.arrived) DropArrived(index, 1 - side);
      Flow& out = connection.flows[side];
      const Link& link = LinkOf(end.node, connection.ends[1 - side].node);
      // A dead machine also loses what waits in its send buffers.
      const bool loses_buffers = mode == CrashMode::kSilent && link.is_cut;
      const auto is_lost = [&](Instant departure) {
        return departure > at || (loses_buffers && departure >= link.cut_since);
      };
      while (out.unsent != 0) DropBack(index, side);
      while (out.packets.size() > out.arrived && is_lost(out.packets.back().departure)) DropBack(index, side);
      if (!connection.is_established && side == 0) connection.is_given_up = true;
      if (mode == CrashMode::kReset) SendControl(index, side, Kind::kReset, at);
      end.state = EndState::kClosed;
    }
  }
}

// --- Sending

Duration Connections::LatencyOf(const Connection& connection, uint32_t side, const Packet& packet) const {
  const NodeId from = connection.ends[side].node;
  const NodeId to = connection.ends[1 - side].node;
  const LinkOptions& options = OptionsOf(from, to);
  const uint64_t number =
      packet.kind == Kind::kData ? packet.number : kControlNumbers + static_cast<uint64_t>(packet.kind);
  // One draw: which of a thousand, and how far between the bounds.
  const uint64_t draw = kernel_.random().Draw(DrawSite::kLinkLatency, connection.flows[side].channel.key,
                                              number, uint64_t{1000} << 32);
  const bool is_tail = (draw >> 32) < options.tail_permille;
  const Duration low = is_tail ? options.latency_max : options.latency_min;
  const Duration high = std::max(low, is_tail ? options.latency_tail : options.latency_max);
  const unsigned __int128 span = static_cast<unsigned __int128>((high - low).nanos()) * (draw & 0xFFFFFFFF);
  return low + Duration::Nanos(static_cast<int64_t>(span >> 32)) + LinkOf(from, to).extra;
}

void Connections::Transmit(uint32_t index, uint32_t side, Packet& packet, Instant departure) {
  Connection& connection = *connections_[index];
  const NodeId from = connection.ends[side].node;
  const NodeId to = connection.ends[1 - side].node;
  Link& link = LinkOf(from, to);
  Flow& flow = connection.flows[side];
  // A stream leaves in order, whichever actors of the process wrote to it.
  packet.departure = flow.last_departure = std::max(flow.last_departure, departure);
  link.free_at = std::max(link.free_at, packet.departure) +
                 TransferTime(packet.message.body.size() - packet.message.unbilled,
                              OptionsOf(from, to).bytes_per_second);
  PushArrival(index, side, link.free_at + LatencyOf(connection, side, packet));
}

void Connections::PushArrival(uint32_t index, uint32_t side, Instant arrival) {
  Connection& connection = *connections_[index];
  Flow& flow = connection.flows[side];
  flow.last_arrival = std::max(flow.last_arrival, arrival);
  kernel_.Schedule(flow.last_arrival, EventKind::kArrival, connection.ends[1 - side].node, 0, ActorId(),
                   PayloadOf(index, side), flow.channel);
}

void Connections::SendControl(uint32_t index, uint32_t side, Kind kind, Instant departure) {
  Connection& connection = *connections_[index];
  Flow& flow = connection.flows[side];
  if (flow.is_ended) return;
  flow.is_ended = kind == Kind::kFin || kind == Kind::kReset || kind == Kind::kRefuse;
  Packet packet;
  packet.departure = departure;
  packet.kind = kind;
  flow.packets.Push(std::move(packet));
  // A FIN stands behind what waits for the connection; everything else travels at once.
  if (kind == Kind::kFin && side == 0 && !connection.is_established) {
    ++flow.unsent;
  } else {
    Transmit(index, side, flow.packets.back(), departure);
  }
}

void Connections::DropBack(uint32_t index, uint32_t side) {
  Connection& connection = *connections_[index];
  Flow& flow = connection.flows[side];
  const Kind kind = flow.packets.back().kind;
  const uint64_t number = flow.packets.back().number;
  flow.packets.DropBack();
  if (flow.unsent != 0) --flow.unsent;
  if (kind == Kind::kFin || kind == Kind::kReset || kind == Kind::kRefuse) flow.is_ended = false;
  if (kind == Kind::kData) {
    kernel_.Emit(events::MessageDropped(connection.ends[1 - side].node.value, index, number));
  }
}

void Connections::Establish(uint32_t index) {
  Connection& connection = *connections_[index];
  Flow& flow = connection.flows[0];
  connection.is_established = true;
  const size_t first = flow.packets.size() - flow.unsent;
  flow.unsent = 0;
  for (size_t i = first; i < flow.packets.size(); ++i) {
    Packet& packet = flow.packets[i];
    Transmit(index, 0, packet, std::max(packet.departure, kernel_.now()));
  }
}

// --- Arriving

bool Connections::Arrive(const QueuedEvent& event) {
  const uint32_t index = static_cast<uint32_t>(event.payload / 2);
  const uint32_t side = static_cast<uint32_t>(event.payload % 2);
  Connection& connection = *connections_[index];
  Flow& flow = connection.flows[side];
  if (flow.packets.size() - flow.unsent <= flow.arrived) return false;  // its packet was dropped
  const Packet& packet = flow.packets[flow.arrived];
  Link& link = LinkOf(connection.ends[side].node, connection.ends[1 - side].node);
  if (__builtin_expect(link.is_cut && packet.departure >= link.cut_since, 0)) {
    if (flow.held++ == 0) link.held.emplace_back(index, side);
    return false;
  }
  if (packet.kind == Kind::kSyn) return ArriveSyn(event, index);
  if (packet.kind == Kind::kSynAck) return ArriveSynAck(index);
  return ArriveAtEnd(event, index, side);
}

bool Connections::ArriveSyn(const QueuedEvent& event, uint32_t index) {
  Connection& connection = *connections_[index];
  Flow& flow = connection.flows[0];
  Node& node = kernel_.node(connection.ends[1].node);
  if (connection.is_given_up || node.is_machine_down) return (void)flow.packets.Take(), false;
  SimProcess* process = node.process.get();
  SimProcess::Listener* listener = process == nullptr ? nullptr : process->FindListener(connection.port);
  if (listener == nullptr) {
    (void)flow.packets.Take();
    connection.ends[1].state = EndState::kClosed;
    SendControl(index, 1, Kind::kRefuse, kernel_.now());
    return true;
  }
  connection.ends[1] = {node.process->node(), process->incarnation(), listener->actor, nullptr,
                        EndState::kOpen};
  process->connections().push_back(index);
  SendControl(index, 1, Kind::kSynAck, kernel_.now());
  HandOver(event, *process, listener->actor, flow);
  return true;
}

bool Connections::ArriveSynAck(uint32_t index) {
  Connection& connection = *connections_[index];
  Flow& flow = connection.flows[1];
  // The caller's machine answers for what waits here: nothing of the caller is called.
  (void)flow.packets.Take();
  const End& caller = connection.ends[0];
  if (connection.is_given_up) {
    const Node& node = kernel_.node(caller.node);
    connection.flows[0].is_ended = false;  // whoever gave up has told nobody yet
    if (!node.is_machine_down) SendControl(index, 0, Kind::kReset, kernel_.now());
    return true;
  }
  SimProcess* process = kernel_.Find(caller.node, caller.incarnation);
  Establish(index);
  if (process != nullptr && caller.state == EndState::kOpen) {
    (void)process->Tell(
        events::ConnectionOpened(connection.ends[1].node.value, connection.port.value, index));
  }
  return true;
}

bool Connections::ArriveAtEnd(const QueuedEvent& event, uint32_t index, uint32_t side) {
  Connection& connection = *connections_[index];
  Flow& flow = connection.flows[side];
  End& end = connection.ends[1 - side];
  // A refusal comes from a machine on which nobody has an end.
  SimProcess* process = kernel_.Find(end.node, end.incarnation);
  if (process != nullptr && end.state == EndState::kOpen) return HandOver(event, *process, end.actor, flow);
  const Packet packet = flow.packets.Take();
  if (packet.kind != Kind::kData) return false;
  kernel_.Emit(events::MessageDropped(end.node.value, index, packet.number));
  // The machine tells the sender that nobody is there, if it is up (again).
  if (process == nullptr && !kernel_.node(end.node).is_machine_down) {
    SendControl(index, 1 - side, Kind::kReset, kernel_.now());
  }
  return true;
}

bool Connections::HandOver(QueuedEvent event, SimProcess& receiver, ActorId actor, Flow& flow) {
  ++flow.arrived;
  event.actor = receiver.node().value << Kernel::kActorBits | actor.value;
  event.incarnation = static_cast<uint16_t>(receiver.incarnation());
  return receiver.Accept(event);
}

void Connections::Deliver(SimProcess& receiver, uint64_t payload) {
  const uint32_t index = static_cast<uint32_t>(payload / 2);
  const uint32_t side = static_cast<uint32_t>(payload % 2);
  Connection& connection = *connections_[index];
  Flow& flow = connection.flows[side];
  End& end = connection.ends[1 - side];
  WEIR_CHECK(flow.arrived != 0 && !flow.packets.empty(), "connection ", index, " has nothing to deliver");
  --flow.arrived;
  Packet packet = flow.packets.Take();
  const NodeId from = connection.ends[side].node;
  switch (packet.kind) {
    case Kind::kSyn:
      if (end.state == EndState::kOpen) Answer(receiver, index);
      return;
    case Kind::kData:
      if (end.state != EndState::kOpen) {
        kernel_.Emit(events::MessageDropped(receiver.node().value, index, packet.number));
        return;
      }
      if (!receiver.Tell(events::MessageDelivered(from.value, index, packet.number))) return;
      return end.handler->OnMessage(IdOf(index, 1 - side), std::move(packet.message));
    case Kind::kFin:
      return CloseEnd(receiver, index, 1 - side, absl::UnavailableError("connection closed by the peer"));
    case Kind::kRefuse:
      return CloseEnd(receiver, index, 1 - side, absl::UnavailableError("connection refused"));
    default:
      return CloseEnd(receiver, index, 1 - side, absl::UnavailableError("connection reset"));
  }
}

// Asks the acceptor of the port.
void Connections::Answer(SimProcess& receiver, uint32_t index) {
  Connection& connection = *connections_[index];
  SimProcess::Listener* listener = receiver.FindListener(connection.port);
  ConnectionHandler* handler =
      listener == nullptr ? nullptr : listener->acceptor(IdOf(index, 1), connection.ends[0].node);
  if (receiver.is_fenced() || connection.ends[1].state != EndState::kOpen) return;
  connection.ends[1].handler = handler;
  if (handler != nullptr) return;
  connection.ends[1].state = EndState::kClosed;
  SendControl(index, 1, Kind::kRefuse, receiver.Now());
}

void Connections::CloseEnd(SimProcess& owner, uint32_t index, uint32_t side, const absl::Status& reason) {
  Connection& connection = *connections_[index];
  End& end = connection.ends[side];
  if (end.state != EndState::kOpen) return;
  end.state = EndState::kClosed;
  while (connection.flows[side].unsent != 0) DropBack(index, side);
  connection.flows[side].is_ended = true;
  if (!owner.Tell(events::ConnectionClosed(connection.ends[1 - side].node.value, index))) return;
  if (end.handler != nullptr) end.handler->OnClosed(IdOf(index, side), reason);
}

void Connections::Discard(uint64_t payload) {
  const uint32_t index = static_cast<uint32_t>(payload / 2);
  const uint32_t side = static_cast<uint32_t>(payload % 2);
  --connections_[index]->flows[side].arrived;
  if (DropArrived(index, side) != Kind::kSyn) return;
  connections_[index]->ends[1].state = EndState::kClosed;
  SendControl(index, 1, Kind::kRefuse, kernel_.now());
}

Connections::Kind Connections::DropArrived(uint32_t index, uint32_t side) {
  Connection& connection = *connections_[index];
  const Packet packet = connection.flows[side].packets.Take();
  if (packet.kind == Kind::kData) {
    kernel_.Emit(events::MessageDropped(connection.ends[1 - side].node.value, index, packet.number));
  }
  return packet.kind;
}

bool Connections::TimeOut(const QueuedEvent& event) {
  const Connection& connection = *connections_[event.payload];
  const End& caller = connection.ends[0];
  if (connection.is_established || caller.state != EndState::kOpen) return false;
  SimProcess* process = kernel_.Find(caller.node, caller.incarnation);
  return process != nullptr && process->Accept(event);
}

void Connections::GiveUp(SimProcess& caller, uint64_t payload) {
  const uint32_t index = static_cast<uint32_t>(payload);
  Connection& connection = *connections_[index];
  if (connection.is_established || connection.ends[0].state != EndState::kOpen) return;
  connection.is_given_up = true;
  CloseEnd(caller, index, 0, absl::UnavailableError("connection timed out"));
}

}  // namespace weir::sim
