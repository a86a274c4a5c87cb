#include "tests/task/mini_cluster.h"

#include <algorithm>
#include <utility>

#include "runtime/checkpoint/redistribution.h"

namespace weir {

// Hosts the subtasks of one node.
class MiniCluster::TaskManager : public Process,
                                 public Actor,
                                 private TaskListener,
                                 private ConnectionHandler {
 public:
  TaskManager(MiniCluster& cluster, Env& env)
      : cluster_(cluster), env_(env), graph_(cluster.build_()), actor_(env.executor.AddActor(this)) {
    env_.transport.Listen(actor_, kDataPort,
                          [this](ConnectionId, NodeId) -> ConnectionHandler* { return this; });
    for (const SubtaskId subtask : cluster_.Subtasks()) {
      if (cluster_.NodeOf(subtask) != env_.transport.node()) continue;
      subtasks_.push_back(Subtask::Create(graph_, cluster_.DescriptorOf(subtask), env_, *this));
    }
    env_.executor.Post(actor_, [this] {
      for (auto& subtask : subtasks_) subtask->Deploy();
    });
  }

  std::string Describe() const override { return "task manager of a test"; }
  const std::vector<std::unique_ptr<Subtask>>& subtasks() { return subtasks_; }
  void Do(Task task) { env_.executor.Post(actor_, std::move(task)); }

 private:
  void OnMessage(ConnectionId connection, Message message) override {
    const auto known = consumers_.find(connection);
    if (known != consumers_.end()) return known->second->OnMessage(connection, std::move(message));
    const auto request = PartitionRequest::Decode(message.body);
    if (request.ok()) {
      for (auto& subtask : subtasks_) {
        const TaskDescriptor& d = subtask->descriptor();
        if (d.subtask != request->producer || d.attempt != request->attempt) continue;
        if (ConnectionHandler* handler =
                subtask->AttachConsumer(connection, request->edge, request->consumer)) {
          consumers_[connection] = handler;
          return;
        }
      }
    }
    env_.transport.Close(connection);
  }
  void OnClosed(ConnectionId connection, const absl::Status& reason) override {
    const auto known = consumers_.find(connection);
    if (known != consumers_.end()) known->second->OnClosed(connection, reason);
  }
  void OnRunning(SubtaskId subtask, Attempt attempt) override { cluster_.OnRunning(subtask, attempt); }
  void OnFailed(SubtaskId, Attempt, const absl::Status& cause) override {
    cluster_.Restart(cause.ToString());
  }
  void OnAcknowledge(SubtaskId subtask, Attempt attempt, CheckpointId checkpoint,
                     std::vector<OperatorSnapshot> snapshots) override {
    cluster_.OnAcknowledge(subtask, attempt, checkpoint, std::move(snapshots));
  }
  void OnDecline(SubtaskId, Attempt attempt, CheckpointId checkpoint, const absl::Status&) override {
    cluster_.OnDecline(attempt, checkpoint);
  }

  MiniCluster& cluster_;
  Env& env_;
  const JobGraph graph_;
  const ActorId actor_;
  std::vector<std::unique_ptr<Subtask>> subtasks_;
  std::map<ConnectionId, ConnectionHandler*> consumers_;
};

MiniCluster::MiniCluster(Options options, std::function<JobGraph()> build)
    : options_(std::move(options)),
      build_(std::move(build)),
      graph_(build_()),
      world_(options_.world),
      services_(world_, {}) {
  world_.AddObserver(this);
}

void MiniCluster::Start() {
  services_.Start();
  for (uint32_t i = 0; i < options_.nodes; ++i) nodes_.push_back(world_.AddNode("tm" + std::to_string(i)));
  ++attempt_;
  for (const NodeId node : nodes_) {
    world_.Start(node, [this](Env& env) { return std::make_unique<TaskManager>(*this, env); });
  }
}

NodeId MiniCluster::NodeOf(SubtaskId subtask) const {
  return nodes_[(subtask.vertex.value + subtask.index) % nodes_.size()];
}

std::vector<SubtaskId> MiniCluster::Subtasks() const {
  std::vector<SubtaskId> subtasks;
  for (uint32_t v = 0; v < graph_.vertices.size(); ++v) {
    for (uint32_t i = 0; i < graph_.vertices[v].parallelism; ++i) subtasks.push_back({VertexId(v), i});
  }
  return subtasks;
}

TaskDescriptor MiniCluster::DescriptorOf(SubtaskId subtask) const {
  TaskDescriptor d;
  d.job_id = "0123456789abcdef0123456789abcdef";
  d.subtask = subtask;
  d.attempt = Attempt(attempt_);
  for (const uint32_t input : graph_.vertices[subtask.vertex.value].inputs) {
    const VertexId from = graph_.edges[input].from;
    std::vector<NodeId>& nodes = d.producers.emplace_back();
    for (uint32_t i = 0; i < graph_.vertices[from.value].parallelism; ++i) nodes.push_back(NodeOf({from, i}));
  }
  d.checkpoints_path = "checkpoints/" + d.job_id;
  if (completed_id_ != 0) {
    d.restored = CheckpointId(completed_id_);
    d.restored_state = completed_.at(subtask);
  }
  return d;
}

MiniCluster::TaskManager* MiniCluster::Manager(NodeId node) {
  return static_cast<TaskManager*>(world_.process(node));
}

template <typename F>
void MiniCluster::ForEachSubtask(F f) {
  for (const NodeId node : nodes_) {
    TaskManager* const manager = Manager(node);
    if (manager == nullptr) continue;
    manager->Do([manager, f] {
      for (auto& subtask : manager->subtasks()) f(*subtask);
    });
  }
}

void MiniCluster::CrashNode(uint32_t node) {
  world_.Crash(nodes_[node], sim::CrashMode::kReset);
  Restart("crash of a node");
}

void MiniCluster::Restart(const std::string& why) {
  failures_.push_back(why);
  if (is_restarting_) return;
  is_restarting_ = true;
  world_.At(world_.now() + options_.restart_delay, [this] { StartAttempt(); });
}

void MiniCluster::StartAttempt() {
  is_restarting_ = false;
  ++attempt_;
  running_.clear();
  pending_.reset();
  ended_splits_.clear();
  last_after_end_.reset();
  for (const NodeId node : nodes_) {
    if (world_.IsAlive(node)) world_.Crash(node, sim::CrashMode::kReset);
  }
  for (const NodeId node : nodes_) world_.Restart(node);
}

void MiniCluster::OnRunning(SubtaskId subtask, Attempt attempt) {
  if (attempt.value != attempt_) return;
  running_.insert(subtask);
  if (running_.size() != graph_.SubtaskCount() || options_.checkpoint_interval == Duration()) return;
  world_.At(world_.now() + options_.checkpoint_interval, [this, now = attempt_] {
    if (now == attempt_) Trigger();
  });
}

void MiniCluster::Trigger() {
  if (pending_.has_value() && world_.now() - triggered_at_ > Duration::Seconds(5)) Abort(*pending_);
  if (!pending_.has_value() && !is_restarting_) {
    const CheckpointId checkpoint(next_checkpoint_++);
    pending_ = checkpoint;
    triggered_at_ = world_.now();
    acknowledged_.clear();
    uint64_t splits = 0;
    for (const JobVertex& vertex : graph_.vertices) {
      for (const OperatorNode& node : vertex.chain) {
        if (node.is_source) splits += *services_.log().Partitions(node.source_topic);
      }
    }
    if (ended_splits_.size() == splits) {
      last_after_end_ = checkpoint.value;
      handled_ = 0;
    }
    ForEachSubtask([this, checkpoint](Subtask& subtask) {
      const JobVertex& vertex = graph_.vertices[subtask.descriptor().subtask.vertex.value];
      if (vertex.chain.front().is_source) subtask.TriggerCheckpoint(checkpoint);
    });
  }
  world_.At(world_.now() + options_.checkpoint_interval, [this, now = attempt_] {
    if (now == attempt_) Trigger();
  });
}

void MiniCluster::OnAcknowledge(SubtaskId subtask, Attempt attempt, CheckpointId checkpoint,
                                std::vector<OperatorSnapshot> snapshots) {
  if (attempt.value != attempt_ || pending_ != checkpoint) return;
  for (OperatorSnapshot& snapshot : snapshots) {
    ResolveRelativeFiles(&snapshot.state, "checkpoints/0123456789abcdef0123456789abcdef/chk-" +
                                              std::to_string(checkpoint.value));
  }
  acknowledged_[subtask] = std::move(snapshots);
  if (acknowledged_.size() != graph_.SubtaskCount()) return;
  completed_ = std::move(acknowledged_);
  completed_id_ = checkpoint.value;
  pending_.reset();
  ForEachSubtask([checkpoint](Subtask& s) { s.NotifyCheckpointComplete(checkpoint); });
}

void MiniCluster::OnDecline(Attempt attempt, CheckpointId checkpoint) {
  if (attempt.value == attempt_ && pending_ == checkpoint) Abort(checkpoint);
}

void MiniCluster::Abort(CheckpointId checkpoint) {
  pending_.reset();
  ForEachSubtask([checkpoint](Subtask& s) { s.NotifyCheckpointAborted(checkpoint); });
}

absl::Status MiniCluster::OnEvent(NodeId node, const Event& event) {
  ++counts_[static_cast<size_t>(event.id)];
  if (event.id == EventId::kSplitAtEnd && Field(event, "attempt") == attempt_) {
    ended_splits_.insert(Field(event, "vertex") << 32 | Field(event, "split"));
  }
  if (event.id == EventId::kNotifyCompleteHandled && last_after_end_ == Field(event, "checkpoint"))
    ++handled_;
  return on_event ? on_event(node, event) : absl::OkStatus();
}

bool MiniCluster::RunUntilDrained(Duration limit) {
  return world_
      .RunUntil([this] { return last_after_end_.has_value() && handled_ == graph_.SubtaskCount(); },
                world_.now() + limit)
      .ok();
}

void MiniCluster::RunFor(Duration time) {
  const absl::Status ignored = world_.RunUntil([] { return false; }, world_.now() + time);
  static_cast<void>(ignored);
}

std::string MiniCluster::BytesOf(const StreamHandle& stream) const {
  if (stream.kind == StreamHandle::Kind::kInline) return stream.bytes;
  const Blob* const blob = services_.store().Find(stream.path);
  WEIR_CHECK(blob != nullptr, "no object ", stream.path);
  return blob->bytes;
}

}  // namespace weir
