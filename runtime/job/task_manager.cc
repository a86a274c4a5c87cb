#include "runtime/job/task_manager.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/state/rocksdb/rocks_keyed_backend.h"
#include "runtime/types/key_hash.h"

namespace weir {

TaskManager::TaskManager(Env& env, TaskManagerOptions options, SubtaskFactory factory)
    : env_(env),
      options_(std::move(options)),
      factory_(std::move(factory)),
      graph_(options_.graph()),
      actor_(env.executor.AddActor(this)),
      data_server_(env, actor_, graph_.config.partition_request_timeout,
                   [this](SubtaskId subtask) -> Subtask* {
                     const auto found = subtasks_.find(subtask);
                     return found == subtasks_.end() ? nullptr : found->second.get();
                   }) {
  WEIR_CHECK(!options_.job_managers.empty(), "a task manager needs to know where a leader may be");
  data_server_.Start();
  env_.executor.Post(actor_, [this] {
    if (graph_.config.backend == KeyedBackend::kRocksdb) CleanDisk();
    Connect();
  });
  env_.executor.After(actor_, graph_.config.heartbeat_interval, [this] { OnTick(); });
}

// What an earlier process left behind is of no use; what cannot be deleted is in nobody's way.
void TaskManager::CleanDisk() { RocksDatabase::DeleteFolder(env_.disk, kRocksFolder).IgnoreError(); }

// --- The leader

void TaskManager::Connect() {
  leader_ = env_.transport.Connect(actor_, options_.job_managers[candidate_], kJobManagerPort, this);
  last_heard_ = env_.clock.Now();
  const absl::Status status = Send(RegisterTaskManager{options_.slots, epoch_});
  WEIR_CHECK(status.ok(), status.message());
}

void TaskManager::OnRegistered(uint64_t epoch) {
  if (epoch < epoch_) return LoseLeader();  // deposed, and does not know it
  epoch_ = epoch;
  is_registered_ = true;
}

void TaskManager::LoseLeader() {
  if (!leader_) return;
  env_.transport.Close(*leader_);
  leader_.reset();
  is_registered_ = false;
  candidate_ = (candidate_ + 1) % options_.job_managers.size();
  while (!subtasks_.empty()) Retire(subtasks_.begin()->first);
  data_server_.DropWaiting();
  env_.executor.After(actor_, graph_.config.retry_delay, [this] { Connect(); });
}

void TaskManager::OnClosed(ConnectionId connection, const absl::Status&) {
  if (leader_ == connection) LoseLeader();
}

void TaskManager::OnTick() {
  env_.executor.After(actor_, graph_.config.heartbeat_interval, [this] { OnTick(); });
  if (!leader_) return;
  if (env_.clock.Now() - last_heard_ >= graph_.config.heartbeat_timeout) return LoseLeader();
  if (!is_registered_) return;
  env_.tracer.Note(events::HeartbeatSent(options_.job_managers[candidate_].value));
  const absl::Status status = Send(Heartbeat());
  WEIR_CHECK(status.ok(), status.message());
}

absl::Status TaskManager::Send(MessageBody body) {
  if (!leader_) return absl::OkStatus();
  ControlMessage message{epoch_, std::move(body)};
  const uint64_t unbilled = message.Unbilled();
  WEIR_ASSIGN_OR_RETURN(std::string bytes, std::move(message).Encode());
  env_.transport.Send(*leader_, Message{std::move(bytes), std::string(), unbilled});
  return absl::OkStatus();
}

void TaskManager::OnMessage(ConnectionId connection, Message message) {
  if (leader_ != connection) return;
  absl::StatusOr<ControlMessage> decoded = ControlMessage::Decode(message.body);
  if (!decoded.ok()) return LoseLeader();
  last_heard_ = env_.clock.Now();
  if (!is_registered_) {
    return std::holds_alternative<RegistrationAccepted>(decoded->body) ? OnRegistered(decoded->epoch)
                                                                       : LoseLeader();
  }
  if (decoded->epoch != epoch_) return LoseLeader();
  if (auto* deploy = std::get_if<DeployTask>(&decoded->body)) return Handle(std::move(*deploy));
  if (auto* cancel = std::get_if<CancelTasks>(&decoded->body)) return Handle(*cancel);
  if (auto* trigger = std::get_if<TriggerCheckpoint>(&decoded->body)) return Handle(*trigger);
  if (auto* complete = std::get_if<NotifyComplete>(&decoded->body)) return Handle(*complete);
  if (auto* aborted = std::get_if<NotifyAborted>(&decoded->body)) return Handle(*aborted);
  if (!std::holds_alternative<Heartbeat>(decoded->body)) LoseLeader();
}

// --- What the leader asks for

void TaskManager::Handle(DeployTask message) {
  const SubtaskId subtask = message.task.subtask;
  const Attempt attempt = message.task.attempt;
  if (subtask.vertex.value >= graph_.vertices.size()) return LoseLeader();  // it runs another program
  const auto old = subtasks_.find(subtask);
  if (old != subtasks_.end() && old->second->descriptor().attempt >= attempt) return;
  Retire(subtask);
  const absl::Status reached =
      env_.tracer.Reach(events::SubtaskDeployed(subtask.vertex.value, subtask.index, attempt.value));
  if (absl::IsAborted(reached)) return;
  if (!reached.ok()) {
    env_.tracer.Note(events::SubtaskFailed(subtask.vertex.value, subtask.index, attempt.value));
    return ReportFailure(subtask, attempt, reached);
  }
  if (!AdoptGraph(message)) return LoseLeader();
  std::unique_ptr<Subtask>& slot = subtasks_[subtask];
  slot = factory_(graph_, std::move(message.task), env_, *this);
  slot->Deploy();
  // Deploy may have failed at once.
  if (Find(subtask, attempt) != nullptr) data_server_.OnDeployed(subtask);
}

bool TaskManager::AdoptGraph(const DeployTask& message) {
  if (message.parallelism.size() != graph_.vertices.size()) return false;
  for (size_t i = 0; i < graph_.vertices.size(); ++i) {
    if (!CheckParallelism(message.parallelism[i], message.max_parallelism[i]).ok()) return false;
  }
  if (message.task.subtask.index >= message.parallelism[message.task.subtask.vertex.value]) return false;
  // What still runs of an older attempt reads the graph as it was.
  if (message.task.attempt.value > 0) CancelUpTo(Attempt(message.task.attempt.value - 1));
  graph_.SetParallelisms(message.parallelism);
  for (size_t i = 0; i < graph_.vertices.size(); ++i)
    graph_.vertices[i].max_parallelism = message.max_parallelism[i];
  return true;
}

void TaskManager::Handle(const CancelTasks& message) {
  CancelUpTo(message.attempt);
  const absl::Status status = Send(TasksCancelled{message.attempt});
  WEIR_CHECK(status.ok(), status.message());
}

void TaskManager::Handle(const TriggerCheckpoint& message) {
  ForEach(message.attempt, [this, &message](Subtask& subtask) {
    const JobVertex& vertex = graph_.vertices[subtask.descriptor().subtask.vertex.value];
    if (vertex.inputs.empty()) subtask.TriggerCheckpoint(message.checkpoint);
  });
}

void TaskManager::Handle(const NotifyComplete& message) {
  ForEach(message.attempt,
          [&message](Subtask& subtask) { subtask.NotifyCheckpointComplete(message.checkpoint); });
}

void TaskManager::Handle(const NotifyAborted& message) {
  ForEach(message.attempt,
          [&message](Subtask& subtask) { subtask.NotifyCheckpointAborted(message.checkpoint); });
}

// --- Subtasks

Subtask* TaskManager::Find(SubtaskId subtask, Attempt attempt) {
  const auto found = subtasks_.find(subtask);
  return found != subtasks_.end() && found->second->descriptor().attempt == attempt ? found->second.get()
                                                                                    : nullptr;
}

void TaskManager::ForEach(Attempt attempt, const std::function<void(Subtask&)>& visit) {
  std::vector<SubtaskId> ids;  // a visit may end subtasks
  for (const auto& [id, subtask] : subtasks_) ids.push_back(id);
  for (SubtaskId id : ids) {
    if (Subtask* subtask = Find(id, attempt)) visit(*subtask);
  }
}

void TaskManager::Retire(SubtaskId subtask) {
  const auto found = subtasks_.find(subtask);
  if (found == subtasks_.end()) return;
  std::unique_ptr<Subtask> retired = std::move(found->second);
  subtasks_.erase(found);
  retired->Cancel();
  data_server_.OnStopped(*retired);
  retired_.push_back(std::move(retired));
  if (retired_.size() > 1) return;
  env_.executor.Post(actor_, [this] {
    for (const std::unique_ptr<Subtask>& one : retired_) one->Close();
    retired_.clear();
  });
}

void TaskManager::CancelUpTo(Attempt attempt) {
  std::vector<SubtaskId> cancelled;
  for (const auto& [id, subtask] : subtasks_) {
    if (subtask->descriptor().attempt <= attempt) cancelled.push_back(id);
  }
  for (SubtaskId id : cancelled) Retire(id);
}

void TaskManager::OnRunning(SubtaskId subtask, Attempt attempt) {
  if (Find(subtask, attempt) == nullptr) return;
  const absl::Status status = Send(SubtaskRunning{subtask, attempt});
  WEIR_CHECK(status.ok(), status.message());
}

void TaskManager::OnFailed(SubtaskId subtask, Attempt attempt, const absl::Status& cause) {
  if (Find(subtask, attempt) == nullptr) return;
  Retire(subtask);
  ReportFailure(subtask, attempt, cause);
}

void TaskManager::ReportFailure(SubtaskId subtask, Attempt attempt, const absl::Status& cause) {
  WEIR_CHECK(!cause.ok(), "a failure without a cause");
  const absl::Status status = Send(SubtaskFailed{subtask, attempt, cause});
  WEIR_CHECK(status.ok(), status.message());
}

void TaskManager::OnAcknowledge(SubtaskId subtask, Attempt attempt, CheckpointId checkpoint,
                                std::vector<OperatorSnapshot> snapshots) {
  if (Find(subtask, attempt) == nullptr) return;
  const absl::Status status = Send(Acknowledge{subtask, attempt, checkpoint, std::move(snapshots)});
  if (!status.ok()) OnDecline(subtask, attempt, checkpoint, status);
}

void TaskManager::OnDecline(SubtaskId subtask, Attempt attempt, CheckpointId checkpoint,
                            const absl::Status& cause) {
  if (Find(subtask, attempt) == nullptr) return;
  const absl::Status status = Send(Decline{subtask, attempt, checkpoint, cause});
  WEIR_CHECK(status.ok(), status.message());
}

// --- For people

std::string TaskManager::Describe() const {
  return absl::StrCat("task manager ", env_.transport.node().value, ", epoch ", epoch_, ", ",
                      is_registered_ ? "registered" : "without a leader", ", ", subtasks_.size(),
                      " subtasks");
}

void TaskManager::AppendWaits(std::vector<Wait>* waits) const {
  if (!is_registered_) {
    waits->push_back({absl::StrCat("task manager ", env_.transport.node().value), "a leader", "job manager"});
  }
  data_server_.AppendWaits(waits);
}

}  // namespace weir
