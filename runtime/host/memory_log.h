// Licensed under the Apache License, Version 2.0.
//
// Log over a LogState in the memory of this process: the host processes of one event loop thread
// share it by reference. It does not survive the program. (A host deployment would put a client of
// a real log in its place.)
#ifndef WEIR_RUNTIME_HOST_MEMORY_LOG_H_
#define WEIR_RUNTIME_HOST_MEMORY_LOG_H_

#include <string>
#include <vector>

#include "runtime/env/clock.h"
#include "runtime/env/executor.h"
#include "runtime/env/log_state.h"

namespace weir::host {

class MemoryLog : public Log {
 public:
  MemoryLog(const Clock& clock, Executor& executor, LogState& state)
      : clock_(clock), executor_(executor), state_(state) {}

  void Partitions(ActorId actor, std::string topic, Count count) override;
  void Fetch(ActorId actor, std::string topic, uint32_t partition, uint64_t offset, uint32_t max_records,
             Fetched fetched) override;
  void Append(ActorId actor, std::string topic, uint32_t partition, LogRecords records, Done done) override;
  void AppendInTransaction(ActorId actor, std::string transaction, uint64_t sequence, std::string topic,
                           uint32_t partition, LogRecords records, Done done) override;
  void Commit(ActorId actor, std::string transaction, Done done) override;
  void Abort(ActorId actor, std::string transaction, Done done) override;
  void OpenTransactions(ActorId actor, std::string prefix, Names names) override;

 private:
  const Clock& clock_;
  Executor& executor_;
  LogState& state_;
};

}  // namespace weir::host

#endif  // WEIR_RUNTIME_HOST_MEMORY_LOG_H_
