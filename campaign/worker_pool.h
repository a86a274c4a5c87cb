// Licensed under the Apache License, Version 2.0.
//
// Processes that do work one request at a time. A worker that dies (a signal, an exit) or gets stuck answers with its
// death and is replaced; nothing that it does can harm the process that owns the pool. Requests and responses are bytes.
#ifndef WEIR_CAMPAIGN_WORKER_POOL_H_
#define WEIR_CAMPAIGN_WORKER_POOL_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/base/time.h"

namespace weir::campaign {

class WorkerPool {
 public:
  // Runs in the worker. Advances `progress` while it works; a worker is stuck if that stands still.
  using Work = std::function<std::string(absl::string_view request, volatile uint64_t* progress)>;

  struct Answer {
    uint64_t ticket = 0;
    std::optional<std::string> response;
    // Without a response: "was killed by signal 6 (SIGABRT)", "exited with status 1", "was stuck".
    std::string death;
    bool stuck = false;
  };

  // REQUIRES: workers >= 1; no other thread runs in this process. Workers are forked at the first requests.
  WorkerPool(size_t workers, Work work, Duration stuck_after);
  // Ends the workers, also in the middle of their work.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  bool HasIdle() const;
  bool HasBusy() const;
  // REQUIRES: HasIdle(). kResourceExhausted if no process can be made.
  absl::Status Submit(uint64_t ticket, const std::string& request);
  // Answers that are there, waiting for the first one for at most `timeout_millis`.
  std::vector<Answer> Wait(int timeout_millis);
  // Submits one request and waits for its answer. REQUIRES: !HasBusy().
  absl::StatusOr<Answer> Ask(const std::string& request);

 private:
  struct Worker {
    pid_t process = 0;  // 0: none
    int to = -1;
    int from = -1;
    bool busy = false;
    uint64_t ticket = 0;
    std::string received;  // of the response
    volatile uint64_t* progress = nullptr;
    uint64_t seen_progress = 0;
    int64_t seen_at = 0;
  };

  absl::Status Start(Worker& worker);
  [[noreturn]] void Serve(Worker& worker, int request, int response);
  // Closes the pipes and waits for the process. What waitpid says.
  int Reap(Worker& worker);
  // True if an answer was appended.
  bool Receive(Worker& worker, std::vector<Answer>& answers);
  bool CheckStuck(Worker& worker, std::vector<Answer>& answers);

  const Work work_;
  const Duration stuck_after_;
  volatile uint64_t* progress_ = nullptr;  // one for each worker, in shared memory
  std::vector<Worker> workers_;
};

}  // namespace weir::campaign

#endif  // WEIR_CAMPAIGN_WORKER_POOL_H_
