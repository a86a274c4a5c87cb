// Licensed under the Apache License, Version 2.0.
//
// One incarnation of a process in the world: its executor, clocks, tracer and end of the network, and the object that
// its program made. It lives until it crashes or exits; then it is *fenced*: its calls have no effect, answer kAborted
// where they answer, and are not traced. It is destroyed when its handler has returned.
//
// A handler runs at one instant, plus what it charged so far; effects leave at that sum (Now()).
#ifndef WEIR_SIM_SIM_PROCESS_H_
#define WEIR_SIM_SIM_PROCESS_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/disk_handle.h"
#include "sim/kernel.h"
#include "sim/ring.h"
#include "sim/task_slab.h"

namespace weir::sim {

class SimProcess : private Executor, private Clock, private Tracer, private Transport {
 public:
  SimProcess(Kernel& kernel, NodeId node, uint32_t incarnation);
  ~SimProcess() override;

  // Runs the program. Apart from construction, since the program may already call, crash or exit.
  void Start(const World::Program& program, const ClientFactory& factory);

  NodeId node() const override { return node_; }
  uint32_t incarnation() const { return incarnation_; }
  Process* object() const { return object_.get(); }
  Instant Now() const override { return kernel_.now() + charge_; }
  Instant world_now() const { return kernel_.now(); }
  bool is_fenced() const { return is_fenced_; }
  bool is_running() const { return is_running_; }

  // Ends everything that this incarnation could still do.
  void Fence();
  void Pause() { is_paused_ = true; }
  void Resume();
  bool is_paused() const { return is_paused_; }

  // An event of one of this process's actors has come. True if it ran.
  bool Accept(const QueuedEvent& event);
  // The actor is free. True if something ran.
  bool Wake(ActorId actor);

  // --- For the organs of the world.
  struct Listener {
    PortId port;
    ActorId actor;
    Acceptor acceptor;
  };
  Listener* FindListener(PortId port);
  bool HasActor(ActorId actor) const {
    return actor.value - 1 < actors_.size() && actors_[actor.value - 1]->actor != nullptr;
  }
  // A note of this process, unless it is fenced. False if it is fenced afterwards: do not go on.
  bool Tell(const Event& event);
  absl::Status Reach(const Event& event) override;
  void Charge(Duration cost) override;
  // Connections with an end here, by index, in the order of their making.
  std::vector<uint32_t>& connections() { return connections_; }
  // How often this process connected to that place before.
  uint64_t CountConnect(NodeId node, PortId port);

  void AppendWaits(std::vector<Wait>* waits) const;
  void AppendLastFailures(std::vector<std::string>* failures) const;
  void AppendDescription(std::string* text) const;

 private:
  struct ActorState {
    const Actor* actor = nullptr;  // nullptr once removed
    Instant free_at;
    bool is_wake_pending = false;
    Ring<QueuedEvent> waiting;
    Channel posts;
    Channel timers;
  };
  struct ConnectCount {
    NodeId node;
    PortId port;
    uint64_t count = 0;
  };

  ActorId AddActor(const Actor* actor) override;
  void RemoveActor(ActorId actor) override;
  void Post(ActorId actor, Task task) override;
  TimerId After(ActorId actor, Duration delay, Task task) override;
  void Cancel(TimerId timer) override;
  void Exit(const absl::Status& reason) override;
  WallTime WallNow() const override;
  void Note(const Event& event) override { (void)Tell(event); }
  uint32_t Choose(const Event& event, uint32_t count) override;
  void Listen(ActorId actor, PortId port, Acceptor acceptor) override;
  ConnectionId Connect(ActorId actor, NodeId node, PortId port, ConnectionHandler* handler) override;
  void Send(ConnectionId connection, Message message) override;
  void Close(ConnectionId connection) override;

  ActorState* Find(ActorId actor);
  bool IsStale(const QueuedEvent& event) const;
  void WakeLater(ActorId id, ActorState& actor);
  void Discard(const QueuedEvent& event);
  void Run(ActorId id, ActorState& actor, const QueuedEvent& event);

  Kernel& kernel_;
  const NodeId node_;
  const uint32_t incarnation_;
  Random random_;
  DiskHandle disk_;
  std::unique_ptr<ServiceClients> clients_;
  std::unique_ptr<Env> env_;
  std::unique_ptr<Process> object_;

  bool is_fenced_ = false;
  bool is_paused_ = false;
  bool is_running_ = false;  // a handler of this process is on the stack
  Duration charge_;          // of the running handler so far
  std::vector<std::unique_ptr<ActorState>> actors_;
  TaskSlab tasks_;
  std::vector<QueuedEvent> backlog_;                  // came while paused
  std::vector<std::unique_ptr<Listener>> listeners_;  // one may be added while another one runs
  std::vector<uint32_t> connections_;
  std::vector<ConnectCount> connects_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SIM_PROCESS_H_
