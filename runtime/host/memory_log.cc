#include "runtime/host/memory_log.h"

#include <utility>

namespace weir::host {
namespace {

template <typename Callback, typename Result>
void Answer(Executor& executor, ActorId actor, Callback callback, Result result) {
  executor.Post(actor, [callback = std::move(callback), result = std::move(result)]() mutable {
    callback(std::move(result));
  });
}

}  // namespace

void MemoryLog::Partitions(ActorId actor, std::string topic, Count count) {
  Answer(executor_, actor, std::move(count), state_.Partitions(topic, clock_.Now()));
}

void MemoryLog::Fetch(ActorId actor, std::string topic, uint32_t partition, uint64_t offset,
                      uint32_t max_records, Fetched fetched) {
  Answer(executor_, actor, std::move(fetched),
         state_.Fetch(topic, partition, offset, max_records, clock_.Now()));
}

void MemoryLog::Append(ActorId actor, std::string topic, uint32_t partition, LogRecords records, Done done) {
  Answer(executor_, actor, std::move(done), state_.Append(topic, partition, std::move(records)));
}

void MemoryLog::AppendInTransaction(ActorId actor, std::string transaction, uint64_t sequence,
                                    std::string topic, uint32_t partition, LogRecords records, Done done) {
  Answer(
      executor_, actor, std::move(done),
      state_.AppendInTransaction(transaction, sequence, topic, partition, std::move(records), clock_.Now()));
}

void MemoryLog::Commit(ActorId actor, std::string transaction, Done done) {
  Answer(executor_, actor, std::move(done), state_.Commit(transaction));
}

void MemoryLog::Abort(ActorId actor, std::string transaction, Done done) {
  Answer(executor_, actor, std::move(done), state_.Abort(transaction));
}

void MemoryLog::OpenTransactions(ActorId actor, std::string prefix, Names names) {
  Answer(executor_, actor, std::move(names),
         absl::StatusOr<std::vector<std::string>>(state_.OpenTransactions(prefix)));
}

}  // namespace weir::host
