// Licensed under the Apache License, Version 2.0.
#ifndef WEIR_RUNTIME_JOB_RESTART_STRATEGY_H_
#define WEIR_RUNTIME_JOB_RESTART_STRATEGY_H_

#include <cstdint>
#include <optional>

#include "runtime/base/time.h"
#include "runtime/task/job_config.h"

namespace weir {

// Flink's fixed-delay strategy: counts the failures of a leader's term, never forgets one.
class RestartStrategy {
 public:
  explicit RestartStrategy(const JobConfig& config)
      : attempts_(config.restart ? config.restart_attempts : 0), delay_(config.restart_delay) {}

  // The delay before the next attempt, or nothing: the job has failed for good.
  std::optional<Duration> OnFailure() {
    if (failures_ >= attempts_) return std::nullopt;
    ++failures_;
    return delay_;
  }

 private:
  uint32_t attempts_;
  Duration delay_;
  uint32_t failures_ = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_JOB_RESTART_STRATEGY_H_
