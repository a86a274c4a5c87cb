#include "sim/network.h"

#include <algorithm>

#include "sim/connections.h"
#include "sim/kernel.h"
#include "sim/world.h"

namespace weir::sim {
namespace {

// The states of LinkChanged.
constexpr uint64_t kHealed = 0;
constexpr uint64_t kCut = 1;
constexpr uint64_t kSlowed = 2;
constexpr uint64_t kReset = 3;

}  // namespace

// --- Faults of the connections

void Connections::Cut(NodeId from, NodeId to) {
  Link& link = LinkOf(from, to);
  if (link.is_cut) return;
  link.is_cut = true;
  link.cut_since = kernel_.now();
  kernel_.Emit(events::LinkChanged(from.value, to.value, kCut));
}

void Connections::Heal(NodeId from, NodeId to) {
  Link& link = LinkOf(from, to);
  if (!link.is_cut) return;
  link.is_cut = false;
  kernel_.Emit(events::LinkChanged(from.value, to.value, kHealed));
  const std::vector<std::pair<uint32_t, uint32_t>> held = std::move(link.held);
  link.held.clear();
  for (const auto& [index, side] : held) {
    Flow& flow = connections_[index]->flows[side];
    const size_t waiting = flow.packets.size() - flow.unsent - flow.arrived;
    const size_t count = std::min(flow.held, waiting);
    flow.held = 0;
    for (size_t i = 0; i < count; ++i) {
      const Packet& packet = flow.packets[flow.arrived + i];
      PushArrival(index, side, kernel_.now() + LatencyOf(*connections_[index], side, packet));
    }
  }
}

void Connections::Delay(NodeId from, NodeId to, Duration extra) {
  Link& link = LinkOf(from, to);
  if (link.extra == extra) return;
  link.extra = extra;
  kernel_.Emit(events::LinkChanged(from.value, to.value, extra == Duration() ? kHealed : kSlowed));
}

void Connections::Reset(NodeId a, NodeId b) {
  kernel_.Emit(events::LinkChanged(a.value, b.value, kReset));
  for (uint32_t index = 0; index < connections_.size(); ++index) {
    const auto& ends = connections_[index]->ends;
    const bool is_between =
        (ends[0].node == a && ends[1].node == b) || (ends[0].node == b && ends[1].node == a);
    if (!is_between) continue;
    if (ends[0].state != EndState::kOpen && ends[1].state != EndState::kOpen) continue;
    ResetFlow(index, 0);
    ResetFlow(index, 1);
  }
}

// Of what is under way, a drawn suffix is lost; behind the rest comes the bad news.
void Connections::ResetFlow(uint32_t index, uint32_t side) {
  Connection& connection = *connections_[index];
  Flow& flow = connection.flows[side];
  while (flow.unsent != 0) DropBack(index, side);
  const uint64_t under_way = flow.packets.size() - flow.arrived;
  uint64_t lost =
      kernel_.random().Draw(DrawSite::kConnectionReset, flow.channel.key, flow.sent, under_way + 1);
  for (; lost != 0; --lost) DropBack(index, side);
  SendControl(index, side, Kind::kReset, kernel_.now());
  connection.is_given_up = !connection.is_established;
}

void Connections::HealAll() {
  for (uint32_t from = 0; from < links_.size(); ++from) {
    for (uint32_t to = 0; to < links_.size(); ++to) {
      Heal(NodeId(from), NodeId(to));
      Delay(NodeId(from), NodeId(to), Duration());
    }
  }
}

// --- The face

struct Network::State {
  Connections& connections;
};

Network::Network(Connections& connections) : state_(std::make_unique<State>(State{connections})) {}
Network::~Network() = default;
void Network::Cut(NodeId from, NodeId to) { state_->connections.Cut(from, to); }
void Network::Heal(NodeId from, NodeId to) { state_->connections.Heal(from, to); }
bool Network::IsCut(NodeId from, NodeId to) const { return state_->connections.IsCut(from, to); }
void Network::Delay(NodeId from, NodeId to, Duration extra) { state_->connections.Delay(from, to, extra); }
void Network::Reset(NodeId a, NodeId b) { state_->connections.Reset(a, b); }
void Network::HealAll() { state_->connections.HealAll(); }

}  // namespace weir::sim
