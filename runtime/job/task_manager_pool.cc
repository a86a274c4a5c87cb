#include "runtime/job/task_manager_pool.h"

#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/status.h"

namespace weir {

TaskManagerPool::TaskManagerPool(Options options, Env& env, ActorId actor, Listener& listener)
    : options_(options), env_(env), actor_(actor), listener_(listener) {}

void TaskManagerPool::Start() {
  env_.executor.After(actor_, options_.heartbeat_interval, [this] { OnTick(); });
}

void TaskManagerPool::Stop() {
  is_stopped_ = true;
  for (const auto& [connection, stranger] : strangers_) env_.transport.Close(connection);
  for (const auto& [connection, node] : node_of_) env_.transport.Close(connection);
  strangers_.clear();
  peers_.clear();
  node_of_.clear();
  offers_.clear();
}

ConnectionHandler* TaskManagerPool::Accept(ConnectionId connection, NodeId peer) {
  if (is_stopped_) return nullptr;
  strangers_[connection] = {peer, env_.clock.Now()};
  return this;
}

void TaskManagerPool::OnMessage(ConnectionId connection, Message message) {
  if (is_stopped_) return;
  absl::StatusOr<ControlMessage> decoded = ControlMessage::Decode(message.body);
  if (const auto stranger = strangers_.find(connection); stranger != strangers_.end()) {
    const NodeId node = stranger->second.node;
    if (decoded.ok() && std::holds_alternative<RegisterTaskManager>(decoded->body)) {
      return OnRegister(connection, node, std::get<RegisterTaskManager>(decoded->body));
    }
    strangers_.erase(stranger);
    return env_.transport.Close(connection);
  }
  const auto known = node_of_.find(connection);
  if (known == node_of_.end()) return;
  const NodeId node = known->second;
  if (!decoded.ok()) return Lose(node, decoded.status());
  peers_.at(node).last_heard = env_.clock.Now();
  if (decoded->epoch != options_.epoch || std::holds_alternative<Heartbeat>(decoded->body)) return;
  if (std::holds_alternative<RegisterTaskManager>(decoded->body)) {
    return Lose(node, absl::FailedPreconditionError("registered twice on one connection"));
  }
  listener_.OnTaskManagerMessage(node, std::move(decoded->body));
}

void TaskManagerPool::OnRegister(ConnectionId connection, NodeId node, const RegisterTaskManager& request) {
  strangers_.erase(connection);
  if (request.newest_epoch > options_.epoch) {
    env_.transport.Close(connection);
    return listener_.OnNewerEpoch(request.newest_epoch);
  }
  // Whatever ran on the node before is gone: a task manager drops its tasks before it registers.
  if (peers_.count(node) != 0) Lose(node, absl::UnavailableError("registered anew"));
  const absl::Status reached = env_.tracer.Reach(events::TaskManagerRegistered(node.value, request.slots));
  if (absl::IsAborted(reached)) return;
  if (!reached.ok() || is_stopped_) return env_.transport.Close(connection);
  peers_[node] = {connection, env_.clock.Now()};
  node_of_[connection] = node;
  offers_[node] = request.slots;
  SendOn(connection, RegistrationAccepted());
  listener_.OnTaskManagerRegistered(node);
}

void TaskManagerPool::OnClosed(ConnectionId connection, const absl::Status& reason) {
  strangers_.erase(connection);
  const auto known = node_of_.find(connection);
  if (known != node_of_.end()) Lose(known->second, reason);
}

void TaskManagerPool::Lose(NodeId node, const absl::Status& reason) {
  const auto peer = peers_.find(node);
  if (peer == peers_.end()) return;
  const ConnectionId connection = peer->second.connection;
  peers_.erase(peer);
  node_of_.erase(connection);
  offers_.erase(node);
  env_.transport.Close(connection);
  // It is lost whatever the fault point says.
  if (absl::IsAborted(env_.tracer.Reach(events::TaskManagerLost(node.value)))) return;
  listener_.OnTaskManagerLost(node, reason);
}

void TaskManagerPool::OnTick() {
  env_.executor.After(actor_, options_.heartbeat_interval, [this] { OnTick(); });
  const Instant now = env_.clock.Now();
  for (auto it = strangers_.begin(); it != strangers_.end();) {
    if (now - it->second.since < options_.heartbeat_timeout) {
      ++it;
      continue;
    }
    env_.transport.Close(it->first);
    it = strangers_.erase(it);
  }
  std::vector<NodeId> silent;
  for (const auto& [node, peer] : peers_) {
    if (now - peer.last_heard >= options_.heartbeat_timeout) silent.push_back(node);
  }
  for (NodeId node : silent) Lose(node, absl::DeadlineExceededError("its heartbeats timed out"));
  for (const auto& [node, peer] : peers_) {
    env_.tracer.Note(events::HeartbeatSent(node.value));
    SendOn(peer.connection, Heartbeat());
  }
}

absl::Status TaskManagerPool::Send(NodeId node, MessageBody body) {
  const auto peer = peers_.find(node);
  if (peer == peers_.end()) return absl::OkStatus();
  ControlMessage message{options_.epoch, std::move(body)};
  const uint64_t unbilled = message.Unbilled();
  WEIR_ASSIGN_OR_RETURN(std::string bytes, std::move(message).Encode());
  env_.transport.Send(peer->second.connection, Message{std::move(bytes), std::string(), unbilled});
  return absl::OkStatus();
}

void TaskManagerPool::SendOn(ConnectionId connection, const MessageBody& body) {
  absl::StatusOr<std::string> bytes = ControlMessage{options_.epoch, body}.Encode();
  WEIR_CHECK(bytes.ok(), bytes.status().message());
  env_.transport.Send(connection, Message{*std::move(bytes), std::string()});
}

}  // namespace weir
