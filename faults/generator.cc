#include "faults/generator.h"

#include <algorithm>
#include <array>

#include "runtime/base/check.h"

namespace weir::faults {
namespace {

// What is drawn for one fault; part of the key of a draw, so append only.
enum class What : uint64_t {
  kCount,
  kKind,
  kTriggerKind,
  kTime,
  kAim,
  kOccurrence,
  kScope,
  kVictim,
  kPeer,
  kVertex,
  kSubtask,
  kSplit,
  kOffset,
  kSameNode,
  kDelay,
  kTimeout,
  kFactor,
  kJitter,
  kParameter,
  kSilent,
  kForever,
  kPhase,
  kNarrow,
  kReorder,
};

// Who emits an event, so whose crash at that very point makes sense.
enum class Emitter : uint8_t { kJobManager, kTask, kSink };

struct AimPoint {
  EventId event{};
  Emitter emitter{};
  uint64_t weight = 1;
};

// Steps at which something half-done can be lost.
constexpr std::array<AimPoint, 24> kAims{{
    {EventId::kCheckpointTriggered, Emitter::kJobManager, 2},
    {EventId::kAcknowledgeReceived, Emitter::kJobManager, 3},
    {EventId::kMetadataWriting, Emitter::kJobManager, 3},
    {EventId::kMetadataWritten, Emitter::kJobManager, 4},
    {EventId::kPointerStored, Emitter::kJobManager, 5},
    {EventId::kCheckpointCompleted, Emitter::kJobManager, 4},
    {EventId::kNotifyCompleteSent, Emitter::kJobManager, 4},
    {EventId::kRecoveryChosen, Emitter::kJobManager, 2},
    {EventId::kJobScheduled, Emitter::kJobManager, 1},
    {EventId::kJobRestarting, Emitter::kJobManager, 2},
    {EventId::kTaskManagerLost, Emitter::kJobManager, 2},
    {EventId::kBarrierInjected, Emitter::kTask, 3},
    {EventId::kBarrierReceived, Emitter::kTask, 4},
    {EventId::kBarrierAligned, Emitter::kTask, 4},
    {EventId::kSnapshotTaken, Emitter::kTask, 4},
    {EventId::kUploadStarted, Emitter::kTask, 4},
    {EventId::kUploadFinished, Emitter::kTask, 4},
    {EventId::kCheckpointAcknowledged, Emitter::kTask, 5},
    {EventId::kNotifyCompleteReceived, Emitter::kTask, 5},
    {EventId::kStateRestored, Emitter::kTask, 2},
    {EventId::kSubtaskRunning, Emitter::kTask, 1},
    {EventId::kTransactionPreCommitted, Emitter::kSink, 4},
    {EventId::kTransactionCommitting, Emitter::kSink, 5},
    {EventId::kTransactionCommitted, Emitter::kSink, 4},
}};

bool IsRecovery(EventId id) {
  return id == EventId::kRecoveryChosen || id == EventId::kJobScheduled || id == EventId::kJobRestarting ||
         id == EventId::kTaskManagerLost || id == EventId::kStateRestored || id == EventId::kSubtaskRunning;
}

uint64_t KindWeight(FaultKind kind) {
  switch (kind) {
    case FaultKind::kCrashTaskManager:
      return 10;
    case FaultKind::kCrashJobManager:
    case FaultKind::kCrashTask:
      return 6;
    case FaultKind::kPause:
    case FaultKind::kNetCut:
    case FaultKind::kStoreUnavailable:
      return 4;
    case FaultKind::kDiskFull:
    case FaultKind::kDiskSlow:
    case FaultKind::kDiskError:
    case FaultKind::kDiskShortRead:
    case FaultKind::kDiskFlip:
      return 2;
    case FaultKind::kClockJump:
      return 1;
    case FaultKind::kRescale:
      return 8;
    default:
      return 3;
  }
}

// Task managers that are given up and those that must stay: what the faults of a plan share.
class Nodes {
 public:
  explicit Nodes(const GeneratorInput& input)
      : slots_each_(input.slots_per_task_manager), left_(input.task_managers.size()) {
    NeedSlots(input.slots_needed);
  }
  uint64_t slots_left() const { return left_ * slots_each_; }
  bool HasSpare() const { return left_ > needed_; }
  void GiveUp() { --left_; }
  void NeedSlots(uint64_t slots) { needed_ = std::max(needed_, (slots + slots_each_ - 1) / slots_each_); }

 private:
  const uint64_t slots_each_;
  uint64_t left_;
  uint64_t needed_ = 0;
};

// Draws and builds one fault.
class FaultMaker {
 public:
  FaultMaker(const GeneratorInput& input, const Random& random, uint64_t fault, Nodes& nodes)
      : input_(input), random_(random), fault_(fault), nodes_(nodes) {}

  Fault Make(FaultKind kind) {
    Fault fault;
    fault.action.kind = kind;
    SetTarget(fault.action);
    SetTrigger(fault);
    SetStrength(fault.action);
    return fault;
  }

 private:
  uint64_t Draw(What what, uint64_t bound) const {
    return random_.Draw(DrawSite::kPlan, fault_, static_cast<uint64_t>(what), bound);
  }
  bool OneIn(What what, uint64_t denominator) const { return Draw(what, denominator) == 0; }
  const std::string& Pick(What what, const std::vector<std::string>& names) const {
    return names[Draw(what, names.size())];
  }
  // A weighted choice: the index into `weights`.
  size_t PickWeighted(What what, const std::vector<uint64_t>& weights) const {
    uint64_t total = 0;
    for (uint64_t weight : weights) total += weight;
    uint64_t drawn = Draw(what, total);
    size_t index = 0;
    while (drawn >= weights[index]) drawn -= weights[index++];
    return index;
  }

  void SetTarget(Action& action) const {
    switch (action.kind) {
      case FaultKind::kCrashJobManager:
        action.node = Pick(What::kVictim, input_.job_managers);
        return;
      case FaultKind::kPause:
      case FaultKind::kClockJump:
        action.node = Pick(What::kVictim, OneIn(What::kPeer, 5) ? input_.job_managers : input_.task_managers);
        return;
      case FaultKind::kCrashTaskManager:
      case FaultKind::kDiskFull:
      case FaultKind::kDiskSlow:
      case FaultKind::kDiskError:
      case FaultKind::kDiskShortRead:
      case FaultKind::kDiskFlip:
        action.node = Pick(What::kVictim, input_.task_managers);
        return;
      case FaultKind::kNetDelay:
      case FaultKind::kNetCut:
      case FaultKind::kNetCutOneWay:
      case FaultKind::kNetReset:
        SetLink(action);
        return;
      default:
        return;
    }
  }

  // Half of the links lead to a job manager, the rest to another task manager or to a service.
  void SetLink(Action& action) const {
    action.node = Pick(What::kVictim, input_.task_managers);
    std::vector<std::string> others = input_.services;
    for (const std::string& name : input_.task_managers) {
      if (name != action.node) others.push_back(name);
    }
    const bool to_job_manager = others.empty() || OneIn(What::kSameNode, 2);
    action.peer = Pick(What::kPeer, to_job_manager ? input_.job_managers : others);
    if (OneIn(What::kSilent, 2)) std::swap(action.node, action.peer);
  }

  void SetTrigger(Fault& fault) const {
    Trigger& trigger = fault.trigger;
    const uint64_t drawn = Draw(What::kTriggerKind, 100);
    if (fault.action.kind == FaultKind::kCrashTask) {
      // It strikes inside a subtask: by a step of one, or by a record.
      return drawn < 70 && input_.checkpointing ? SetEvent(fault) : SetRecord(trigger);
    }
    if (fault.action.kind == FaultKind::kRescale && drawn >= 60 && drawn < 80) {
      // Beside another fault: whatever fails the job, it comes back with another parallelism.
      trigger.kind = Trigger::Kind::kEvent;
      trigger.event = EventId::kJobRestarting;
      trigger.occurrence = 1 + Draw(What::kOccurrence, 3);
      return;
    }
    const bool aimed = input_.checkpointing && drawn < 60;
    if (aimed) return SetEvent(fault);
    if (drawn < 70 && input_.checkpointing) return SetPhase(trigger);
    if (drawn < 85 && !input_.splits.empty()) return SetRecord(trigger);
    trigger.kind = Trigger::Kind::kTime;
    const uint64_t range = static_cast<uint64_t>((input_.work + input_.work / 4).micros());
    trigger.at = Instant() + Duration::Micros(static_cast<int64_t>(Draw(What::kTime, range + 1)));
  }

  void SetEvent(Fault& fault) const {
    Trigger& trigger = fault.trigger;
    const FaultKind kind = fault.action.kind;
    const bool transactional = std::any_of(input_.vertices.begin(), input_.vertices.end(),
                                           [](const auto& vertex) { return vertex.is_transactional_sink; });
    std::vector<uint64_t> weights;
    for (const AimPoint& aim : kAims) {
      uint64_t weight = aim.weight;
      if (aim.emitter == Emitter::kSink && !transactional) weight = 0;
      const bool in_task = aim.emitter != Emitter::kJobManager;
      if (kind == FaultKind::kCrashTask && !in_task) weight = 0;
      // A job manager hurts most where it holds the pen, a task manager where it does.
      if (kind == FaultKind::kCrashJobManager && in_task) weight = (weight + 2) / 3;
      if (kind == FaultKind::kCrashTaskManager && !in_task) weight = (weight + 2) / 3;
      if (Info(kind).target == FaultTarget::kStore && aim.event == EventId::kUploadStarted) weight *= 6;
      if (Info(kind).target == FaultTarget::kStore && aim.event == EventId::kMetadataWriting) weight *= 4;
      weights.push_back(weight);
    }
    const AimPoint& aim = kAims[PickWeighted(What::kAim, weights)];
    trigger.kind = Trigger::Kind::kEvent;
    trigger.event = aim.event;
    SetScope(trigger, aim);
    const Action& action = fault.action;
    const bool victim_emits = (aim.emitter == Emitter::kJobManager) == (kind == FaultKind::kCrashJobManager);
    const bool has_victim = kind == FaultKind::kCrashTaskManager || kind == FaultKind::kCrashJobManager;
    if (kind == FaultKind::kCrashTask || (aim.emitter == Emitter::kSink && OneIn(What::kNarrow, 2))) {
      SetSubtask(trigger, aim);
    } else if (has_victim && victim_emits && !OneIn(What::kSameNode, 4)) {
      // At that very point, from inside: the classic crash between two steps.
      trigger.node = action.node;
    }
    if (kind != FaultKind::kCrashTask && OneIn(What::kDelay, 3)) {
      trigger.delay = Duration::Micros(static_cast<int64_t>(1 + Draw(What::kJitter, 20'000)));
    }
  }

  // Half of the triggers name the checkpoint or attempt, the others count over the whole run.
  void SetScope(Trigger& trigger, const AimPoint& aim) const {
    const int64_t interval = std::max<int64_t>(1, input_.checkpoint_interval.micros());
    const auto expected = static_cast<uint64_t>(std::clamp<int64_t>(input_.work.micros() / interval, 1, 40));
    if (IsRecovery(aim.event)) {
      trigger.occurrence = 1 + Draw(What::kOccurrence, 3);
    } else if (OneIn(What::kScope, 2)) {
      trigger.scope = 1 + Draw(What::kOccurrence, expected);
      trigger.occurrence = aim.emitter == Emitter::kTask ? 1 + Draw(What::kOffset, 3) : 1;
    } else {
      trigger.occurrence =
          1 + Draw(What::kOccurrence, aim.emitter == Emitter::kTask ? 2 * expected : expected);
    }
  }

  void SetSubtask(Trigger& trigger, const AimPoint& aim) const {
    std::vector<uint64_t> weights;
    for (const GeneratorInput::Vertex& vertex : input_.vertices) {
      const bool source_only = aim.event == EventId::kBarrierInjected;
      const bool never_source =
          aim.event == EventId::kBarrierReceived || aim.event == EventId::kBarrierAligned;
      const bool fits = (aim.emitter != Emitter::kSink || vertex.is_transactional_sink) &&
                        (!source_only || vertex.is_source) && (!never_source || !vertex.is_source);
      weights.push_back(fits ? vertex.parallelism : 0);
    }
    if (std::all_of(weights.begin(), weights.end(), [](uint64_t weight) { return weight == 0; })) return;
    const size_t vertex = PickWeighted(What::kVertex, weights);
    trigger.where["vertex"] = vertex;
    if (!OneIn(What::kSameNode, 3)) {
      trigger.where["subtask"] = Draw(What::kSubtask, input_.vertices[vertex].parallelism);
    }
  }

  void SetPhase(Trigger& trigger) const {
    trigger.kind = Trigger::Kind::kPhase;
    trigger.phase = std::string(kCheckpointPhases[Draw(What::kPhase, kCheckpointPhases.size())].name);
    trigger.occurrence = 1 + Draw(What::kOccurrence, 6);
    if (OneIn(What::kDelay, 2)) {
      trigger.delay = Duration::Micros(static_cast<int64_t>(1 + Draw(What::kJitter, 10'000)));
    }
  }

  void SetRecord(Trigger& trigger) const {
    trigger.kind = Trigger::Kind::kEvent;
    trigger.event = EventId::kRecordEmitted;
    if (input_.splits.empty()) {
      trigger.occurrence = 1 + Draw(What::kOffset, 1000);
      return;
    }
    const GeneratorInput::Split& split = input_.splits[Draw(What::kSplit, input_.splits.size())];
    trigger.where = {{"vertex", split.vertex}, {"split", split.split}};
    trigger.where["offset"] = Draw(What::kOffset, std::max<uint64_t>(1, split.records));
    if (OneIn(What::kOccurrence, 8)) trigger.occurrence = 2;  // when it is replayed
  }

  // A time on one side or the other of a timeout that matters, often close to it.
  Duration AroundTimeout(What which) const {
    std::vector<Duration> timeouts{input_.heartbeat_timeout, input_.heartbeat_timeout, input_.restart_delay};
    if (input_.checkpointing) {
      timeouts.push_back(input_.checkpoint_timeout);
      timeouts.push_back(input_.checkpoint_interval);
    }
    const Duration longest = input_.faulty_phase;
    timeouts.erase(std::remove_if(timeouts.begin(), timeouts.end(), [&](Duration d) { return d > longest; }),
                   timeouts.end());
    if (timeouts.empty()) timeouts.push_back(longest / 4);
    const Duration timeout = timeouts[Draw(which, timeouts.size())];
    // In sixteenths of the timeout: well below, just below, just above, well above.
    constexpr std::array<int64_t, 8> kSixteenths{1, 6, 12, 15, 17, 20, 28, 48};
    const int64_t micros = std::max<int64_t>(16, timeout.micros());
    const int64_t base = micros * kSixteenths[Draw(What::kFactor, kSixteenths.size())] / 16;
    return Duration::Micros(
        base + static_cast<int64_t>(Draw(What::kJitter, static_cast<uint64_t>(micros / 32 + 1))));
  }

  void SetStrength(Action& action) const {
    const std::optional<uint64_t> fixed = input_.allowed.kinds.at(action.kind);
    if (Info(action.kind).lasts) action.duration = AroundTimeout(What::kTimeout);
    switch (action.kind) {
      case FaultKind::kCrashTaskManager:
      case FaultKind::kCrashJobManager:
        action.silent = OneIn(What::kSilent, 4);
        action.parameter = static_cast<uint64_t>(RestartDelay(action.kind).micros());
        if (!fixed && action.kind == FaultKind::kCrashTaskManager && nodes_.HasSpare() &&
            OneIn(What::kForever, 16)) {
          nodes_.GiveUp();
          action.parameter = kNeverRestarts;
        }
        break;
      case FaultKind::kNetDelay:
        action.parameter =
            1000 + Draw(What::kParameter, static_cast<uint64_t>(input_.heartbeat_timeout.micros()) + 1);
        break;
      case FaultKind::kStoreSlow:
      case FaultKind::kDiskSlow:
        action.parameter = uint64_t{2} << Draw(What::kParameter, 8);
        break;
      case FaultKind::kRescale:
        action.parameter = NewParallelism();
        if (fixed) action.parameter = *fixed;
        nodes_.NeedSlots(std::min<uint64_t>(action.parameter, nodes_.slots_left()));
        return;
      case FaultKind::kClockJump: {
        // From milliseconds to minutes.
        const uint64_t millis = uint64_t{1} << Draw(What::kParameter, 18);
        action.parameter =
            millis + Draw(What::kJitter, millis) + (OneIn(What::kSilent, 2) ? kClockBackward : 0);
        break;
      }
      case FaultKind::kDiskFlip:
        action.parameter = Draw(What::kParameter, uint64_t{1} << 32);
        break;
      case FaultKind::kStoreLostResponse:
        action.parameter = 1 + Draw(What::kParameter, 4);
        break;
      default:
        return;
    }
    if (fixed) action.parameter = *fixed;
  }

  // Another one than the job has at first, as far as slots go.
  uint64_t NewParallelism() const {
    const uint64_t most = std::min<uint64_t>(nodes_.slots_left(), input_.parallelism_max);
    const uint64_t drawn = 1 + Draw(What::kParameter, std::max<uint64_t>(1, most - 1));
    return drawn < input_.parallelism || most == 1 ? drawn : drawn + 1;
  }

  Duration RestartDelay(FaultKind) const {
    // Also nearly at once: before a reset connection has been noticed.
    if (OneIn(What::kParameter, 6))
      return Duration::Micros(static_cast<int64_t>(Draw(What::kJitter, 10'000)));
    return AroundTimeout(What::kTimeout);
  }

  const GeneratorInput& input_;
  const Random& random_;
  const uint64_t fault_;
  Nodes& nodes_;
};

// Kinds that can be aimed at anything here, with their weights.
std::vector<std::pair<FaultKind, uint64_t>> Usable(const GeneratorInput& input) {
  std::vector<std::pair<FaultKind, uint64_t>> result;
  uint64_t total = 0;  // of the others
  for (const auto& [kind, parameter] : input.allowed.kinds) {
    if (kind == FaultKind::kCrashTask && input.vertices.empty()) continue;
    if (kind == FaultKind::kRescale && input.parallelism_max == 0) continue;
    if (Info(kind).group == "disk" && !input.has_state_on_disk) continue;
    if (Info(kind).target == FaultTarget::kRun) continue;  // no blow among others: see AddModes
    result.emplace_back(kind, KindWeight(kind));
    total += kind == input.preferred ? 0 : KindWeight(kind);
  }
  for (auto& [kind, weight] : result) {
    if (kind == input.preferred) weight = std::max(weight, total);
  }
  return result;
}

// What holds for the whole run.
void AddModes(const GeneratorInput& input, const Random& random, std::vector<Fault>* faults) {
  const auto reorder = input.allowed.kinds.find(FaultKind::kBroadcastReorder);
  if (reorder == input.allowed.kinds.end() || !input.has_broadcast) return;
  const bool is_drawn =
      random.Draw(DrawSite::kPlan, ~uint64_t{0}, static_cast<uint64_t>(What::kReorder), 2) == 0;
  if (!reorder->second.has_value() && !is_drawn) return;
  Fault fault;
  fault.action.kind = FaultKind::kBroadcastReorder;
  fault.action.parameter = reorder->second.value_or(1);
  faults->push_back(fault);
}

}  // namespace

std::vector<Fault> GenerateFaults(const GeneratorInput& input, const Random& random) {
  WEIR_CHECK(!input.job_managers.empty() && !input.task_managers.empty(),
             "a cluster has managers of both kinds");
  WEIR_CHECK(input.slots_per_task_manager > 0);
  const std::vector<std::pair<FaultKind, uint64_t>> usable = Usable(input);
  std::vector<Fault> faults;
  if (usable.empty()) {
    AddModes(input, random, &faults);
    return faults;
  }
  uint64_t total = 0;
  for (const auto& [kind, weight] : usable) total += weight;

  // Mostly a few, so that a failure can be understood; sometimes many, since some bugs need three
  // blows.
  constexpr std::array<uint8_t, 24> kCounts{0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2,
                                            3, 3, 3, 3, 4, 4, 4, 5, 5, 6, 7, 8};
  static_assert(kCounts.back() == kFaultsMax);
  const uint64_t run = ~uint64_t{0};
  const uint64_t pick =
      random.Draw(DrawSite::kPlan, run, static_cast<uint64_t>(What::kCount), kCounts.size());
  const uint64_t count = std::max<uint64_t>(kCounts[pick], input.faults_min);
  Nodes nodes(input);
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t drawn = random.Draw(DrawSite::kPlan, i, static_cast<uint64_t>(What::kKind), total);
    size_t index = 0;
    while (drawn >= usable[index].second) drawn -= usable[index++].second;
    faults.push_back(FaultMaker(input, random, i, nodes).Make(usable[index].first));
  }
  AddModes(input, random, &faults);
  return faults;
}

}  // namespace weir::faults
