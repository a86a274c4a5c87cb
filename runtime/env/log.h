// Licensed under the Apache License, Version 2.0.
//
// The partitioned, transactional log outside the engine (what Kafka is to Flink): sources read topics by (partition,
// offset), sinks append plainly or in transactions that become visible to read-committed readers as one.
//
// The life of a transaction, named by the sink:   (none) -> open -> committed | aborted
//   Commit of a committed one is OK, of an aborted or unknown one kFailedPrecondition.
//   Abort of an aborted or unknown one is OK, of a committed one kFailedPrecondition.
//   Append to one that is not open is kFailedPrecondition. A first append opens it.
//   Appends carry a sequence number, so that a retried one is applied once.
//   An open transaction may expire (abort) after the log's transaction timeout.
#ifndef WEIR_RUNTIME_ENV_LOG_H_
#define WEIR_RUNTIME_ENV_LOG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "runtime/base/ids.h"
#include "runtime/env/log_records.h"

namespace weir {

struct LogBatch {
  LogRecords records;
  uint64_t next_offset = 0;  // where to go on
  bool at_end = false;       // no record lies at next_offset, and none will come
};

class Log {
 public:
  virtual ~Log() = default;
  using Done = absl::AnyInvocable<void(absl::Status)>;
  using Fetched = absl::AnyInvocable<void(absl::StatusOr<LogBatch>)>;
  using Names = absl::AnyInvocable<void(absl::StatusOr<std::vector<std::string>>)>;
  using Count = absl::AnyInvocable<void(absl::StatusOr<uint32_t>)>;

  // How many partitions `topic` has now; there may be more later, never fewer. kNotFound.
  virtual void Partitions(ActorId actor, std::string topic, Count count) = 0;
  // At most `max_records` from `offset` on; an empty batch without at_end means "nothing yet".
  virtual void Fetch(ActorId actor, std::string topic, uint32_t partition, uint64_t offset,
                     uint32_t max_records, Fetched fetched) = 0;
  // Visible at once. A retry after kUnavailable may duplicate: that is what "plain" means.
  virtual void Append(ActorId actor, std::string topic, uint32_t partition, LogRecords records,
                      Done done) = 0;
  virtual void AppendInTransaction(ActorId actor, std::string transaction, uint64_t sequence,
                                   std::string topic, uint32_t partition, LogRecords records, Done done) = 0;
  virtual void Commit(ActorId actor, std::string transaction, Done done) = 0;
  virtual void Abort(ActorId actor, std::string transaction, Done done) = 0;
  // The open transactions whose names begin with `prefix`, sorted: how a restored sink finds what it left behind.
  virtual void OpenTransactions(ActorId actor, std::string prefix, Names names) = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_ENV_LOG_H_
