// Licensed under the Apache License, Version 2.0.
//
// Watches a run from outside: when it is done, and what it counted.
//
// A run is *drained* when, within one attempt, every split was read to its end, a checkpoint triggered after that is
// complete, and every subtask has handled the notice of it (its commits are acknowledged). Sources stay alive and idle
// at their end, so nothing else ends a run. A job without checkpointing is drained a settling time after its last split
// ended.
#ifndef WEIR_SCENARIOS_RUN_MONITOR_H_
#define WEIR_SCENARIOS_RUN_MONITOR_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "scenarios/run.h"
#include "sim/world.h"

namespace weir::scenarios {

class RunMonitor : public sim::Observer {
 public:
  // `splits` counts the splits of all source operators.
  RunMonitor(const sim::World& world, uint64_t splits, bool checkpointing);

  bool Watches(EventId id) const override;
  absl::Status OnEvent(NodeId node, const Event& event) override;

  bool drained() const { return drained_; }
  bool job_failed() const { return job_failed_; }
  uint64_t final_checkpoint() const { return final_checkpoint_; }
  // When the last split of the current attempt ended, if all have.
  std::optional<Instant> all_read() const { return all_read_; }
  const RunTotals& totals() const { return totals_; }

 private:
  void StartAttempt();
  void OnJobScheduled(const Event& event);
  void OnNotifyHandled(const Event& event);

  const sim::World& world_;
  const uint64_t splits_;
  const bool checkpointing_;

  std::set<std::pair<uint64_t, uint64_t>> ended_;  // (vertex, split)
  std::optional<Instant> all_read_;
  std::set<uint64_t> triggered_after_end_;
  std::set<uint64_t> completed_after_end_;
  std::map<uint64_t, std::set<std::pair<uint64_t, uint64_t>>> handled_;  // checkpoint -> (vertex, subtask)
  std::optional<uint64_t> attempt_;
  uint64_t subtasks_ = 0;     // of the attempt: a plan may rescale the job
  uint64_t parallelism_ = 0;  // of the job in the newest attempt that was deployed
  bool is_restored_ = false;  // the newest attempt begins from a checkpoint
  bool drained_ = false;
  bool job_failed_ = false;
  uint64_t final_checkpoint_ = 0;
  RunTotals totals_;
};

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_RUN_MONITOR_H_
