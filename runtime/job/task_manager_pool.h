// Licensed under the Apache License, Version 2.0.
//
// The task managers as their leader sees them: connections, registrations, heartbeats. A task manager is here from its
// registration until it is lost: its connection broke, it was silent for the heartbeat timeout, it spoke nonsense, or it
// registered anew.
#ifndef WEIR_RUNTIME_JOB_TASK_MANAGER_POOL_H_
#define WEIR_RUNTIME_JOB_TASK_MANAGER_POOL_H_

#include <map>
#include <string>

#include "runtime/env/env.h"
#include "runtime/job/messages.h"

namespace weir {

class TaskManagerPool : private ConnectionHandler {
 public:
  struct Options {
    uint64_t epoch = 0;
    Duration heartbeat_interval;
    Duration heartbeat_timeout;
  };
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void OnTaskManagerRegistered(NodeId node) = 0;
    virtual void OnTaskManagerLost(NodeId node, const absl::Status& reason) = 0;
    // Of a registered task manager; of the kinds that it may send, but for RegisterTaskManager and Heartbeat.
    virtual void OnTaskManagerMessage(NodeId node, MessageBody body) = 0;
    // A task manager has served a newer leader.
    virtual void OnNewerEpoch(uint64_t epoch) = 0;
  };

  // Calls come as events of `actor` or of the actor that listens for connections.
  TaskManagerPool(Options options, Env& env, ActorId actor, Listener& listener);

  void Start();
  // Closes every connection; the listener hears nothing more.
  void Stop();
  // For the acceptor of the job manager's port.
  ConnectionHandler* Accept(ConnectionId connection, NodeId peer);

  // Slots by node.
  const std::map<NodeId, uint32_t>& offers() const { return offers_; }
  // Unknown nodes: no effect. kInvalidArgument if the message cannot be encoded.
  absl::Status Send(NodeId node, MessageBody body);
  // Gives a task manager up: its connection is closed, the listener is told.
  void Lose(NodeId node, const absl::Status& reason);

 private:
  struct Stranger {
    NodeId node;
    Instant since;
  };
  struct Peer {
    ConnectionId connection;
    Instant last_heard;
  };

  void OnMessage(ConnectionId connection, Message message) override;
  void OnClosed(ConnectionId connection, const absl::Status& reason) override;
  void OnRegister(ConnectionId connection, NodeId node, const RegisterTaskManager& request);
  void OnTick();
  void SendOn(ConnectionId connection, const MessageBody& body);

  const Options options_;
  Env& env_;
  const ActorId actor_;
  Listener& listener_;
  bool is_stopped_ = false;
  std::map<ConnectionId, Stranger> strangers_;  // accepted, not registered
  std::map<NodeId, Peer> peers_;
  std::map<ConnectionId, NodeId> node_of_;
  std::map<NodeId, uint32_t> offers_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_JOB_TASK_MANAGER_POOL_H_
