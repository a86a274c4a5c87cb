#include "sim/services/transactional_log.h"

#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/base/status.h"

namespace weir::sim {
namespace {

// What follows in the arguments: u32 count and the values.
absl::StatusOr<LogRecords> RecordsOf(ByteReader& arguments, const RpcRequest& request) {
  const uint32_t count = arguments.U32();
  WEIR_RETURN_IF_ERROR(arguments.status());
  return LogRecords::From(count, std::string(arguments.Rest()), request.lane);
}

}  // namespace

TransactionalLog::TransactionalLog(Env& env, LogState& state, ServiceFaults& faults,
                                   const ServiceTiming& timing, Duration transaction_timeout)
    : Service(env,
              {"log", kLogPort, DrawSite::kLogLatency, /*is_in_order=*/true, EventId::kLogUnavailable,
               EventId::kLogResponseLost},
              timing, faults),
      state_(state),
      transaction_timeout_(transaction_timeout) {
  for (const std::string& open : state_.OpenTransactions("")) ScheduleExpiry(open);
}

// A fetch is keyed by what it reads, so that one split's latencies do not depend on another's
// progress.
uint64_t TransactionalLog::DrawKey(const RpcRequest& request) const {
  const uint64_t key = Service::DrawKey(request);
  if (request.method != kFetch) return key;
  ByteReader reader(request.arguments);
  const uint32_t partition = reader.U32();
  const uint64_t offset = reader.U64();
  return Mix(Mix(key, partition), offset);
}

RpcAnswer TransactionalLog::Apply(const RpcRequest& request) {
  switch (request.method) {
    case kPartitions: {
      const absl::StatusOr<uint32_t> count = state_.Partitions(request.subject, env_.clock.Now());
      if (!count.ok()) return {count.status(), {}, {}};
      ByteWriter writer;
      writer.U32(*count);
      return {absl::OkStatus(), writer.Take(), {}};
    }
    case kFetch:
      return Fetch(request);
    case kAppend:
      return Append(request);
    case kAppendInTransaction:
      return AppendInTransaction(request);
    case kCommit:
    case kAbort:
      return Decide(request);
    case kOpenTransactions:
      return ListOpen(request);
    default:
      return Malformed(request);
  }
}

RpcAnswer TransactionalLog::Fetch(const RpcRequest& request) {
  ByteReader reader(request.arguments);
  const uint32_t partition = reader.U32();
  const uint64_t offset = reader.U64();
  const uint32_t max_records = reader.U32();
  if (!reader.AtEnd()) return Malformed(request);
  absl::StatusOr<LogBatch> batch =
      state_.Fetch(request.subject, partition, offset, max_records, env_.clock.Now());
  if (!batch.ok()) return {batch.status(), {}, {}};
  ByteWriter writer;
  const size_t head = RpcAnswer::WriteHead(writer);
  writer.U64(batch->next_offset);
  writer.Bool(batch->at_end);
  writer.U32(static_cast<uint32_t>(batch->records.size()));
  writer.Raw(batch->records.values());
  return {absl::OkStatus(), {writer.Take(), head}, batch->records.lane()};
}

RpcAnswer TransactionalLog::Append(const RpcRequest& request) {
  ByteReader reader(request.arguments);
  const uint32_t partition = reader.U32();
  absl::StatusOr<LogRecords> records = RecordsOf(reader, request);
  if (!records.ok()) return Malformed(request);
  absl::Status status = state_.WouldAppend(request.subject, partition).status();
  if (!status.ok()) return {status, {}, {}};
  const size_t offset = state_.CommittedCount(request.subject, partition);
  status = env_.tracer.Reach(events::LogAppended(Subject(request), partition, offset, records->size(), 0));
  if (!status.ok()) return {status, {}, {}};
  return {state_.Append(request.subject, partition, std::move(*records)), {}, {}};
}

RpcAnswer TransactionalLog::AppendInTransaction(const RpcRequest& request) {
  ByteReader reader(request.arguments);
  const uint64_t sequence = reader.U64();
  const std::string topic(reader.Bytes());
  const uint32_t partition = reader.U32();
  absl::StatusOr<LogRecords> records = RecordsOf(reader, request);
  if (!records.ok()) return Malformed(request);
  const std::string& transaction = request.subject;
  const absl::StatusOr<bool> applies =
      state_.WouldAppendInTransaction(transaction, sequence, topic, partition);
  if (!applies.ok() || !*applies) return {applies.status(), {}, {}};
  const size_t offset = state_.OpenRecordCount(transaction);
  const absl::Status status = env_.tracer.Reach(
      events::LogAppended(StableHash64(topic), partition, offset, records->size(), Subject(request)));
  if (!status.ok()) return {status, {}, {}};
  const bool opens = state_.StateOf(transaction) == LogState::Transaction::kUnknown;
  const absl::Status applied = state_.AppendInTransaction(transaction, sequence, topic, partition,
                                                          std::move(*records), env_.clock.Now());
  if (opens) ScheduleExpiry(transaction);
  return {applied, {}, {}};
}

RpcAnswer TransactionalLog::Decide(const RpcRequest& request) {
  const std::string& transaction = request.subject;
  const bool commits = request.method == kCommit;
  const absl::StatusOr<bool> applies =
      commits ? state_.WouldCommit(transaction) : state_.WouldAbort(transaction);
  if (!applies.ok()) return {applies.status(), {}, {}};
  if (*applies) {
    const uint64_t subject = Subject(request);
    const absl::Status status =
        env_.tracer.Reach(commits ? events::LogCommitted(subject) : events::LogAborted(subject));
    if (!status.ok()) return {status, {}, {}};
  }
  return {commits ? state_.Commit(transaction) : state_.Abort(transaction), {}, {}};
}

RpcAnswer TransactionalLog::ListOpen(const RpcRequest& request) {
  const std::vector<std::string> names = state_.OpenTransactions(request.subject);
  ByteWriter writer;
  writer.U32(static_cast<uint32_t>(names.size()));
  for (const std::string& name : names) writer.Bytes(name);
  return {absl::OkStatus(), writer.Take(), {}};
}

void TransactionalLog::ScheduleExpiry(const std::string& transaction) {
  const std::optional<Instant> opened = state_.OpenedAt(transaction);
  if (transaction_timeout_ == Duration() || !opened.has_value()) return;
  const Duration left = std::max(Duration(), *opened + transaction_timeout_ - env_.clock.Now());
  env_.executor.After(actor_, left, [this, transaction] {
    if (state_.StateOf(transaction) != LogState::Transaction::kOpen) return;
    if (!env_.tracer.Reach(events::LogAborted(StableHash64(transaction))).ok()) return;
    const absl::Status status = state_.Abort(transaction);
    WEIR_CHECK(status.ok(), status.ToString());
  });
}

}  // namespace weir::sim
