#include "sim/kernel.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "sim/connections.h"
#include "sim/sim_process.h"

namespace weir::sim {

void Kernel::ThrowRunAborted(const std::string& message) { throw RunAborted(message); }

Kernel::Kernel(WorldOptions options)
    : options_(options),
      random_(options_.seed),
      digest_(options_.keep_trace),
      connections_(std::make_unique<Connections>(*this)) {}

// A process fences itself before anything of it is destroyed.
Kernel::~Kernel() {
  dead_.clear();
  for (const auto& node : nodes_) node->process.reset();
  harness_tasks_.Clear();
}

NodeId Kernel::AddNode(std::string name) {
  const NodeId id(static_cast<uint32_t>(nodes_.size()));
  WEIR_CHECK(id.value < (~0u >> kActorBits), "too many nodes");
  auto node = std::make_unique<Node>();
  node->name = std::move(name);
  node->disk = std::make_unique<SimDisk>(options_.disk, Mix(id.value, 0));
  const uint64_t skew_max = static_cast<uint64_t>(options_.clock_skew_max.millis());
  node->wall_offset_millis = static_cast<int64_t>(random_.Draw(DrawSite::kClockSkew, id.value, 0, skew_max));
  nodes_.push_back(std::move(node));
  connections_->AddNode();
  return id;
}

Node& Kernel::node(NodeId id) {
  WEIR_CHECK(id.value < nodes_.size(), "node ", id.value, " of ", nodes_.size());
  return *nodes_[id.value];
}

SimProcess* Kernel::Find(NodeId id, uint32_t incarnation) {
  SimProcess* process = nodes_[id.value]->process.get();
  return process != nullptr && process->incarnation() == incarnation ? process : nullptr;
}

void Kernel::StartProcess(NodeId id) {
  Node& where = node(id);
  WEIR_CHECK(where.process == nullptr, "a process lives on ", where.name);
  WEIR_CHECK(where.program != nullptr, where.name, " has no program");
  Guard([&] {
    ++where.incarnation;
    WEIR_CHECK(where.incarnation < (1u << 16), where.name, " was restarted too often");
    where.is_machine_down = false;
    where.process = std::make_unique<SimProcess>(*this, id, where.incarnation);
    SimProcess& process = *where.process;
    Emit(events::ProcessStarted(id.value, where.incarnation));
    if (!process.is_fenced()) process.Start(where.program, client_factory_);
  });
}

void Kernel::EndProcess(NodeId id, CrashMode mode, const std::optional<absl::Status>& exit_reason) {
  Node& where = node(id);
  if (where.process == nullptr) return;
  Enter();
  std::unique_ptr<SimProcess> process = std::move(where.process);
  const Instant at = process->Now();
  process->Fence();
  where.is_machine_down = mode == CrashMode::kSilent;
  const uint32_t incarnation = process->incarnation();
  (void)Emit(at, kNoNode,
             exit_reason ? events::ProcessExited(id.value, incarnation)
                         : events::ProcessCrashed(id.value, incarnation));
  connections_->EndProcess(*process, at, mode);
  for (const TornFile& torn : where.disk->Crash(at, incarnation, random_)) {
    (void)Emit(at, kNoNode, events::DiskTorn(torn.file, torn.kept, torn.lost));
  }
  dead_.emplace_back(std::move(process), exit_reason.value_or(absl::AbortedError("crashed")));
  Leave();
}

void Kernel::Schedule(Instant earliest, EventKind kind, NodeId node, uint32_t incarnation, ActorId actor,
                      uint64_t payload, Channel& channel) {
  uint64_t key = 0;
  if (options_.schedule.strategy == ScheduleStrategy::kRandom) {
    const uint64_t slack = static_cast<uint64_t>(options_.schedule.slack.nanos());
    const uint64_t delay = random_.Draw(DrawSite::kScheduleDelay, channel.key, channel.count, slack + 1);
    earliest = std::max(earliest + Duration::Nanos(static_cast<int64_t>(delay)), channel.last);
    channel.last = earliest;
    // Ties are decided by channel, so that within one the sequence decides.
    key = random_.Draw(DrawSite::kScheduleDelay, channel.key, ~uint64_t{0}, kStrategyKeys);
  }
  ++channel.count;
  queue_.Push({std::max(earliest, now_), key << kSequenceBits | sequence_++,
               node.value << kActorBits | actor.value, static_cast<uint16_t>(kind),
               static_cast<uint16_t>(incarnation), payload});
}

void Kernel::ScheduleWake(Instant at, NodeId node, uint32_t incarnation, ActorId actor) {
  queue_.Push({std::max(at, now_), sequence_++, node.value << kActorBits | actor.value,
               static_cast<uint16_t>(EventKind::kWake), static_cast<uint16_t>(incarnation), 0});
}

void Kernel::At(Instant when, Task task) {
  queue_.Push({std::max(when, now_), sequence_++, 0, static_cast<uint16_t>(EventKind::kHarness), 0,
               harness_tasks_.Put(ActorId(), std::move(task))});
}

bool Kernel::Step(Instant limit) {
  if (failure_) return false;
  bool ran = false;
  Guard([&] {
    while (!ran && !queue_.empty() && queue_.NextInstant() <= limit) {
      const QueuedEvent event = queue_.Pop();
      now_ = std::max(now_, event.earliest);
      ran = Dispatch(event);
    }
  });
  return ran || failure_.has_value();
}

bool Kernel::Dispatch(const QueuedEvent& event) {
  const EventKind kind = static_cast<EventKind>(event.kind);
  switch (kind) {
    case EventKind::kTask:
    case EventKind::kTimer: {
      SimProcess* process = Find(NodeOf(event), event.incarnation);
      return process != nullptr && process->Accept(event);
    }
    case EventKind::kWake: {
      SimProcess* process = Find(NodeOf(event), event.incarnation);
      return process != nullptr && process->Wake(ActorOf(event));
    }
    case EventKind::kArrival:
      return connections_->Arrive(event);
    case EventKind::kConnectTimeout:
      return connections_->TimeOut(event);
    case EventKind::kHarness: {
      Dispatched(kNoNode, ActorId(), kind);
      Task task = harness_tasks_.Take(event.payload);
      task();
      return true;
    }
  }
  WEIR_CHECK(false, "an event of kind ", event.kind);
  return false;
}

void Kernel::Dispatched(NodeId node, ActorId actor, EventKind kind) {
  ++events_;
  (void)Emit(now_, kNoNode, events::EventDispatched(node.value, actor.value, static_cast<uint64_t>(kind)));
}

absl::Status Kernel::RunUntil(const std::function<bool()>& done, Instant deadline) {
  while (!done()) {
    if (failure_) return absl::AbortedError(absl::StrCat("the run was ended by a failed check: ", *failure_));
    if (events_ >= options_.event_budget) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the event budget of ", options_.event_budget, " is spent"));
    }
    if (Step(deadline)) continue;
    if (queue_.empty()) return absl::FailedPreconditionError("nothing is left to do");
    now_ = std::max(now_, deadline);
    return absl::DeadlineExceededError(absl::StrCat("not done by ", FormatInstant(deadline)));
  }
  return absl::OkStatus();
}

void Kernel::AddObserver(Observer* observer) {
  observers_.push_back(observer);
  for (uint16_t i = 0; i < kEventCount; ++i) {
    if (observer->Watches(static_cast<EventId>(i))) watching_[i].push_back(observer);
  }
}

absl::Status Kernel::Tell(const std::vector<Observer*>& watching, NodeId node, const Event& event) {
  absl::Status first;
  // An observer may add another one, so by index.
  for (size_t i = 0; i < watching.size(); ++i) {
    absl::Status status = watching[i]->OnEvent(node, event);
    if (first.ok() && !status.ok()) first = std::move(status);
  }
  return first;
}

uint32_t Kernel::Choose(Instant at, NodeId node, Event event, uint32_t count) {
  for (Observer* observer : observers_) {
    const std::optional<uint32_t> choice = observer->OnChoose(node, event, count);
    if (!choice) continue;
    WEIR_CHECK(*choice < count, "choice ", *choice, " of ", count);
    // A choice is part of the digest: its event says it, or else whoever asked does.
    const int field = FieldIndex(event.id, "choice");
    if (field < 0) return *choice;
    event.fields[static_cast<size_t>(field)] = *choice;
    (void)Emit(at, node, event);
    return *choice;
  }
  return 0;
}

// Nothing of the run goes on: all processes are fenced where they stand.
void Kernel::Fail(const std::string& message) {
  if (failure_) return;
  failure_ = message;
  for (const auto& node : nodes_) {
    if (node->process != nullptr) node->process->Fence();
  }
}

// No handler is on the stack: what is dead may go, and whoever restarts processes may know.
void Kernel::Reap() {
  while (!dead_.empty()) {
    std::vector<std::pair<std::unique_ptr<SimProcess>, absl::Status>> dead = std::move(dead_);
    dead_.clear();
    for (auto& [process, reason] : dead) {
      const NodeId node = process->node();
      process.reset();
      if (failure_ || !process_end_) continue;
      try {
        process_end_(node, reason);
      } catch (const RunAborted& aborted) {
        Fail(aborted.message());
      }
    }
  }
}

}  // namespace weir::sim
