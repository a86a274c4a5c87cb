// Licensed under the Apache License, Version 2.0.
//
// The process that may lead: takes part in the election, and while it leads runs a JobMaster. A job manager that stands by
// refuses task managers, which go on to the next one.
#ifndef WEIR_RUNTIME_JOB_JOB_MANAGER_H_
#define WEIR_RUNTIME_JOB_JOB_MANAGER_H_

#include <memory>

#include "runtime/job/cluster.h"
#include "runtime/job/job_master.h"
#include "runtime/job/leader_election.h"

namespace weir {

class JobManager : public Process, public Actor, private LeaderElection::Listener {
 public:
  JobManager(Env& env, JobManagerOptions options);

  std::string Describe() const override;
  void AppendWaits(std::vector<Wait>* waits) const override;

 private:
  void OnElected(uint64_t epoch) override;
  void OnDeposed(const absl::Status& reason) override;

  Env& env_;
  const JobManagerOptions options_;
  const ActorId actor_;
  std::unique_ptr<LeaderElection> election_;
  std::unique_ptr<JobMaster> master_;  // while leading
  uint64_t term_ = 0;                  // counts masters, so that what an old one posted does not hit the next
};

}  // namespace weir

#endif  // WEIR_RUNTIME_JOB_JOB_MANAGER_H_
