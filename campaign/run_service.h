// Licensed under the Apache License, Version 2.0.
//
// Runs in worker processes: a seed or a plan goes in, a record comes out, whatever the run does to its process.
#ifndef WEIR_CAMPAIGN_RUN_SERVICE_H_
#define WEIR_CAMPAIGN_RUN_SERVICE_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "campaign/run_record.h"
#include "campaign/target.h"
#include "campaign/worker_pool.h"

namespace weir::campaign {

class RunService {
 public:
  struct Answer {
    uint64_t ticket = 0;
    size_t target = 0;
    RunRecord record;
    std::vector<std::pair<std::string, std::string>> claims;  // property, claim
  };

  // Every run of a seed that this divides tells which events it reached: watching each costs time.
  static constexpr uint64_t kCoverageSample = 16;

  // `targets` outlive the service. A run in which no event happens for `stuck_after` of real time is given up.
  RunService(const std::vector<Target>& targets, size_t workers, Duration stuck_after);

  bool HasIdle() const { return pool_.HasIdle(); }
  bool HasBusy() const { return pool_.HasBusy(); }
  // REQUIRES: HasIdle(), and no other request with this ticket is under way.
  absl::Status SubmitSeed(uint64_t ticket, size_t target, uint64_t seed);
  std::vector<Answer> Wait(int timeout_millis);

  // One at a time. REQUIRES: !HasBusy(). An error means that no process could be made; a run that kills its process is
  // an answer like others.
  absl::StatusOr<Answer> RunPlan(size_t target, const faults::Plan& plan);
  // kAborted if the generator killed its process.
  absl::StatusOr<faults::Plan> MakePlan(size_t target, uint64_t seed);
  absl::StatusOr<std::vector<faults::KeptRecords>> Records(size_t target, const faults::Plan& plan);

 private:
  enum class Kind : uint8_t { kRunSeed, kRunPlan, kMakePlan, kRecords };
  static std::string Work(const std::vector<Target>& targets, absl::string_view request,
                          volatile uint64_t* progress);
  Answer Decode(WorkerPool::Answer raw, size_t target, uint64_t seed) const;
  absl::StatusOr<std::string> AskForText(Kind kind, size_t target, uint64_t seed, const std::string& plan);

  const std::vector<Target>& targets_;
  WorkerPool pool_;
  std::map<uint64_t, std::pair<size_t, uint64_t>> under_way_;  // ticket -> target, seed
};

}  // namespace weir::campaign

#endif  // WEIR_CAMPAIGN_RUN_SERVICE_H_
