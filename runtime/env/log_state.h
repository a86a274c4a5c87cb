// Licensed under the Apache License, Version 2.0.
//
// The state machine of a transactional log: pure data, no time of its own, no I/O. Both worlds wrap
// it (a service process in sim/services, a member of the host's process group in runtime/host), and
// oracles read it directly.
//
// Invariants:
//  1. A partition only grows; its offsets are dense from 0. What it holds is what a read-committed
//  reader sees:
//     records of a transaction are kept aside and appended, ordered by sequence number, when it
//     commits.
//  2. A transaction never leaves kCommitted or kAborted. An abort of an unknown name is remembered,
//  so that an append
//     that was still under way cannot open it afterwards.
//  3. A (transaction, sequence) pair is applied at most once.
#ifndef WEIR_RUNTIME_ENV_LOG_STATE_H_
#define WEIR_RUNTIME_ENV_LOG_STATE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/base/time.h"
#include "runtime/env/log.h"

namespace weir {

class LogState {
 public:
  enum class Transaction { kUnknown, kOpen, kCommitted, kAborted };
  // Adds the record at (partition, offset) to `records`, if that is not null. False past the end of the partition, of which
  // nothing is added. A pure function.
  using Source = std::function<bool(uint32_t partition, uint64_t offset, LogRecordsWriter* records)>;

  // --- Set-up. REQUIRES: the name is new.
  void AddTopic(std::string topic, uint32_t partitions);
  // A read-only topic that is computed, not stored. Its record `offset` exists from interval *
  // offset on.
  void AddSourceTopic(std::string topic, uint32_t partitions, Source source, Duration interval = Duration());
  // The topic grows: its partitions from `first` on are there from `at` on, with the records that exist by then.
  // REQUIRES: a topic made by AddSourceTopic, 0 < first < its count.
  void AddPartitionsLater(absl::string_view topic, uint32_t first, Instant at);

  // --- Requests, as runtime/env/log.h says. kNotFound: no such topic or partition.
  // Without an instant: those that there will ever be.
  absl::StatusOr<uint32_t> Partitions(absl::string_view topic, Instant now = Instant::Max()) const;
  absl::StatusOr<LogBatch> Fetch(absl::string_view topic, uint32_t partition, uint64_t offset,
                                 uint32_t max_records, Instant now) const;
  absl::Status Append(absl::string_view topic, uint32_t partition, LogRecords records);
  absl::Status AppendInTransaction(absl::string_view transaction, uint64_t sequence, absl::string_view topic,
                                   uint32_t partition, LogRecords records, Instant now);
  absl::Status Commit(absl::string_view transaction);
  absl::Status Abort(absl::string_view transaction);
  std::vector<std::string> OpenTransactions(absl::string_view prefix) const;

  // --- What a request would do: its error, or whether it would change anything (a repeated one
  // does not).
  absl::StatusOr<bool> WouldAppend(absl::string_view topic, uint32_t partition) const;
  absl::StatusOr<bool> WouldAppendInTransaction(absl::string_view transaction, uint64_t sequence,
                                                absl::string_view topic, uint32_t partition) const;
  absl::StatusOr<bool> WouldCommit(absl::string_view transaction) const;
  absl::StatusOr<bool> WouldAbort(absl::string_view transaction) const;

  // --- For oracles and tests.
  // What a read-committed reader sees, and how many that are. Valid until the topic changes. REQUIRES: a topic made by
  // AddTopic, partition < its count.
  LogRecordsView CommittedRecords(absl::string_view topic, uint32_t partition) const;
  uint64_t CommittedCount(absl::string_view topic, uint32_t partition) const;
  Transaction StateOf(absl::string_view transaction) const;
  // Records of an open transaction, in the order in which they would be committed to `partition`. Valid as long as it is.
  std::vector<LogRecord> OpenRecords(absl::string_view transaction, absl::string_view topic,
                                     uint32_t partition) const;
  // How many records an open transaction holds, over all partitions.
  uint64_t OpenRecordCount(absl::string_view transaction) const;
  // When a transaction was opened; nullopt if it is not open.
  std::optional<Instant> OpenedAt(absl::string_view transaction) const;
  std::vector<std::string> Topics() const;

 private:
  // As they were appended, or committed.
  struct Partition {
    std::vector<LogRecords> batches;
    uint64_t size = 0;  // records
    void Add(LogRecords records);
  };
  struct Topic {
    uint32_t partitions = 0;
    std::vector<Partition> stored;  // empty for a source
    Source source;
    Duration interval;
    uint32_t late_from = ~0u;  // these partitions and those behind it
    Instant late_at;           // appear then
  };
  struct Batch {
    std::string topic;
    uint32_t partition = 0;
    LogRecords records;
  };
  struct TransactionEntry {
    Transaction state = Transaction::kOpen;
    Instant opened;
    uint64_t records = 0;
    std::map<uint64_t, Batch> batches;  // by sequence; empty once it is decided
  };

  absl::StatusOr<const Topic*> Find(absl::string_view topic, uint32_t partition) const;
  const Topic& Require(absl::string_view topic) const;
  const Partition& Stored(absl::string_view topic, uint32_t partition) const;

  std::map<std::string, Topic, std::less<>> topics_;
  std::map<std::string, TransactionEntry, std::less<>> transactions_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_ENV_LOG_STATE_H_
