#include "faults/injector.h"

#include <algorithm>

#include "faults/fault_kinds.h"
#include "runtime/base/check.h"

namespace weir::faults {
namespace {

// Events that a subtask emits itself and at which it can fail.
bool IsSubtaskPoint(EventId id) {
  if (Info(id).aim != Aim::kFault) return false;
  if (id == EventId::kSubtaskDeployed || id == EventId::kAcknowledgeReceived) return false;
  return FieldIndex(id, "vertex") >= 0 && FieldIndex(id, "subtask") >= 0;
}

bool IsCrash(FaultKind kind) {
  return kind == FaultKind::kCrashTaskManager || kind == FaultKind::kCrashJobManager;
}

bool FailsSubtask(FaultKind kind) { return kind == FaultKind::kCrashTask || kind == FaultKind::kRescale; }

}  // namespace

Injector::Injector(const Plan& plan, ClusterControl& control, uint64_t disk_capacity)
    : plan_(plan),
      control_(control),
      disk_capacity_(disk_capacity),
      random_(plan.seed),
      armed_(plan.faults.size()) {}

void Injector::Start() {
  for (size_t i = 0; i < plan_.faults.size(); ++i) Arm(i);
  world().AddObserver(this);
  world().At(plan_.liveness_at, [this] { BeginLiveness(); });
}

void Injector::Arm(size_t fault) {
  if (Info(action(fault).kind).target == FaultTarget::kRun) {
    // The strongest of several counts.
    if (!reorder_ || action(*reorder_).parameter < action(fault).parameter) reorder_ = fault;
    return;
  }
  const Trigger& trigger = plan_.faults[fault].trigger;
  Armed& armed = armed_[fault];
  const auto node = [this](const std::string& name) {
    if (name.empty()) return sim::kNoNode;
    const auto found = control_.nodes().find(name);
    WEIR_CHECK(found != control_.nodes().end(), "the plan names node ", name, ", which this cluster has not");
    return found->second;
  };
  armed.target = node(action(fault).node);
  armed.peer = node(action(fault).peer);
  armed.left = trigger.occurrence;
  if (trigger.node) armed.node = node(*trigger.node);
  EventId id = trigger.event;
  switch (trigger.kind) {
    case Trigger::Kind::kTime:
      world().At(trigger.at + trigger.delay, [this, fault] { (void)Strike(fault, sim::kNoNode, Event{}); });
      return;
    case Trigger::Kind::kPhase: {
      const auto phase = std::find_if(kCheckpointPhases.begin(), kCheckpointPhases.end(),
                                      [&](const CheckpointPhase& p) { return p.name == trigger.phase; });
      WEIR_CHECK(phase != kCheckpointPhases.end(), "no checkpoint phase is called ", trigger.phase);
      id = phase->begin;
      armed.once_per_checkpoint = true;
      break;
    }
    case Trigger::Kind::kEvent:
      break;
  }
  const auto test = [&](absl::string_view field, uint64_t value) {
    const int index = FieldIndex(id, field);
    WEIR_CHECK(index >= 0, "event ", Info(id).name, " has no field ", field);
    armed.tests.emplace_back(static_cast<size_t>(index), value);
  };
  for (const auto& [field, value] : trigger.where) test(field, value);
  if (trigger.scope != 0) {
    WEIR_CHECK(Info(id).scope != Scope::kRun, "event ", Info(id).name, " counts over the whole run");
    test(Info(id).scope == Scope::kAttempt ? "attempt" : "checkpoint", trigger.scope);
  }
  waiting_[static_cast<size_t>(id)].push_back(fault);
}

bool Injector::Watches(EventId id) const {
  if (phases_.Watches(id) || !waiting_[static_cast<size_t>(id)].empty()) return true;
  const bool fails_subtasks = std::any_of(plan_.faults.begin(), plan_.faults.end(),
                                          [](const Fault& f) { return FailsSubtask(f.action.kind); });
  return fails_subtasks && IsSubtaskPoint(id);
}

absl::Status Injector::OnEvent(NodeId node, const Event& event) {
  if (in_liveness_) return absl::OkStatus();
  if (phases_.Watches(event.id)) phases_.OnEvent(event);
  absl::Status result;
  if (!waiting_subtasks_.empty()) result = FailWaitingSubtask(node, event);
  // Strikes emit events, so this function may be entered again meanwhile: the lists are never
  // changed here.
  for (size_t fault : waiting_[static_cast<size_t>(event.id)]) {
    Armed& armed = armed_[fault];
    if (armed.done || !Matches(armed, node, event) || --armed.left > 0) continue;
    armed.done = true;
    const absl::Status status = Trip(fault, node, event);
    if (result.ok()) result = status;
  }
  return result;
}

std::optional<uint32_t> Injector::OnChoose(NodeId node, const Event& event, uint32_t count) {
  return event.id == EventId::kParallelismChosen ? ChooseParallelism(event, count)
                                                 : ChooseOrder(node, event, count);
}

std::optional<uint32_t> Injector::ChooseOrder(NodeId node, const Event& event, uint32_t count) {
  if (!reorder_ || in_liveness_) return std::nullopt;
  const auto draw = [&](DrawSite site, uint64_t number) {
    const uint64_t key = Mix(Mix(Field(event, "vertex"), Field(event, "subtask")), Field(event, "attempt"));
    return static_cast<uint32_t>(random_.Draw(site, key, number, count));
  };
  switch (event.id) {
    case EventId::kBroadcastOrderChosen:
      if (!armed_[*reorder_].done) Record(*reorder_, node, event, true);
      armed_[*reorder_].done = true;
      return static_cast<uint32_t>(std::min<uint64_t>(action(*reorder_).parameter, count - 1));
    case EventId::kBroadcastWindowChosen:
      return draw(DrawSite::kBroadcastWindow, 0);
    case EventId::kBroadcastElementChosen:
      return draw(DrawSite::kBroadcastElement, Field(event, "number"));
    default:
      return std::nullopt;
  }
}

bool Injector::Matches(Armed& armed, NodeId node, const Event& event) const {
  if (armed.node != sim::kNoNode && armed.node != node) return false;
  for (const auto& [field, value] : armed.tests) {
    if (event.fields[field] != value) return false;
  }
  // Every event that begins a phase carries the checkpoint as its first field.
  return !armed.once_per_checkpoint || armed.begun.insert(event.fields[0]).second;
}

absl::Status Injector::Trip(size_t fault, NodeId emitter, const Event& event) {
  const Duration delay = plan_.faults[fault].trigger.delay;
  if (delay == Duration()) return Strike(fault, emitter, event);
  world().At(world().now() + delay, [this, fault, emitter, event] {
    // Too late for the event's own point: a subtask fails at its next one.
    if (FailsSubtask(action(fault).kind) && !in_liveness_) {
      if (action(fault).kind == FaultKind::kRescale) return (void)StrikeRescale(fault, sim::kNoNode, event);
      waiting_subtasks_.push_back(fault);
    } else {
      (void)Strike(fault, emitter, event);
    }
  });
  return absl::OkStatus();
}

absl::Status Injector::Strike(size_t fault, NodeId emitter, const Event& event) {
  if (in_liveness_) return absl::OkStatus();
  if (action(fault).kind == FaultKind::kRescale) return StrikeRescale(fault, emitter, event);
  if (action(fault).kind == FaultKind::kCrashTask) {
    if (emitter == sim::kNoNode || !IsSubtaskPoint(event.id)) {
      waiting_subtasks_.push_back(fault);
      return absl::OkStatus();
    }
    Record(fault, emitter, event, true);
    return absl::FailedPreconditionError(absl::StrCat("fault ", fault, " of the plan fails this subtask"));
  }
  const bool effective = CanAct(fault);
  Record(fault, emitter, event, effective);
  if (effective) Act(fault);
  return absl::OkStatus();
}

absl::Status Injector::StrikeRescale(size_t fault, NodeId emitter, const Event& event) {
  const auto is_of = [this, fault](size_t firing) { return fired_[firing].fault == fault; };
  if (std::none_of(rescales_.begin(), rescales_.end(), is_of)) {
    rescales_.push_back(Record(fault, emitter, event, false));
  }
  if (emitter == sim::kNoNode || !IsSubtaskPoint(event.id)) {
    waiting_subtasks_.push_back(fault);
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat("fault ", fault, " of the plan rescales the job"));
}

std::optional<uint32_t> Injector::ChooseParallelism(const Event& event, uint32_t count) {
  const auto next = std::find_if(rescales_.begin(), rescales_.end(), [&](size_t firing) {
    const uint64_t wanted = action(fired_[firing].fault).parameter;
    return wanted >= 1 && wanted < count;
  });
  if (next == rescales_.end()) return std::nullopt;
  const size_t firing = *next;
  rescales_.erase(next);
  const size_t fault = fired_[firing].fault;
  // The job restarts anyway.
  waiting_subtasks_.erase(std::remove(waiting_subtasks_.begin(), waiting_subtasks_.end(), fault),
                          waiting_subtasks_.end());
  const auto wanted = static_cast<uint32_t>(action(fault).parameter);
  if (wanted == Field(event, "parallelism")) return 0;
  fired_[firing].effective = true;
  world().Emit(events::FaultFired(fault));
  return wanted;
}

absl::Status Injector::FailWaitingSubtask(NodeId emitter, const Event& event) {
  if (!IsSubtaskPoint(event.id)) return absl::OkStatus();
  for (size_t i = 0; i < waiting_subtasks_.size(); ++i) {
    const size_t fault = waiting_subtasks_[i];
    if (armed_[fault].target != sim::kNoNode && armed_[fault].target != emitter) continue;
    const std::map<std::string, uint64_t>& where = plan_.faults[fault].trigger.where;
    const bool other = std::any_of(where.begin(), where.end(), [&](const auto& entry) {
      const bool names = entry.first == "vertex" || entry.first == "subtask";
      return names && Field(event, entry.first) != entry.second;
    });
    if (other) continue;
    waiting_subtasks_.erase(waiting_subtasks_.begin() + static_cast<std::ptrdiff_t>(i));
    return Strike(fault, emitter, event);
  }
  return absl::OkStatus();
}

size_t Injector::Record(size_t fault, NodeId emitter, const Event& event, bool effective) {
  fired_.push_back({fault, world().now(), emitter, event, std::string(phases_.Phase()), effective});
  const size_t firing = fired_.size() - 1;
  changed_at_ = world().now();
  if (effective) world().Emit(events::FaultFired(fault));
  return firing;
}

bool Injector::CanAct(size_t fault) {
  const Armed& armed = armed_[fault];
  switch (action(fault).kind) {
    case FaultKind::kCrashTaskManager:
    case FaultKind::kCrashJobManager:
    case FaultKind::kClockJump:
      return world().IsAlive(armed.target);
    case FaultKind::kPause:
      return world().IsAlive(armed.target) && !world().IsPaused(armed.target);
    case FaultKind::kNetDelay:
    case FaultKind::kNetCut:
    case FaultKind::kNetCutOneWay:
    case FaultKind::kNetReset:
      return armed.target != armed.peer;
    case FaultKind::kDiskFlip:
      return world().disk(armed.target).used() > 0;
    default:
      return true;
  }
}

void Injector::Act(size_t fault) {
  const Armed& armed = armed_[fault];
  const Action& what = action(fault);
  if (IsCrash(what.kind)) return Crash(fault);
  if (what.kind == FaultKind::kNetReset) return world().network().Reset(armed.target, armed.peer);
  if (what.kind == FaultKind::kStoreLostResponse) {
    return control_.LoseStoreResponses(static_cast<uint32_t>(std::min<uint64_t>(what.parameter, ~0u)));
  }
  if (what.kind == FaultKind::kClockJump) {
    return world().JumpWallClock(armed.target, ClockJump(what.parameter));
  }
  if (what.kind == FaultKind::kDiskFlip) {
    world().disk(armed.target).FlipAnyBit(what.parameter);
    return;
  }
  lasting_.insert(fault);
  if (what.kind == FaultKind::kPause) {
    world().Pause(armed.target);
  } else {
    Apply(fault);
  }
  world().At(world().now() + what.duration, [this, fault] { End(fault); });
}

void Injector::Crash(size_t fault) {
  const NodeId node = armed_[fault].target;
  const Action& what = action(fault);
  // Its pauses die with the process.
  for (size_t i = 0; i < armed_.size(); ++i) {
    if (action(i).kind == FaultKind::kPause && armed_[i].target == node) lasting_.erase(i);
  }
  (what.parameter == kNeverRestarts ? gone_ : due_).insert(node);
  world().Crash(node, what.silent ? sim::CrashMode::kSilent : sim::CrashMode::kReset);
  if (what.parameter == kNeverRestarts) return;
  const Duration delay = Duration::Micros(static_cast<int64_t>(what.parameter));
  world().At(world().now() + delay, [this, node] { RestartIfDue(node); });
}

void Injector::RestartIfDue(NodeId node) {
  if (due_.erase(node) != 0 && !world().IsAlive(node)) world().Restart(node);
}

void Injector::OnProcessEnd(NodeId node) {
  if (due_.count(node) != 0 || gone_.count(node) != 0) return;
  world().At(world().now() + kSupervisorDelay, [this, node] {
    if (due_.count(node) == 0 && gone_.count(node) == 0 && !world().IsAlive(node)) world().Restart(node);
  });
}

void Injector::End(size_t fault) {
  if (lasting_.erase(fault) == 0) return;
  changed_at_ = world().now();
  if (action(fault).kind != FaultKind::kPause) return Apply(fault);
  const NodeId node = armed_[fault].target;
  if (world().IsAlive(node) && world().IsPaused(node)) world().Resume(node);
}

void Injector::Apply(size_t fault) {
  switch (Info(action(fault).kind).target) {
    case FaultTarget::kLink:
      ApplyLink(armed_[fault].target, armed_[fault].peer);
      return ApplyLink(armed_[fault].peer, armed_[fault].target);
    case FaultTarget::kStore:
      return ApplyStore();
    default:
      return ApplyDisk(armed_[fault].target);
  }
}

void Injector::ApplyLink(NodeId from, NodeId to) {
  bool cut = false;
  uint64_t extra = 0;
  for (size_t fault : lasting_) {
    const NodeId a = armed_[fault].target;
    const NodeId b = armed_[fault].peer;
    const bool forward = a == from && b == to;
    const bool backward = a == to && b == from;
    const FaultKind kind = action(fault).kind;
    if (kind == FaultKind::kNetCut && (forward || backward)) cut = true;
    if (kind == FaultKind::kNetCutOneWay && forward) cut = true;
    if (kind == FaultKind::kNetDelay && (forward || backward))
      extra = std::max(extra, action(fault).parameter);
  }
  sim::Network& network = world().network();
  if (cut && !network.IsCut(from, to)) network.Cut(from, to);
  if (!cut && network.IsCut(from, to)) network.Heal(from, to);
  network.Delay(from, to, Duration::Micros(static_cast<int64_t>(extra)));
}

void Injector::ApplyDisk(NodeId node) {
  bool full = false;
  bool failing = false;
  bool is_short = false;
  uint64_t factor = 1;
  for (size_t fault : lasting_) {
    if (armed_[fault].target != node) continue;
    const FaultKind kind = action(fault).kind;
    if (kind == FaultKind::kDiskFull) full = true;
    if (kind == FaultKind::kDiskError) failing = true;
    if (kind == FaultKind::kDiskShortRead) is_short = true;
    if (kind == FaultKind::kDiskSlow) factor = std::max(factor, action(fault).parameter);
  }
  sim::Disk& disk = world().disk(node);
  disk.SetCapacity(full ? disk.used() : disk_capacity_);
  disk.SetFailing(failing);
  disk.SetShortReads(is_short);
  disk.SetSlowdown(static_cast<uint32_t>(std::min<uint64_t>(factor, 1'000'000)));
}

void Injector::ApplyStore() {
  bool unavailable = false;
  uint64_t factor = 1;
  for (size_t fault : lasting_) {
    const FaultKind kind = action(fault).kind;
    if (kind == FaultKind::kStoreUnavailable) unavailable = true;
    if (kind == FaultKind::kStoreSlow) factor = std::max(factor, action(fault).parameter);
  }
  control_.SetStoreUnavailable(unavailable);
  control_.SetStoreSlowdown(static_cast<uint32_t>(std::min<uint64_t>(factor, 1'000'000)));
}

void Injector::BeginLiveness() {
  if (in_liveness_) return;
  in_liveness_ = true;
  world().Emit(events::PhaseLiveness());
  // A rescale that nothing restarted the job for is over too.
  const auto still_waits = [this](size_t firing) {
    return std::count(waiting_subtasks_.begin(), waiting_subtasks_.end(), fired_[firing].fault) != 0;
  };
  rescales_.erase(std::remove_if(rescales_.begin(), rescales_.end(), still_waits), rescales_.end());
  waiting_subtasks_.clear();
  const std::set<size_t> lasting = std::move(lasting_);
  lasting_.clear();
  for (size_t fault : lasting) {
    lasting_.insert(fault);
    End(fault);
  }
  world().network().HealAll();
  control_.LoseStoreResponses(0);
  const std::set<NodeId> due = due_;
  for (NodeId node : due) RestartIfDue(node);
}

std::string Injector::NearestFault() const {
  for (size_t i = fired_.size(); i-- > 0;) {
    if (!fired_[i].effective) continue;
    const absl::string_view name = Info(action(fired_[i].fault).kind).name;
    return fired_[i].phase.empty() ? std::string(name) : absl::StrCat(name, "@", fired_[i].phase);
  }
  return "";
}

}  // namespace weir::faults
