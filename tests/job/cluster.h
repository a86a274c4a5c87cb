// Licensed under the Apache License, Version 2.0.
//
// A whole cluster in a simulated world: services, job managers, task managers, and the accounts job. Processes that die
// are started again after a delay, unless told otherwise.
#ifndef WEIR_TESTS_JOB_CLUSTER_H_
#define WEIR_TESTS_JOB_CLUSTER_H_

#include <array>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/checkpoint/job_record.h"
#include "runtime/job/cluster.h"
#include "sim/services/cluster_services.h"
#include "sim/world.h"
#include "tests/task/account_job.h"

namespace weir {

class Cluster : public sim::Observer {
 public:
  struct Options {
    uint64_t seed = 1;
    uint32_t job_managers = 1;
    uint32_t task_managers = 2;
    uint32_t slots = 1;
    Duration restart_after = Duration::Millis(300);  // of a process that died; zero: never
    std::vector<std::pair<std::string, std::string>> settings;
  };
  explicit Cluster(Options options);

  sim::World& world() { return *world_; }
  sim::ClusterServices& services() { return *services_; }
  NodeId job_manager(uint32_t i) const { return job_managers_[i]; }
  NodeId task_manager(uint32_t i) const { return task_managers_[i]; }

  // Runs until every record was read and is committed exactly once; false if that takes longer, or ends wrongly.
  bool RunUntilDrained(Duration limit = Duration::Seconds(120));
  bool RunUntil(const std::function<bool()>& done, Duration limit = Duration::Seconds(60));
  void RunFor(Duration time);
  // Everything committed so far and its count; empty text if it is exactly what it should be at the end.
  std::string Difference();

  uint64_t count(EventId id) const { return counts_[static_cast<size_t>(id)]; }
  // The last event of this kind. REQUIRES: there was one.
  const Event& last(EventId id) const { return *last_[static_cast<size_t>(id)]; }
  JobRecord Record() const;
  std::string Explain();

  // Asked for each event; its status is the emitter's.
  std::function<absl::Status(NodeId, const Event&)> on_event;
  // Asked for each choice that the engine leaves to the world; absent: 0.
  std::function<uint32_t(const Event&, uint32_t count)> on_choose;
  // At the n-th event of this kind, the process that emitted it dies.
  void CrashAt(EventId id, uint64_t nth);

  static constexpr absl::string_view kJobId = "0123456789abcdef0123456789abcdef";

 private:
  absl::Status OnEvent(NodeId node, const Event& event) override;
  std::optional<uint32_t> OnChoose(NodeId, const Event& event, uint32_t count) override {
    return on_choose ? std::optional(on_choose(event, count)) : std::nullopt;
  }
  void Check(const Event& event);

  Options options_;
  AccountJob job_;
  std::unique_ptr<sim::World> world_;
  std::unique_ptr<sim::ClusterServices> services_;
  std::vector<NodeId> job_managers_, task_managers_;
  std::array<uint64_t, kEventCount> counts_{};
  std::array<std::optional<Event>, kEventCount> last_{};
  std::set<uint64_t> completed_;
  uint64_t attempt_ = 0;
  std::string broken_;  // a rule of job control that an event broke
};

}  // namespace weir

#endif  // WEIR_TESTS_JOB_CLUSTER_H_
