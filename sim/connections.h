// Licensed under the Apache License, Version 2.0.
//
// Links and connections of the world. Delivery is to (node, incarnation, connection). Fault model: network.h.
//
// Life of a connection: the caller's SYN travels; the listening machine answers SYN-ACK by itself (also while its process
// is paused or busy) and the acceptor is asked as an event; what the caller sent meanwhile leaves when the SYN-ACK is
// back. An end is closed by its owner (FIN to the peer, behind what was sent) or by what it is told (FIN, RESET).
//
// Each side's packets are a queue, and each packet has one event under way; the event finds its packet by position: the
// first that has not arrived. Packets may be dropped from the end of the queue (reset, crash); then events are left over,
// which find nothing.
#ifndef WEIR_SIM_CONNECTIONS_H_
#define WEIR_SIM_CONNECTIONS_H_

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/env/transport.h"
#include "sim/kernel.h"
#include "sim/network.h"
#include "sim/ring.h"

namespace weir::sim {

class Connections {
 public:
  explicit Connections(Kernel& kernel) : kernel_(kernel) {}

  void AddNode();

  // --- Calls of a living process (transport.h).
  ConnectionId Connect(SimProcess& caller, ActorId actor, NodeId node, PortId port,
                       ConnectionHandler* handler);
  void Send(SimProcess& sender, ConnectionId id, Message message);
  void Close(SimProcess& owner, ConnectionId id);
  // A process died at this instant: what leaves later never does.
  void EndProcess(SimProcess& process, Instant at, CrashMode mode);

  // --- Events. The first two are what the queue holds; true if something ran.
  bool Arrive(const QueuedEvent& event);
  bool TimeOut(const QueuedEvent& event);
  // In the handler of the receiving actor.
  void Deliver(SimProcess& receiver, uint64_t payload);
  void GiveUp(SimProcess& caller, uint64_t payload);
  // Instead of Deliver, if the actor was removed.
  void Discard(uint64_t payload);

  // --- Faults (network.h).
  void Cut(NodeId from, NodeId to);
  void Heal(NodeId from, NodeId to);
  bool IsCut(NodeId from, NodeId to) const { return LinkOf(from, to).is_cut; }
  void Delay(NodeId from, NodeId to, Duration extra);
  void Reset(NodeId a, NodeId b);
  void HealAll();

 private:
  enum class Kind : uint8_t { kData, kSyn, kSynAck, kFin, kReset, kRefuse };
  struct Packet {
    Message message;
    Instant departure;
    uint64_t number = 0;  // of data
    Kind kind = Kind::kData;
  };
  struct Flow {  // what one side sent
    Ring<Packet> packets;
    size_t arrived = 0;     // of them, waiting for the receiving actor
    size_t held = 0;        // events that met a cut
    size_t unsent = 0;      // the last so many wait for the connection to stand
    uint64_t sent = 0;      // data packets ever
    bool is_ended = false;  // FIN or RESET is the last packet
    Instant last_departure;
    Instant last_arrival;
    Channel channel;
  };
  enum class EndState : uint8_t { kNone, kOpen, kClosed };
  struct End {
    NodeId node;
    uint32_t incarnation = 0;
    ActorId actor;
    ConnectionHandler* handler = nullptr;
    EndState state = EndState::kNone;
  };
  struct Connection {
    std::array<End, 2> ends;    // 0: the caller
    std::array<Flow, 2> flows;  // flows[s]: from ends[s] to ends[1 - s]
    PortId port;
    bool is_established = false;
    bool is_given_up = false;  // by its caller, before it stood
  };
  struct Link {
    bool is_cut = false;
    Instant cut_since;
    Duration extra;
    Instant free_at;
    std::vector<std::pair<uint32_t, uint32_t>> held;  // (connection, side) with packets that met the cut
  };

  static ConnectionId IdOf(uint32_t index, uint32_t side) {
    return ConnectionId(uint64_t{index} * 2 + side + 1);
  }
  static uint64_t PayloadOf(uint32_t index, uint32_t side) { return uint64_t{index} * 2 + side; }
  Link& LinkOf(NodeId from, NodeId to) { return links_[from.value][to.value]; }
  const Link& LinkOf(NodeId from, NodeId to) const { return links_[from.value][to.value]; }
  const LinkOptions& OptionsOf(NodeId from, NodeId to) const;
  // The open end of this process that has this name, or nullptr.
  Connection* FindOpen(const SimProcess& process, ConnectionId id, uint32_t* index, uint32_t* side);
  bool IsOwner(const SimProcess& process, const End& end) const;

  Duration LatencyOf(const Connection& connection, uint32_t side, const Packet& packet) const;
  void Transmit(uint32_t index, uint32_t side, Packet& packet, Instant departure);
  void PushArrival(uint32_t index, uint32_t side, Instant arrival);
  void SendControl(uint32_t index, uint32_t side, Kind kind, Instant departure);
  void DropBack(uint32_t index, uint32_t side);
  Kind DropArrived(uint32_t index, uint32_t side);
  void Establish(uint32_t index);
  bool ArriveSyn(const QueuedEvent& event, uint32_t index);
  bool ArriveSynAck(uint32_t index);
  bool ArriveAtEnd(const QueuedEvent& event, uint32_t index, uint32_t side);
  bool HandOver(QueuedEvent event, SimProcess& receiver, ActorId actor, Flow& flow);
  void Answer(SimProcess& receiver, uint32_t index);
  void CloseEnd(SimProcess& owner, uint32_t index, uint32_t side, const absl::Status& reason);
  void ResetFlow(uint32_t index, uint32_t side);

  Kernel& kernel_;
  std::vector<std::vector<Link>> links_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_CONNECTIONS_H_
