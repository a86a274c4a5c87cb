// Licensed under the Apache License, Version 2.0.
//
// The simulated world: nodes with disks and clocks, processes on them, links between them, one queue of events, one
// thread. It owns mechanism (time, order, life and death, loss) and knows neither streams nor fault plans: faults/
// decides what breaks and when, and tells the world so through this header.
//
// A run is a pure function of the options and of what the programs do. Two runs with equal digests did the same.
//
// Invariants:
//  1. now() never goes back; an event runs at or after its `earliest`.
//  2. A process incarnation that crashed is fenced: its calls return kAborted, have no effect, draw nothing and trace
//     nothing. Its handler runs out on its own stack; then its queue, its process objects and its disk handles go.
//  3. Messages that had departed before the crash still arrive.
//  4. Within a connection, delivery is in order under every schedule strategy.
#ifndef WEIR_SIM_WORLD_H_
#define WEIR_SIM_WORLD_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "runtime/base/time.h"
#include "runtime/env/env.h"
#include "sim/digest.h"
#include "sim/disk.h"
#include "sim/network.h"
#include "sim/schedule.h"
#include "sim/service_clients.h"

namespace weir::sim {

struct WorldOptions {
  uint64_t seed = 1;
  ScheduleOptions schedule;
  LinkOptions link;  // every link, until changed
  LinkOptions loopback = {Duration::Micros(5), Duration::Micros(20), 0, Duration::Micros(20), 5'000'000'000};
  DiskOptions disk;
  // Wall clocks start here plus a skew drawn per node below `clock_skew_max`.
  WallTime wall_start{1'700'000'000'000};
  Duration clock_skew_max;
  // The run ends with kResourceExhausted after this many events: time limits are counted, never measured.
  uint64_t event_budget = 50'000'000;
  bool keep_trace = false;  // keep every trace block, for `--trace` and for the search of a first difference
};

// Sees every event of every process, in order. An observer may act on the world from here (that is how a fault strikes
// at a very point). Observers are called in the order of registration; the first status that is not OK is what the
// emitter gets.
class Observer {
 public:
  virtual ~Observer() = default;
  // `node` is the emitter, or kNoNode for the world itself. For notes the result is ignored.
  virtual absl::Status OnEvent(NodeId node, const Event& event) = 0;
  // Asked once for each kind of event, when the observer is added: those it says no to it is not called for. Every run
  // has far more dispatches than anything else, so by default nobody is told of them.
  virtual bool Watches(EventId id) const { return id != EventId::kEventDispatched; }
  // Answers Tracer::Choose; nullopt leaves it to others. The default choice is 0.
  virtual std::optional<uint32_t> OnChoose(NodeId, const Event&, uint32_t) { return std::nullopt; }
};

inline constexpr NodeId kNoNode{~0u};

// How the peers of a dead process learn of it: by a reset (the operating system lives), or not at all (the machine died).
enum class CrashMode { kReset, kSilent };

class World {
 public:
  explicit World(WorldOptions options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // --- Nodes and processes. Node ids count from 0 in the order of AddNode.
  using Program = std::function<std::unique_ptr<Process>(Env&)>;
  // Gives every process started from now on its services (service_clients.h). Without a factory, or where it returns
  // nullptr, every call of store, registry and log answers kUnimplemented.
  void SetClientFactory(ClientFactory factory);
  NodeId AddNode(std::string name);
  const std::string& NodeName(NodeId node) const;
  size_t node_count() const;
  // Installs the program of a node and starts its first process at now().
  void Start(NodeId node, Program program);
  // Starts the installed program again, on the disk that is left. REQUIRES: no process lives there.
  void Restart(NodeId node);
  // Safe from anywhere, also from an observer inside the process that dies.
  void Crash(NodeId node, CrashMode mode);
  // A paused process runs no events; they and arriving messages wait. It does not know that it was paused.
  void Pause(NodeId node);
  void Resume(NodeId node);
  bool IsAlive(NodeId node) const;
  bool IsPaused(NodeId node) const;
  uint32_t Incarnation(NodeId node) const;  // 0: never started
  // The process object, for services and tests; nullptr if dead.
  Process* process(NodeId node);
  // Called after a process has ended itself (Executor::Exit) or crashed. One callback; for restart policies.
  void OnProcessEnd(absl::AnyInvocable<void(NodeId, const absl::Status& reason)> callback);

  // --- What faults act on.
  Network& network();
  Disk& disk(NodeId node);
  // Moves a node's wall clock by this much, at once (may be negative). The monotonic clock is untouched.
  void JumpWallClock(NodeId node, Duration by);
  WallTime WallClock(NodeId node) const;

  // --- Running.
  Instant now() const;
  uint64_t events() const;
  // Runs `task` at `when` (or now, if that is past) outside of every process: harness and injector.
  void At(Instant when, Task task);
  // Runs one event; false if none is left.
  bool Step();
  // Steps until `done()` (asked after every event), until nothing is left, or until `deadline`. OK if done; otherwise
  // kDeadlineExceeded (deadline), kFailedPrecondition (nothing left to do), kResourceExhausted (event budget).
  // A failed check of the engine ends the run: kDataLoss is never used for that, see failure().
  absl::Status RunUntil(const std::function<bool()>& done, Instant deadline);
  // The message of the failed check that ended the run, if one did. Nothing runs after it.
  const std::optional<std::string>& failure() const;

  // --- Watching.
  void AddObserver(Observer* observer);  // must outlive the world's last event
  void Emit(const Event& event);         // an event of the world itself (kNoNode)
  Digest& digest();
  const Random& random() const;
  // What every live actor waits for, says that failed there last, and says of itself, by node and actor.
  std::vector<Wait> Waits() const;
  std::vector<std::string> LastFailures() const;
  std::string Describe() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_WORLD_H_
