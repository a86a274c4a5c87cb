#include "sim/sim_process.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "sim/connections.h"

namespace weir::sim {

SimProcess::SimProcess(Kernel& kernel, NodeId node, uint32_t incarnation)
    : kernel_(kernel),
      node_(node),
      incarnation_(incarnation),
      random_(kernel.options().seed),
      disk_(*kernel.node(node).disk, *this) {}

// Nothing of a dead process may act from a destructor.
SimProcess::~SimProcess() {
  is_fenced_ = true;
  tasks_.Clear();
  listeners_.clear();
  object_.reset();
  clients_.reset();
}

void SimProcess::Start(const World::Program& program, const ClientFactory& factory) {
  is_running_ = true;
  if (factory) clients_ = factory({node_, incarnation_, *this, *this, *this, random_, *this});
  if (clients_ == nullptr) clients_ = MakeAbsentClients(*this);
  env_ = std::make_unique<Env>(Env{*this, *this, *this, clients_->store(), disk_, clients_->registry(),
                                   clients_->log(), random_, *this});
  object_ = program(*env_);
  for (const auto& actor : actors_) actor->free_at = Now();
  charge_ = Duration();
  is_running_ = false;
}

void SimProcess::Fence() { is_fenced_ = true; }

void SimProcess::Resume() {
  is_paused_ = false;
  std::vector<QueuedEvent> backlog = std::move(backlog_);
  backlog_.clear();
  for (const QueuedEvent& event : backlog) {
    const ActorId id = Kernel::ActorOf(event);
    ActorState* actor = Find(id);
    if (actor == nullptr) {
      Discard(event);
    } else {
      actor->waiting.Push(event);
    }
  }
  for (uint32_t i = 0; i < actors_.size(); ++i) {
    if (!actors_[i]->waiting.empty()) WakeLater(ActorId(i + 1), *actors_[i]);
  }
}

bool SimProcess::Accept(const QueuedEvent& event) {
  if (IsStale(event)) return false;
  if (is_paused_) return backlog_.push_back(event), false;
  const ActorId id = Kernel::ActorOf(event);
  ActorState* actor = Find(id);
  if (actor == nullptr) return Discard(event), false;
  if (actor->free_at > kernel_.now() || !actor->waiting.empty()) {
    actor->waiting.Push(event);
    WakeLater(id, *actor);
    return false;
  }
  Run(id, *actor, event);
  return true;
}

bool SimProcess::Wake(ActorId id) {
  ActorState* actor = Find(id);
  if (actor == nullptr) return false;
  actor->is_wake_pending = false;
  if (is_paused_) return false;
  WEIR_CHECK(actor->free_at <= kernel_.now(), "actor ", id.value, " was woken while it is busy");
  while (!actor->waiting.empty()) {
    const QueuedEvent event = actor->waiting.Take();
    if (IsStale(event)) continue;
    Run(id, *actor, event);
    if (!is_fenced_ && !actor->waiting.empty()) WakeLater(id, *actor);
    return true;
  }
  return false;
}

void SimProcess::WakeLater(ActorId id, ActorState& actor) {
  if (actor.is_wake_pending || is_paused_) return;
  actor.is_wake_pending = true;
  kernel_.ScheduleWake(actor.free_at, node_, incarnation_, id);
}

bool SimProcess::IsStale(const QueuedEvent& event) const {
  const EventKind kind = static_cast<EventKind>(event.kind);
  return (kind == EventKind::kTask || kind == EventKind::kTimer) && tasks_.IsStale(event.payload);
}

// An event that nobody will take.
void SimProcess::Discard(const QueuedEvent& event) {
  switch (static_cast<EventKind>(event.kind)) {
    case EventKind::kTask:
    case EventKind::kTimer: {
      const Task dropped = tasks_.Take(event.payload);
      return;
    }
    case EventKind::kArrival:
      return kernel_.connections().Discard(event.payload);
    default:
      return;
  }
}

void SimProcess::Run(ActorId id, ActorState& actor, const QueuedEvent& event) {
  const EventKind kind = static_cast<EventKind>(event.kind);
  kernel_.Dispatched(node_, id, kind);
  if (is_fenced_) return;
  is_running_ = true;
  switch (kind) {
    case EventKind::kTask:
    case EventKind::kTimer: {
      Task task = tasks_.Take(event.payload);
      task();
      break;
    }
    case EventKind::kArrival:
      kernel_.connections().Deliver(*this, event.payload);
      break;
    case EventKind::kConnectTimeout:
      kernel_.connections().GiveUp(*this, event.payload);
      break;
    default:
      WEIR_CHECK(false, "an event of kind ", event.kind, " has no handler");
  }
  actor.free_at = kernel_.now() + charge_;
  charge_ = Duration();
  is_running_ = false;
}

SimProcess::ActorState* SimProcess::Find(ActorId actor) {
  if (actor.value == 0 || actor.value > actors_.size()) return nullptr;
  ActorState* state = actors_[actor.value - 1].get();
  return state->actor == nullptr ? nullptr : state;
}

// --- Executor

ActorId SimProcess::AddActor(const Actor* actor) {
  WEIR_CHECK(actor != nullptr);
  if (is_fenced_) return ActorId(Kernel::kActorsMax);
  const ActorId id(static_cast<uint32_t>(actors_.size()) + 1);
  WEIR_CHECK(id.value < Kernel::kActorsMax, "too many actors on node ", node_.value);
  actors_.push_back(std::make_unique<ActorState>());
  ActorState& state = *actors_.back();
  state.actor = actor;
  state.free_at = Now();
  const uint64_t key = Mix(Mix(node_.value, incarnation_), id.value);
  state.posts.key = Mix(key, 1);
  state.timers.key = Mix(key, 2);
  return id;
}

void SimProcess::RemoveActor(ActorId id) {
  if (is_fenced_) return;
  ActorState* actor = Find(id);
  if (actor == nullptr) return;
  actor->actor = nullptr;
  while (!actor->waiting.empty()) {
    const QueuedEvent event = actor->waiting.Take();
    if (!IsStale(event)) Discard(event);
  }
  const std::vector<Task> dropped = tasks_.TakeAllOf(id);
}

void SimProcess::Post(ActorId id, Task task) {
  if (is_fenced_) return;
  ActorState* actor = Find(id);
  if (actor == nullptr) return;
  const uint64_t ticket = tasks_.Put(id, std::move(task));
  kernel_.Schedule(Now(), EventKind::kTask, node_, incarnation_, id, ticket, actor->posts);
}

TimerId SimProcess::After(ActorId id, Duration delay, Task task) {
  ActorState* actor = is_fenced_ ? nullptr : Find(id);
  if (actor == nullptr) return TimerId(~uint64_t{0});
  const uint64_t ticket = tasks_.Put(id, std::move(task));
  // Timers are no channel: a later one may be due before.
  Channel alone{actor->timers.key, actor->timers.count++, Instant()};
  const Instant now = Now();
  const Instant due = delay < Instant::Max() - now ? now + std::max(delay, Duration()) : Instant::Max();
  kernel_.Schedule(due, EventKind::kTimer, node_, incarnation_, id, ticket, alone);
  return TimerId(ticket);
}

void SimProcess::Cancel(TimerId timer) {
  if (is_fenced_ || tasks_.IsStale(timer.value)) return;
  const Task dropped = tasks_.Take(timer.value);
}

void SimProcess::Charge(Duration cost) {
  WEIR_CHECK(cost >= Duration(), "a negative cost");
  if (is_running_ && !is_fenced_) charge_ += cost;
}

void SimProcess::Exit(const absl::Status& reason) {
  if (!is_fenced_) kernel_.EndProcess(node_, CrashMode::kReset, reason);
}

// --- Clock, Tracer

WallTime SimProcess::WallNow() const {
  return {kernel_.WallStart(node_).millis + (Now() - Instant()).millis()};
}

bool SimProcess::Tell(const Event& event) {
  if (is_fenced_) return false;
  (void)kernel_.Emit(Now(), node_, event);
  return !is_fenced_;
}

absl::Status SimProcess::Reach(const Event& event) {
  if (is_fenced_) return absl::AbortedError("this process is dead");
  absl::Status status = kernel_.Emit(Now(), node_, event);
  if (is_fenced_) return absl::AbortedError("this process has just died");
  return status;
}

uint32_t SimProcess::Choose(const Event& event, uint32_t count) {
  WEIR_CHECK(count >= 1);
  return is_fenced_ ? 0 : kernel_.Choose(Now(), node_, event, count);
}

// --- Transport

SimProcess::Listener* SimProcess::FindListener(PortId port) {
  for (const auto& listener : listeners_) {
    if (listener->port == port && HasActor(listener->actor)) return listener.get();
  }
  return nullptr;
}

void SimProcess::Listen(ActorId actor, PortId port, Acceptor acceptor) {
  if (is_fenced_) return;
  WEIR_CHECK(FindListener(port) == nullptr, "port ", port.value, " is taken");
  listeners_.push_back(std::make_unique<Listener>(Listener{port, actor, std::move(acceptor)}));
}

ConnectionId SimProcess::Connect(ActorId actor, NodeId node, PortId port, ConnectionHandler* handler) {
  WEIR_CHECK(handler != nullptr);
  if (is_fenced_) return ConnectionId(~uint64_t{0});
  return kernel_.connections().Connect(*this, actor, node, port, handler);
}

void SimProcess::Send(ConnectionId connection, Message message) {
  if (!is_fenced_) kernel_.connections().Send(*this, connection, std::move(message));
}

void SimProcess::Close(ConnectionId connection) {
  if (!is_fenced_) kernel_.connections().Close(*this, connection);
}

uint64_t SimProcess::CountConnect(NodeId node, PortId port) {
  for (ConnectCount& entry : connects_) {
    if (entry.node == node && entry.port == port) return entry.count++;
  }
  connects_.push_back({node, port, 1});
  return 0;
}

// --- For people

void SimProcess::AppendWaits(std::vector<weir::Wait>* waits) const {
  for (const auto& state : actors_) {
    if (state->actor != nullptr) state->actor->AppendWaits(waits);
  }
}

void SimProcess::AppendLastFailures(std::vector<std::string>* failures) const {
  for (const auto& state : actors_) {
    if (state->actor == nullptr) continue;
    if (std::string failure = state->actor->LastFailure(); !failure.empty()) {
      failures->push_back(std::move(failure));
    }
  }
}

void SimProcess::AppendDescription(std::string* text) const {
  for (size_t i = 0; i < actors_.size(); ++i) {
    const ActorState& state = *actors_[i];
    if (state.actor == nullptr) continue;
    absl::StrAppend(text, "  actor ", i + 1, ": ", state.actor->Describe());
    if (!state.waiting.empty()) absl::StrAppend(text, " (", state.waiting.size(), " events wait)");
    absl::StrAppend(text, "\n");
  }
}

}  // namespace weir::sim
