// Licensed under the Apache License, Version 2.0.
//
// A job in a simulated world without job manager: the harness deploys subtasks on a few nodes, triggers checkpoints,
// counts acknowledgements and, after a failure, starts everything again from the last complete checkpoint. It keeps in
// its own memory what a job manager would keep in the register, so it tests subtasks and nothing else.
#ifndef WEIR_TESTS_TASK_MINI_CLUSTER_H_
#define WEIR_TESTS_TASK_MINI_CLUSTER_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/task/subtask.h"
#include "sim/services/cluster_services.h"
#include "sim/world.h"

namespace weir {

class MiniCluster : public sim::Observer {
 public:
  struct Options {
    sim::WorldOptions world;
    uint32_t nodes = 2;
    Duration checkpoint_interval = Duration::Millis(100);  // zero: none
    Duration restart_delay = Duration::Millis(200);
  };
  // `build` makes an equal graph each time.
  MiniCluster(Options options, std::function<JobGraph()> build);

  sim::World& world() { return world_; }
  sim::ClusterServices& services() { return services_; }
  void Start();
  // Runs until every split was read to its end and a checkpoint that was triggered after that is complete and handled
  // by everybody. False: not within `limit`, or the run failed a check.
  bool RunUntilDrained(Duration limit);
  void RunFor(Duration time);
  void CrashNode(uint32_t node);

  // Called for each event before the engine sees its status.
  std::function<absl::Status(NodeId, const Event&)> on_event;

  // Answers the choices of the engine, if set.
  std::function<std::optional<uint32_t>(const Event&, uint32_t count)> on_choose;

  uint32_t attempt() const { return attempt_; }
  uint64_t completed() const { return completed_id_; }
  uint64_t count(EventId id) const { return counts_[static_cast<size_t>(id)]; }
  const std::vector<std::string>& failures() const { return failures_; }
  const JobGraph& graph() const { return graph_; }
  // What the last complete checkpoint holds, by subtask; paths are whole keys of the object store.
  const std::map<SubtaskId, std::vector<OperatorSnapshot>>& checkpoint() const { return completed_; }
  // The bytes behind a handle of it. REQUIRES: they are there.
  std::string BytesOf(const StreamHandle& stream) const;

 private:
  class TaskManager;
  friend class TaskManager;

  absl::Status OnEvent(NodeId node, const Event& event) override;
  std::optional<uint32_t> OnChoose(NodeId, const Event& event, uint32_t count) override {
    return on_choose ? on_choose(event, count) : std::nullopt;
  }
  NodeId NodeOf(SubtaskId subtask) const;
  std::vector<SubtaskId> Subtasks() const;
  TaskDescriptor DescriptorOf(SubtaskId subtask) const;
  void StartAttempt();
  void Restart(const std::string& why);
  void Trigger();
  void OnRunning(SubtaskId subtask, Attempt attempt);
  void OnAcknowledge(SubtaskId subtask, Attempt attempt, CheckpointId checkpoint,
                     std::vector<OperatorSnapshot> snapshots);
  void OnDecline(Attempt attempt, CheckpointId checkpoint);
  void Abort(CheckpointId checkpoint);
  TaskManager* Manager(NodeId node);
  template <typename F>
  void ForEachSubtask(F f);

  const Options options_;
  const std::function<JobGraph()> build_;
  const JobGraph graph_;
  sim::World world_;
  sim::ClusterServices services_;
  std::vector<NodeId> nodes_;
  uint32_t attempt_ = 0;
  bool is_restarting_ = false;
  std::set<SubtaskId> running_;
  uint64_t next_checkpoint_ = 1;
  std::optional<CheckpointId> pending_;
  Instant triggered_at_;
  std::map<SubtaskId, std::vector<OperatorSnapshot>> acknowledged_;
  std::map<SubtaskId, std::vector<OperatorSnapshot>> completed_;
  uint64_t completed_id_ = 0;
  std::vector<uint64_t> counts_ = std::vector<uint64_t>(kEventCount);
  std::vector<std::string> failures_;
  std::set<uint64_t> ended_splits_;  // of this attempt
  std::optional<uint64_t> last_after_end_;
  size_t handled_ = 0;
};

}  // namespace weir

#endif  // WEIR_TESTS_TASK_MINI_CLUSTER_H_
