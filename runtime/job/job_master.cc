#include "runtime/job/job_master.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/job/slot_assignment.h"

namespace weir {
namespace {

CheckpointCoordinator::Options CoordinatorOptions(const std::string& job_id, const JobConfig& config) {
  CheckpointCoordinator::Options options;
  options.job_id = job_id;
  options.checkpoint_dir = config.checkpoint_dir;
  options.interval = config.checkpointing ? config.checkpoint_interval : Duration();
  options.timeout = config.checkpoint_timeout;
  options.min_pause = config.min_pause;
  options.max_concurrent = config.max_concurrent_checkpoints;
  options.tolerable_failures = config.tolerable_failed_checkpoints;
  options.retry_delay = config.retry_delay;
  options.has_shared_files = config.incremental;
  return options;
}

}  // namespace

JobMaster::JobMaster(std::string job_id, uint64_t epoch, JobGraph graph, Env& env, StepDown step_down)
    : job_id_(std::move(job_id)),
      epoch_(epoch),
      graph_(std::move(graph)),
      env_(env),
      step_down_(std::move(step_down)),
      actor_(env.executor.AddActor(this)),
      task_managers_({epoch, graph_.config.heartbeat_interval, graph_.config.heartbeat_timeout}, env, actor_,
                     *this),
      store_({job_id_, epoch, graph_.config.retained_checkpoints, graph_.config.retry_delay}, actor_,
             env.executor, env.registry),
      coordinator_(CoordinatorOptions(job_id_, graph_.config), env, actor_, store_, *this),
      restarts_(graph_.config) {}

void JobMaster::Start() {
  store_.OnSuperseded([this](const absl::Status& status) { GiveUp(status); });
  task_managers_.Start();
  store_.TakeOver([this](const absl::Status& status) { OnTakenOver(status); });
}

void JobMaster::Stop() {
  task_managers_.Stop();
  env_.executor.RemoveActor(actor_);
}

void JobMaster::GiveUp(const absl::Status& reason) {
  if (std::exchange(has_given_up_, true)) return;
  step_down_(reason);
}

void JobMaster::OnTakenOver(const absl::Status& status) {
  if (!status.ok()) return GiveUp(status);
  coordinator_.DiscardOrphans();
  attempt_ = store_.record().attempt;
  rescaled_to_ = store_.record().parallelism;
  if (rescaled_to_ != 0) graph_.Rescale(rescaled_to_);
  if (store_.record().failed) {
    state_ = State::kFailed;
    return;
  }
  AwaitSlots();
}

// --- Bringing an attempt to run

bool JobMaster::HasEnoughSlots() const {
  return SlotsOffered(task_managers_.offers()) >= SlotsNeeded(graph_);
}

void JobMaster::AwaitSlots() {
  state_ = State::kWaitingForSlots;
  if (!HasEnoughSlots()) return;
  prepared_ ? Deploy() : BeginAttempt();
}

void JobMaster::ChooseParallelism() {
  // Before the first attempt nothing was running that could be rescaled.
  if (attempt_.value == 0) return;
  const uint32_t limit = std::min(SlotsOffered(task_managers_.offers()), graph_.RescaleLimit());
  if (limit == 0) return;
  const Attempt next(attempt_.value + 1);
  const uint32_t now = graph_.config.parallelism;
  const uint32_t chosen = env_.tracer.Choose(events::ParallelismChosen(next.value, now, limit), limit + 1);
  if (chosen == 0 || chosen == now) return;
  rescaled_to_ = chosen;
  graph_.Rescale(chosen);
  env_.tracer.Note(events::ParallelismChosen(next.value, chosen, limit));
}

void JobMaster::BeginAttempt() {
  state_ = State::kBeginningAttempt;
  ChooseParallelism();
  store_.BeginAttempt(rescaled_to_, [this](absl::StatusOr<Attempt> attempt) {
    if (!attempt.ok()) return GiveUp(attempt.status());
    attempt_ = *attempt;
    Recover();
  });
}

void JobMaster::Recover() {
  const std::optional<CheckpointPointer> pointer = ChooseCheckpoint(store_.record().retained);
  restored_ = pointer ? std::optional(pointer->id) : std::nullopt;
  const absl::Status reached =
      env_.tracer.Reach(events::RecoveryChosen(attempt_.value, pointer ? pointer->id.value : 0));
  if (absl::IsAborted(reached)) return;
  if (!reached.ok()) return FailAttempt(FailureCause::kRecoveryFailed, reached);
  if (pointer) return ReadCheckpoint(*pointer);
  prepared_.emplace();
  AwaitSlots();
}

void JobMaster::ReadCheckpoint(const CheckpointPointer& pointer) {
  state_ = State::kReadingCheckpoint;
  env_.store.Get(actor_, MetadataPath(pointer.path),
                 [this, pointer](absl::StatusOr<Blob> blob) { OnCheckpointRead(pointer, std::move(blob)); });
}

void JobMaster::OnCheckpointRead(const CheckpointPointer& pointer, absl::StatusOr<Blob> blob) {
  if (absl::IsUnavailable(blob.status())) {
    // Never an older checkpoint instead: see ChooseCheckpoint.
    env_.executor.After(actor_, graph_.config.retry_delay, [this, pointer] { ReadCheckpoint(pointer); });
    return;
  }
  if (!blob.ok()) return FailAttempt(FailureCause::kRecoveryFailed, blob.status());
  absl::StatusOr<RestoredState> assigned = AssignState(blob->bytes, pointer, &graph_);
  if (!assigned.ok()) return FailAttempt(FailureCause::kRecoveryFailed, assigned.status());
  prepared_ = *std::move(assigned);
  AwaitSlots();
}

void JobMaster::Deploy() {
  state_ = State::kDeploying;
  const uint32_t needed = SlotsNeeded(graph_);
  execution_.emplace(graph_, attempt_, AssignSlots(task_managers_.offers(), needed));
  const absl::Status reached =
      env_.tracer.Reach(events::JobScheduled(attempt_.value, graph_.config.parallelism));
  if (absl::IsAborted(reached)) return;
  if (!reached.ok()) return FailAttempt(FailureCause::kDeployFailed, reached);
  for (uint32_t v = 0; v < graph_.vertices.size(); ++v) {
    env_.tracer.Note(events::VertexScheduled(v, graph_.vertices[v].parallelism, attempt_.value));
  }
  for (SubtaskId subtask : execution_->subtasks()) {
    const absl::Status status = DeploySubtask(subtask);
    if (!status.ok()) return FailAttempt(FailureCause::kDeployFailed, status);
  }
  prepared_.reset();
}

absl::Status JobMaster::DeploySubtask(SubtaskId subtask) {
  DeployTask message;
  for (const JobVertex& vertex : graph_.vertices) {
    message.parallelism.push_back(vertex.parallelism);
    message.max_parallelism.push_back(vertex.max_parallelism);
  }
  message.task.job_id = job_id_;
  message.task.subtask = subtask;
  message.task.attempt = attempt_;
  message.task.producers = execution_->ProducersOf(subtask);
  message.task.checkpoints_path = absl::StrCat(graph_.config.checkpoint_dir, "/", job_id_);
  message.task.restored = restored_;
  const auto state = prepared_->find(subtask);
  if (state != prepared_->end()) message.task.restored_state = std::move(state->second);
  return task_managers_.Send(execution_->NodeOf(subtask), std::move(message));
}

void JobMaster::OnSubtaskRunning(SubtaskId subtask) {
  if (state_ != State::kDeploying || !execution_->Contains(subtask)) return;
  execution_->OnRunning(subtask);
  if (!execution_->AllRunning()) return;
  const absl::Status reached = env_.tracer.Reach(events::JobRunning(attempt_.value));
  if (absl::IsAborted(reached)) return;
  if (!reached.ok()) return FailAttempt(FailureCause::kDeployFailed, reached);
  state_ = State::kRunning;
  coordinator_.Start(attempt_, Plan());
}

CheckpointPlan JobMaster::Plan() const {
  CheckpointPlan plan;
  for (const JobVertex& vertex : graph_.vertices) {
    PlannedVertex& planned = plan.vertices.emplace_back();
    planned.name = vertex.name;
    planned.parallelism = vertex.parallelism;
    planned.max_parallelism = vertex.max_parallelism;
    for (const OperatorNode& node : vertex.chain) planned.operators.push_back({node.id, node.name, node.uid});
  }
  return plan;
}

// --- Failure and restart

void JobMaster::Explain(const absl::Status& status) {
  last_failure_ = absl::StrCat("attempt ", attempt_.value, " failed: ", status.message());
  is_explained_ = !absl::IsCancelled(status);
}

void JobMaster::ExplainLater(const absl::Status& status) {
  if (!is_explained_ && !absl::IsCancelled(status)) Explain(status);
}

void JobMaster::FailAttempt(FailureCause cause, const absl::Status& status) {
  if (state_ == State::kRestarting || state_ == State::kFailing || state_ == State::kFailed) return;
  Explain(status);
  coordinator_.Stop();
  prepared_.reset();
  const std::optional<Duration> delay = restarts_.OnFailure();
  state_ = delay ? State::kRestarting : State::kFailing;
  is_delay_over_ = !delay;
  if (delay) {
    // The attempt has failed whatever the fault point says.
    const auto number = static_cast<uint64_t>(cause);
    if (absl::IsAborted(env_.tracer.Reach(events::JobRestarting(attempt_.value, number)))) return;
    env_.executor.After(actor_, *delay, [this] {
      is_delay_over_ = true;
      OnEnded();
    });
  }
  CancelSubtasks();
  OnEnded();
}

void JobMaster::CancelSubtasks() {
  if (!execution_ || execution_->AllEnded()) return;
  Broadcast(CancelTasks{attempt_});
  // A task manager that does not even answer this is as good as lost.
  cancel_timer_ = env_.executor.After(actor_, graph_.config.heartbeat_timeout, [this] {
    const std::set<NodeId> nodes = execution_->live_nodes();
    for (NodeId node : nodes)
      task_managers_.Lose(node, absl::DeadlineExceededError("it did not cancel its subtasks"));
  });
}

void JobMaster::OnNodeEnded(NodeId node) {
  if (!execution_) return;
  execution_->OnNodeEnded(node);
  OnEnded();
}

void JobMaster::OnEnded() {
  if (state_ != State::kRestarting && state_ != State::kFailing) return;
  if (execution_ && !execution_->AllEnded()) return;
  env_.executor.Cancel(std::exchange(cancel_timer_, TimerId()));
  execution_.reset();
  if (!is_delay_over_) return;
  if (state_ == State::kRestarting) return AwaitSlots();
  state_ = State::kFailed;
  store_.MarkFailed([this](const absl::Status& status) {
    if (!status.ok()) return GiveUp(status);
    env_.tracer.Note(events::JobFailed(attempt_.value));
  });
}

// --- What task managers say

bool JobMaster::IsActive(Attempt attempt) const {
  return (state_ == State::kDeploying || state_ == State::kRunning) && attempt == attempt_;
}

void JobMaster::OnTaskManagerRegistered(NodeId) {
  if (state_ == State::kWaitingForSlots) AwaitSlots();
}

void JobMaster::OnTaskManagerLost(NodeId node, const absl::Status& reason) {
  if (!execution_ || execution_->live_nodes().count(node) == 0) return;
  execution_->OnNodeEnded(node);
  const absl::Status cause = WithContext(reason, absl::StrCat("task manager ", node.value));
  if (IsActive(attempt_)) return FailAttempt(FailureCause::kTaskManagerLost, cause);
  ExplainLater(cause);
  OnEnded();
}

void JobMaster::OnTaskManagerMessage(NodeId node, MessageBody body) {
  if (auto* running = std::get_if<SubtaskRunning>(&body)) {
    if (IsActive(running->attempt)) OnSubtaskRunning(running->subtask);
  } else if (auto* failed = std::get_if<SubtaskFailed>(&body)) {
    if (failed->attempt != attempt_ || !execution_ || !execution_->Contains(failed->subtask)) return;
    if (!IsActive(attempt_)) return ExplainLater(failed->cause);
    FailAttempt(FailureCause::kSubtaskFailed, failed->cause);  // it names the subtask
  } else if (auto* cancelled = std::get_if<TasksCancelled>(&body)) {
    if (!IsActive(attempt_) && cancelled->attempt >= attempt_) OnNodeEnded(node);
  } else if (auto* acknowledge = std::get_if<Acknowledge>(&body)) {
    coordinator_.Acknowledge(acknowledge->subtask, acknowledge->attempt, acknowledge->checkpoint,
                             std::move(acknowledge->snapshots));
  } else if (auto* decline = std::get_if<Decline>(&body)) {
    coordinator_.Decline(decline->attempt, decline->checkpoint, decline->cause);
  } else {
    task_managers_.Lose(node, absl::FailedPreconditionError("it sent what only a job manager sends"));
  }
}

void JobMaster::OnNewerEpoch(uint64_t epoch) {
  GiveUp(absl::AbortedError(absl::StrCat("a task manager has served the leader of epoch ", epoch)));
}

// --- What the checkpoint coordinator says

void JobMaster::Broadcast(const MessageBody& body) {
  for (NodeId node : execution_->live_nodes()) {
    const absl::Status status = task_managers_.Send(node, body);
    WEIR_CHECK(status.ok(), status.message());
  }
}

void JobMaster::TriggerCheckpoint(Attempt attempt, CheckpointId checkpoint) {
  Broadcast(weir::TriggerCheckpoint{attempt, checkpoint});
}

void JobMaster::NotifyComplete(Attempt attempt, CheckpointId checkpoint) {
  Broadcast(weir::NotifyComplete{attempt, checkpoint});
}

void JobMaster::NotifyAborted(Attempt attempt, CheckpointId checkpoint) {
  Broadcast(weir::NotifyAborted{attempt, checkpoint});
}

void JobMaster::FailJob(const absl::Status& cause) {
  if (state_ == State::kRunning) FailAttempt(FailureCause::kCheckpointFailures, cause);
}

// --- For people

std::string JobMaster::Describe() const {
  static constexpr absl::string_view kStates[] = {
      "taking over", "waiting for slots", "beginning an attempt", "reading the checkpoint",
      "deploying",   "running",           "restarting",           "failing",
      "failed"};
  std::string text = absl::StrCat("job, epoch ", epoch_, ", attempt ", attempt_.value, ": ",
                                  kStates[static_cast<size_t>(state_)], "; ", coordinator_.Describe());
  if (!last_failure_.empty()) absl::StrAppend(&text, "; last failure: ", last_failure_);
  return text;
}

std::string JobMaster::LastFailure() const {
  // What made the last attempt fail says all of its checkpoints.
  const std::string& of_checkpoint = coordinator_.is_running() ? coordinator_.last_failure() : "";
  return absl::StrCat(last_failure_, last_failure_.empty() || of_checkpoint.empty() ? "" : "; ",
                      of_checkpoint);
}

void JobMaster::AppendWaits(std::vector<Wait>* waits) const {
  switch (state_) {
    case State::kTakingOver:
    case State::kBeginningAttempt:
      waits->push_back({"job", "its record", "register"});
      break;
    case State::kWaitingForSlots: {
      const uint32_t missing = SlotsNeeded(graph_) - SlotsOffered(task_managers_.offers());
      waits->push_back({"job", absl::StrCat(missing, " slots"), "task manager"});
      break;
    }
    case State::kReadingCheckpoint:
      waits->push_back({"job", "the _metadata of its checkpoint", "object store"});
      break;
    case State::kDeploying:
      for (SubtaskId subtask : execution_->NotRunning()) {
        waits->push_back({"job", "the subtask to run", graph_.SubtaskName(subtask)});
      }
      break;
    case State::kRestarting:
    case State::kFailing:
      if (execution_) {
        for (NodeId node : execution_->live_nodes()) {
          waits->push_back(
              {"job", "its subtasks to be cancelled", absl::StrCat("task manager ", node.value)});
        }
      } else if (!is_delay_over_) {
        waits->push_back({"job", "the restart delay", ""});
      }
      break;
    case State::kRunning:
    case State::kFailed:
      break;
  }
  coordinator_.AppendWaits(waits);
}

}  // namespace weir
