// Licensed under the Apache License, Version 2.0.
//
// Log by messages to a TransactionalLog process. Failures: rpc_client.h.
#ifndef WEIR_SIM_SERVICES_LOG_CLIENT_H_
#define WEIR_SIM_SERVICES_LOG_CLIENT_H_

#include <string>
#include <vector>

#include "runtime/env/log.h"
#include "sim/services/rpc_client.h"

namespace weir::sim {

class LogClient : public Log {
 public:
  LogClient(ServiceAddress address, Clock& clock, Executor& executor, Transport& transport);

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
  void CallForStatus(ActorId actor, RpcRequest request, Done done);

  RpcClient rpc_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVICES_LOG_CLIENT_H_
