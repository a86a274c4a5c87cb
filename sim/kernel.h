// Licensed under the Apache License, Version 2.0.
//
// The inside of the world: time, the queue of events, the trace, the nodes and who lives on them. World is its face;
// processes, connections and disks are its organs, which reach each other through it.
//
// Life of an event: Schedule -> (queue) -> Step -> Dispatch -> the process accepts it: it runs at once, waits for its
// actor to be free, or waits for the process to be resumed.
#ifndef WEIR_SIM_KERNEL_H_
#define WEIR_SIM_KERNEL_H_

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/user_code.h"
#include "sim/event_queue.h"
#include "sim/sim_disk.h"
#include "sim/task_slab.h"
#include "sim/world.h"

namespace weir::sim {

class Connections;
class SimProcess;

// What an event of the queue is; its payload.
enum class EventKind : uint16_t {
  kTask,            // slab slot of the process
  kTimer,           // slab slot of the process
  kWake,            // an actor that has waiting events is free
  kArrival,         // connection and side of the sender
  kConnectTimeout,  // connection
  kHarness,         // slab slot of the kernel
};

// The order that events of one channel keep whatever the strategy: what a connection delivers, what an actor is posted.
struct Channel {
  uint64_t key = 0;    // for the draws
  uint64_t count = 0;  // events so far
  Instant last;        // of the latest one
};

struct Node {
  std::string name;
  World::Program program;
  std::unique_ptr<SimDisk> disk;
  std::unique_ptr<SimProcess> process;  // the one that lives
  uint32_t incarnation = 0;
  bool is_machine_down = false;  // packets to it meet silence
  int64_t wall_offset_millis = 0;
};

class Kernel {
 public:
  explicit Kernel(WorldOptions options);
  ~Kernel();
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  const WorldOptions& options() const { return options_; }
  Instant now() const { return now_; }
  Random& random() { return random_; }
  Digest& digest() { return digest_; }
  Connections& connections() { return *connections_; }
  uint64_t events() const { return events_; }
  const std::optional<std::string>& failure() const { return failure_; }

  // --- Nodes and processes.
  NodeId AddNode(std::string name);
  // REQUIRES: the node exists.
  Node& node(NodeId id);
  // What the node's wall clock would have shown at instant zero, as it is set now.
  WallTime WallStart(NodeId id) { return {options_.wall_start.millis + node(id).wall_offset_millis}; }
  size_t node_count() const { return nodes_.size(); }
  // The living process of that incarnation, or nullptr.
  SimProcess* Find(NodeId id, uint32_t incarnation);
  void StartProcess(NodeId id);
  // Fences; what is fenced is destroyed when no handler is on the stack. `reason` is empty for a crash.
  void EndProcess(NodeId id, CrashMode mode, const std::optional<absl::Status>& exit_reason);
  ClientFactory& client_factory() { return client_factory_; }
  void OnProcessEnd(absl::AnyInvocable<void(NodeId, const absl::Status&)> callback) {
    process_end_ = std::move(callback);
  }

  // --- Scheduling.
  // Events of one channel run in the order of their scheduling.
  void Schedule(Instant earliest, EventKind kind, NodeId node, uint32_t incarnation, ActorId actor,
                uint64_t payload, Channel& channel);
  // An actor will have finished what it does.
  void ScheduleWake(Instant at, NodeId node, uint32_t incarnation, ActorId actor);
  void At(Instant when, Task task);
  // Runs the next event that is due by `limit`; false if there is none.
  bool Step(Instant limit);
  absl::Status RunUntil(const std::function<bool()>& done, Instant deadline);
  // Runs `body` (a handler, or the start of a process) as part of the run: a failed check in it ends the run; so does an
  // exception, which only code of the user's throws.
  template <typename Body>
  void Guard(Body body) {
    Enter();
    if (failure_) return Leave();
    try {
      body();
    } catch (const RunAborted& aborted) {
      Fail(aborted.message());
    } catch (...) {
      Fail(std::string(StatusOfException().message()));
    }
    Leave();
  }
  // Counts one event and traces that it runs.
  void Dispatched(NodeId node, ActorId actor, EventKind kind);

  // --- Watching.
  void AddObserver(Observer* observer);
  absl::Status Emit(Instant at, NodeId node, const Event& event) {
    digest_.Add(at, node, event);
    const std::vector<Observer*>& watching = watching_[static_cast<size_t>(event.id)];
    if (watching.empty()) return absl::OkStatus();
    return Tell(watching, node, event);
  }
  void Emit(const Event& event) { (void)Emit(now_, kNoNode, event); }
  // The first observer that chooses decides; then the event is emitted, with the choice in its field "choice".
  uint32_t Choose(Instant at, NodeId node, Event event, uint32_t count);

  static constexpr uint32_t kActorBits = 20;
  static constexpr uint32_t kActorsMax = (1u << kActorBits) - 1;
  static NodeId NodeOf(const QueuedEvent& event) { return NodeId(event.actor >> kActorBits); }
  static ActorId ActorOf(const QueuedEvent& event) { return ActorId(event.actor & ((1u << kActorBits) - 1)); }

 private:
  static constexpr uint64_t kSequenceBits = 40;
  static constexpr uint64_t kStrategyKeys = 1 << 24;

  bool Dispatch(const QueuedEvent& event);
  absl::Status Tell(const std::vector<Observer*>& watching, NodeId node, const Event& event);
  void Enter() {
    if (depth_++ == 0) outer_hook_ = SetCheckHook(&ThrowRunAborted);
  }
  void Leave() {
    if (depth_ == 1) {
      if (!dead_.empty()) Reap();
      SetCheckHook(outer_hook_);
    }
    --depth_;
  }
  static void ThrowRunAborted(const std::string& message);
  void Fail(const std::string& message);
  void Reap();

  const WorldOptions options_;
  Random random_;
  Instant now_;
  EventQueue queue_;
  uint64_t sequence_ = 0;
  uint64_t events_ = 0;
  Digest digest_;
  std::vector<Observer*> observers_;
  std::array<std::vector<Observer*>, kEventCount> watching_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::unique_ptr<Connections> connections_;
  ClientFactory client_factory_;
  absl::AnyInvocable<void(NodeId, const absl::Status&)> process_end_;
  TaskSlab harness_tasks_;
  Channel harness_channel_;
  std::vector<std::pair<std::unique_ptr<SimProcess>, absl::Status>> dead_;  // to be destroyed
  int depth_ = 0;                                                           // of Enter
  CheckHook outer_hook_ = nullptr;
  std::optional<std::string> failure_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_KERNEL_H_
