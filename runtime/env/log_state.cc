#include "runtime/env/log_state.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"

namespace weir {
namespace {

absl::Status NotOpen(absl::string_view transaction, absl::string_view what) {
  return absl::FailedPreconditionError(absl::StrCat("transaction ", transaction, " is ", what));
}

}  // namespace

void LogState::AddTopic(std::string topic, uint32_t partitions) {
  WEIR_CHECK(partitions > 0, topic);
  Topic entry;
  entry.partitions = partitions;
  entry.stored.resize(partitions);
  const bool is_new = topics_.emplace(std::move(topic), std::move(entry)).second;
  WEIR_CHECK(is_new, "a topic is added once");
}

void LogState::AddSourceTopic(std::string topic, uint32_t partitions, Source source, Duration interval) {
  WEIR_CHECK(partitions > 0 && source != nullptr, topic);
  Topic entry;
  entry.partitions = partitions;
  entry.source = std::move(source);
  entry.interval = interval;
  const bool is_new = topics_.emplace(std::move(topic), std::move(entry)).second;
  WEIR_CHECK(is_new, "a topic is added once");
}

void LogState::AddPartitionsLater(absl::string_view topic, uint32_t first, Instant at) {
  const auto found = topics_.find(topic);
  WEIR_CHECK(found != topics_.end() && found->second.source != nullptr, "no source topic ", topic);
  WEIR_CHECK(first > 0 && first < found->second.partitions, topic);
  found->second.late_from = first;
  found->second.late_at = at;
}

absl::StatusOr<const LogState::Topic*> LogState::Find(absl::string_view topic, uint32_t partition) const {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return absl::NotFoundError(absl::StrCat("no topic ", topic));
  if (partition >= found->second.partitions) {
    return absl::NotFoundError(
        absl::StrCat("no partition ", partition, " in topic ", topic, " of ", found->second.partitions));
  }
  return &found->second;
}

const LogState::Topic& LogState::Require(absl::string_view topic) const {
  const auto found = topics_.find(topic);
  WEIR_CHECK(found != topics_.end(), "no topic ", topic);
  return found->second;
}

absl::StatusOr<uint32_t> LogState::Partitions(absl::string_view topic, Instant now) const {
  WEIR_ASSIGN_OR_RETURN(const Topic* const found, Find(topic, 0));
  return now < found->late_at ? std::min(found->late_from, found->partitions) : found->partitions;
}

absl::StatusOr<LogBatch> LogState::Fetch(absl::string_view topic, uint32_t partition, uint64_t offset,
                                         uint32_t max_records, Instant now) const {
  WEIR_ASSIGN_OR_RETURN(const Topic* const found, Find(topic, partition));
  if (partition >= found->late_from && now < found->late_at) {
    return absl::NotFoundError(absl::StrCat("no partition ", partition, " in topic ", topic, " yet"));
  }
  LogBatch batch;
  LogRecordsWriter records;
  if (found->source == nullptr) {
    uint64_t at = 0;
    for (const LogRecords& stored : found->stored[partition].batches) {
      if (at + stored.size() <= offset) {
        at += stored.size();
        continue;
      }
      for (const LogRecord& record : stored) {
        if (at++ >= offset && records.size() < max_records) records.Add(record);
      }
      if (records.size() == max_records) break;
    }
  } else {
    const int64_t interval = found->interval.nanos();
    const uint64_t existing =
        interval == 0 ? ~uint64_t{0} : static_cast<uint64_t>(now.nanos() / interval) + 1;
    while (records.size() < max_records && offset + records.size() < existing &&
           found->source(partition, offset + records.size(), &records)) {
    }
    batch.at_end = !found->source(partition, offset + records.size(), nullptr);
  }
  batch.next_offset = offset + records.size();
  batch.records = records.Take();
  return batch;
}

absl::StatusOr<bool> LogState::WouldAppend(absl::string_view topic, uint32_t partition) const {
  WEIR_ASSIGN_OR_RETURN(const Topic* const found, Find(topic, partition));
  if (found->source != nullptr) {
    return absl::FailedPreconditionError(absl::StrCat("topic ", topic, " is read-only"));
  }
  return true;
}

absl::StatusOr<bool> LogState::WouldAppendInTransaction(absl::string_view transaction, uint64_t sequence,
                                                        absl::string_view topic, uint32_t partition) const {
  WEIR_RETURN_IF_ERROR(WouldAppend(topic, partition).status());
  const auto found = transactions_.find(transaction);
  if (found == transactions_.end()) return true;
  if (found->second.state == Transaction::kCommitted) return NotOpen(transaction, "committed");
  if (found->second.state == Transaction::kAborted) return NotOpen(transaction, "aborted");
  return found->second.batches.count(sequence) == 0;
}

absl::StatusOr<bool> LogState::WouldCommit(absl::string_view transaction) const {
  const Transaction state = StateOf(transaction);
  if (state == Transaction::kUnknown) return NotOpen(transaction, "unknown");
  if (state == Transaction::kAborted) return NotOpen(transaction, "aborted");
  return state == Transaction::kOpen;
}

absl::StatusOr<bool> LogState::WouldAbort(absl::string_view transaction) const {
  const Transaction state = StateOf(transaction);
  if (state == Transaction::kCommitted) return NotOpen(transaction, "committed");
  return state == Transaction::kOpen;
}

absl::Status LogState::Append(absl::string_view topic, uint32_t partition, LogRecords records) {
  WEIR_RETURN_IF_ERROR(WouldAppend(topic, partition).status());
  topics_.find(topic)->second.stored[partition].Add(std::move(records));
  return absl::OkStatus();
}

absl::Status LogState::AppendInTransaction(absl::string_view transaction, uint64_t sequence,
                                           absl::string_view topic, uint32_t partition, LogRecords records,
                                           Instant now) {
  WEIR_ASSIGN_OR_RETURN(const bool applies,
                        WouldAppendInTransaction(transaction, sequence, topic, partition));
  if (!applies) return absl::OkStatus();
  auto found = transactions_.find(transaction);
  if (found == transactions_.end()) {
    found = transactions_.emplace(std::string(transaction), TransactionEntry()).first;
    found->second.opened = now;
  }
  found->second.records += records.size();
  found->second.batches.emplace(sequence, Batch{std::string(topic), partition, std::move(records)});
  return absl::OkStatus();
}

absl::Status LogState::Commit(absl::string_view transaction) {
  WEIR_ASSIGN_OR_RETURN(const bool applies, WouldCommit(transaction));
  if (!applies) return absl::OkStatus();
  TransactionEntry& entry = transactions_.find(transaction)->second;
  for (auto& [sequence, batch] : entry.batches) {
    topics_.find(batch.topic)->second.stored[batch.partition].Add(std::move(batch.records));
  }
  entry.batches.clear();
  entry.records = 0;
  entry.state = Transaction::kCommitted;
  return absl::OkStatus();
}

absl::Status LogState::Abort(absl::string_view transaction) {
  WEIR_RETURN_IF_ERROR(WouldAbort(transaction).status());
  TransactionEntry& entry = transactions_[std::string(transaction)];
  entry.batches.clear();
  entry.records = 0;
  entry.state = Transaction::kAborted;
  return absl::OkStatus();
}

std::vector<std::string> LogState::OpenTransactions(absl::string_view prefix) const {
  std::vector<std::string> open;
  for (auto it = transactions_.lower_bound(prefix); it != transactions_.end(); ++it) {
    if (!absl::StartsWith(it->first, prefix)) break;
    if (it->second.state == Transaction::kOpen) open.push_back(it->first);
  }
  return open;
}

void LogState::Partition::Add(LogRecords records) {
  size += records.size();
  batches.push_back(std::move(records));
}

const LogState::Partition& LogState::Stored(absl::string_view topic, uint32_t partition) const {
  const Topic& found = Require(topic);
  WEIR_CHECK(partition < found.stored.size(), topic, " partition ", partition);
  return found.stored[partition];
}

LogRecordsView LogState::CommittedRecords(absl::string_view topic, uint32_t partition) const {
  LogRecordsView records;
  for (const LogRecords& batch : Stored(topic, partition).batches) records.Add(batch);
  return records;
}

uint64_t LogState::CommittedCount(absl::string_view topic, uint32_t partition) const {
  return Stored(topic, partition).size;
}

LogState::Transaction LogState::StateOf(absl::string_view transaction) const {
  const auto found = transactions_.find(transaction);
  return found == transactions_.end() ? Transaction::kUnknown : found->second.state;
}

std::vector<LogRecord> LogState::OpenRecords(absl::string_view transaction, absl::string_view topic,
                                             uint32_t partition) const {
  std::vector<LogRecord> records;
  const auto found = transactions_.find(transaction);
  if (found == transactions_.end()) return records;
  for (const auto& [sequence, batch] : found->second.batches) {
    if (batch.topic != topic || batch.partition != partition) continue;
    records.insert(records.end(), batch.records.begin(), batch.records.end());
  }
  return records;
}

uint64_t LogState::OpenRecordCount(absl::string_view transaction) const {
  const auto found = transactions_.find(transaction);
  return found == transactions_.end() ? 0 : found->second.records;
}

std::optional<Instant> LogState::OpenedAt(absl::string_view transaction) const {
  const auto found = transactions_.find(transaction);
  if (found == transactions_.end() || found->second.state != Transaction::kOpen) return std::nullopt;
  return found->second.opened;
}

std::vector<std::string> LogState::Topics() const {
  std::vector<std::string> names;
  for (const auto& [name, topic] : topics_) names.push_back(name);
  return names;
}

}  // namespace weir
