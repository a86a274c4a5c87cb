#include "runtime/job/data_server.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace weir {

DataServer::DataServer(Env& env, ActorId actor, Duration request_timeout, Find find)
    : env_(env), actor_(actor), request_timeout_(request_timeout), find_(std::move(find)) {}

void DataServer::Start() {
  env_.transport.Listen(actor_, kDataPort, [this](ConnectionId connection, NodeId) -> ConnectionHandler* {
    auto relay = std::make_unique<Relay>(*this);
    ConnectionHandler* handler = relay.get();
    relays_[connection] = std::move(relay);
    // Also for a peer that never says what it wants.
    env_.executor.After(actor_, request_timeout_, [this, connection] {
      const auto found = relays_.find(connection);
      if (found != relays_.end() && found->second->target == nullptr) Drop(connection);
    });
    return handler;
  });
}

void DataServer::Relay::OnMessage(ConnectionId connection, Message message) {
  if (target != nullptr) return target->OnMessage(connection, std::move(message));
  server_.OnRequest(connection, this, message.body);
}

void DataServer::Relay::OnClosed(ConnectionId connection, const absl::Status& reason) {
  if (target != nullptr) target->OnClosed(connection, reason);
  server_.Drop(connection);
}

void DataServer::OnRequest(ConnectionId connection, Relay* relay, absl::string_view body) {
  absl::StatusOr<PartitionRequest> request = PartitionRequest::Decode(body);
  // A consumer says nothing more before it is served.
  if (!request.ok() || relay->request.has_value()) return Drop(connection);
  relay->request = *request;
  Serve(connection, relay);
}

void DataServer::Serve(ConnectionId connection, Relay* relay) {
  Subtask* producer = find_(relay->request->producer);
  if (producer == nullptr || producer->descriptor().attempt < relay->request->attempt)
    return;  // it will come
  if (producer->descriptor().attempt > relay->request->attempt) return Drop(connection);
  relay->producer = producer;
  relay->target = producer->AttachConsumer(connection, relay->request->edge, relay->request->consumer);
  // Refused, or the producer failed at the very attempt.
  if (relay->target == nullptr || find_(relay->request->producer) != producer) Drop(connection);
}

void DataServer::OnDeployed(SubtaskId subtask) {
  std::vector<ConnectionId> waiting;
  for (const auto& [connection, relay] : relays_) {
    if (relay->request && relay->request->producer == subtask && relay->target == nullptr) {
      waiting.push_back(connection);
    }
  }
  for (ConnectionId connection : waiting) {
    const auto found = relays_.find(connection);
    if (found != relays_.end()) Serve(connection, found->second.get());
  }
}

void DataServer::OnStopped(const Subtask& subtask) {
  std::vector<ConnectionId> attached;
  for (const auto& [connection, relay] : relays_) {
    if (relay->producer == &subtask) attached.push_back(connection);
  }
  for (ConnectionId connection : attached) Drop(connection);
}

void DataServer::DropWaiting() {
  std::vector<ConnectionId> waiting;
  for (const auto& [connection, relay] : relays_) {
    if (relay->target == nullptr) waiting.push_back(connection);
  }
  for (ConnectionId connection : waiting) Drop(connection);
}

void DataServer::Drop(ConnectionId connection) {
  const auto found = relays_.find(connection);
  if (found == relays_.end()) return;
  env_.transport.Close(connection);
  dropped_.push_back(std::move(found->second));
  relays_.erase(found);
  if (dropped_.size() == 1) env_.executor.Post(actor_, [this] { dropped_.clear(); });
}

void DataServer::AppendWaits(std::vector<Wait>* waits) const {
  for (const auto& [connection, relay] : relays_) {
    if (!relay->request || relay->target != nullptr) continue;
    const SubtaskId producer = relay->request->producer;
    waits->push_back({absl::StrCat("a consumer of edge ", relay->request->edge),
                      "its producer to be deployed",
                      absl::StrCat("vertex ", producer.vertex.value, " [", producer.index, "]")});
  }
}

}  // namespace weir
