#include "sim/services/log_client.h"

#include "runtime/base/status.h"
#include "sim/services/transactional_log.h"

namespace weir::sim {
namespace {

RpcRequest MakeRequest(TransactionalLog::Method method, std::string subject) {
  RpcRequest request;
  request.method = method;
  request.subject = std::move(subject);
  return request;
}

absl::StatusOr<uint32_t> ParseCount(const RpcAnswer& answer) {
  WEIR_RETURN_IF_ERROR(answer.status);
  ByteReader reader(answer.results);
  const uint32_t count = reader.U32();
  WEIR_RETURN_IF_ERROR(reader.Finish());
  return count;
}

absl::StatusOr<LogBatch> ParseBatch(RpcAnswer answer) {
  WEIR_RETURN_IF_ERROR(answer.status);
  ByteReader reader(answer.results);
  LogBatch batch;
  batch.next_offset = reader.U64();
  batch.at_end = reader.Bool();
  const uint32_t count = reader.U32();
  WEIR_RETURN_IF_ERROR(reader.status());
  std::string values = std::move(answer.results).Take(reader.offset());
  WEIR_ASSIGN_OR_RETURN(batch.records, LogRecords::From(count, std::move(values), std::move(answer.lane)));
  return batch;
}

// u32 count and the values, behind what `writer` has already, of which `head` bytes are the head; the lane is the message's
// own.
void SetRecords(const LogRecords& records, size_t head, ByteWriter& writer, RpcRequest* request) {
  writer.U32(static_cast<uint32_t>(records.size()));
  writer.Raw(records.values());
  request->arguments = {writer.Take(), head};
  request->lane = records.lane();
}

absl::StatusOr<std::vector<std::string>> ParseNames(const RpcAnswer& answer) {
  WEIR_RETURN_IF_ERROR(answer.status);
  ByteReader reader(answer.results);
  std::vector<std::string> names;
  for (uint32_t left = reader.U32(); left > 0 && reader.ok(); --left) names.emplace_back(reader.Bytes());
  WEIR_RETURN_IF_ERROR(reader.Finish());
  return names;
}

}  // namespace

LogClient::LogClient(ServiceAddress address, Clock& clock, Executor& executor, Transport& transport)
    : rpc_(std::move(address), clock, executor, transport) {}

void LogClient::CallForStatus(ActorId actor, RpcRequest request, Done done) {
  rpc_.Call(actor, std::move(request),
            [done = std::move(done)](const RpcAnswer& answer) mutable { done(answer.status); });
}

void LogClient::Partitions(ActorId actor, std::string topic, Count count) {
  rpc_.Call(actor, MakeRequest(TransactionalLog::kPartitions, std::move(topic)),
            [count = std::move(count)](const RpcAnswer& answer) mutable { count(ParseCount(answer)); });
}

void LogClient::Fetch(ActorId actor, std::string topic, uint32_t partition, uint64_t offset,
                      uint32_t max_records, Fetched fetched) {
  RpcRequest request = MakeRequest(TransactionalLog::kFetch, std::move(topic));
  ByteWriter writer;
  const size_t head = request.WriteHead(writer);
  writer.U32(partition);
  writer.U64(offset);
  writer.U32(max_records);
  request.arguments = {writer.Take(), head};
  rpc_.Call(actor, std::move(request), [fetched = std::move(fetched)](RpcAnswer answer) mutable {
    fetched(ParseBatch(std::move(answer)));
  });
}

void LogClient::Append(ActorId actor, std::string topic, uint32_t partition, LogRecords records, Done done) {
  RpcRequest request = MakeRequest(TransactionalLog::kAppend, std::move(topic));
  ByteWriter writer;
  const size_t head = request.WriteHead(writer);
  writer.U32(partition);
  SetRecords(records, head, writer, &request);
  CallForStatus(actor, std::move(request), std::move(done));
}

void LogClient::AppendInTransaction(ActorId actor, std::string transaction, uint64_t sequence,
                                    std::string topic, uint32_t partition, LogRecords records, Done done) {
  RpcRequest request = MakeRequest(TransactionalLog::kAppendInTransaction, std::move(transaction));
  ByteWriter writer;
  const size_t head = request.WriteHead(writer);
  writer.U64(sequence);
  writer.Bytes(topic);
  writer.U32(partition);
  SetRecords(records, head, writer, &request);
  CallForStatus(actor, std::move(request), std::move(done));
}

void LogClient::Commit(ActorId actor, std::string transaction, Done done) {
  CallForStatus(actor, MakeRequest(TransactionalLog::kCommit, std::move(transaction)), std::move(done));
}

void LogClient::Abort(ActorId actor, std::string transaction, Done done) {
  CallForStatus(actor, MakeRequest(TransactionalLog::kAbort, std::move(transaction)), std::move(done));
}

void LogClient::OpenTransactions(ActorId actor, std::string prefix, Names names) {
  rpc_.Call(actor, MakeRequest(TransactionalLog::kOpenTransactions, std::move(prefix)),
            [names = std::move(names)](const RpcAnswer& answer) mutable { names(ParseNames(answer)); });
}

}  // namespace weir::sim
