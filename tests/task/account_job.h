// Licensed under the Apache License, Version 2.0.
//
// The job of the subtask tests: transactions -> map -> running total by account -> sink, and what must come out.
#ifndef WEIR_TESTS_TASK_ACCOUNT_JOB_H_
#define WEIR_TESTS_TASK_ACCOUNT_JOB_H_

#include <functional>
#include <map>
#include <string>

#include "runtime/base/configuration.h"
#include "runtime/task/job_graph.h"
#include "tests/task/mini_cluster.h"

namespace weir {

struct AccountJob {
  Configuration options;
  uint32_t splits = 2;
  uint64_t records = 200;                   // of each split
  Duration interval = Duration::Millis(3);  // between records of a split
  bool is_transactional = true;

  JobGraph Build() const;
  void AddTopics(LogState& log) const;

  struct Output {
    size_t records = 0;
    size_t duplicates = 0;                   // records whose identity was there before
    std::map<int64_t, int64_t> last_totals;  // by account, the largest: amounts are positive
  };
  Output Read(const LogState& log) const;
  // What exactly once gives.
  Output Expected() const;
};

}  // namespace weir

#endif  // WEIR_TESTS_TASK_ACCOUNT_JOB_H_
