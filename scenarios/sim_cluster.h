// Licensed under the Apache License, Version 2.0.
//
// A whole cluster in a simulated world: job managers, task managers and services on their nodes, the job's graph in
// each process, source topics filled from the workload. What the injector acts on and what the oracle looks at.
#ifndef WEIR_SCENARIOS_SIM_CLUSTER_H_
#define WEIR_SCENARIOS_SIM_CLUSTER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "faults/cluster_control.h"
#include "properties/property.h"
#include "runtime/state/lockstep/lockstep_report.h"
#include "runtime/task/job_graph.h"
#include "scenarios/run.h"
#include "scenarios/workload.h"
#include "sim/services/cluster_services.h"
#include "sim/world.h"

namespace weir::scenarios {

// The graph that `scenario` builds under `options`; kInvalidArgument as one sentence.
absl::StatusOr<JobGraph> BuildGraph(const Scenario& scenario, const Configuration& options);

// The same as plain data, for the oracle.
properties::JobShape ShapeOf(const JobGraph& graph);

inline constexpr absl::string_view kJobId = "00000000000000000000000000000001";

class SimCluster : public faults::ClusterControl, public properties::Outside {
 public:
  // Everything given outlives the cluster. Nodes exist afterwards; processes run from Start() on.
  SimCluster(const Scenario& scenario, const faults::Plan& plan, const JobGraph& graph,
             const Workload& workload, bool keep_trace);
  ~SimCluster() override;

  void Start();

  sim::World& world() override { return *world_; }
  const std::map<std::string, NodeId>& nodes() const override { return nodes_; }
  void SetStoreUnavailable(bool unavailable) override;
  void SetStoreSlowdown(uint32_t factor) override;
  void LoseStoreResponses(uint32_t count) override;

  uint32_t Splits(absl::string_view topic) const override { return workload_.Splits(topic); }
  uint64_t SplitEnd(absl::string_view topic, uint32_t split) const override;
  const std::vector<absl::string_view>& SourceRecords(absl::string_view topic, uint32_t split) const override;
  std::string DescribeSourceRecord(absl::string_view topic, uint32_t split, uint64_t offset) const override;
  LogRecordsView Committed(absl::string_view topic) const override;
  std::optional<absl::string_view> Object(absl::string_view key) const override;
  std::vector<std::string> Objects(absl::string_view prefix) const override;
  std::string JobRecord() const override;
  std::map<std::string, std::string> Database() const override;
  WallTime WallClock(NodeId node) const override { return world_->WallClock(node); }
  properties::BackendAnswers Backends() const override;
  std::string BlameForCopies(absl::string_view operator_id, absl::string_view state) const override;

 private:
  void AddTopics(const JobGraph& graph);

  const Scenario& scenario_;
  const JobGraph& graph_;
  Configuration options_;
  const Workload& workload_;
  LockstepReport lockstep_;
  std::unique_ptr<sim::World> world_;
  std::unique_ptr<sim::ClusterServices> services_;
  std::map<std::string, NodeId> nodes_;
  std::vector<NodeId> job_managers_;
  std::vector<NodeId> task_managers_;
};

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_SIM_CLUSTER_H_
