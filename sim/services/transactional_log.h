// Licensed under the Apache License, Version 2.0.
//
// The partitioned, transactional log (Kafka) as a process. What it holds is a LogState, owned by
// the harness, which survives the process; topics are added to it before the run, and oracles read
// it directly. Fault model: see service_faults.h; besides, a refusal at its fault points
// (LogAppended, LogCommitted, LogAborted), and the expiry of open transactions if a timeout is set.
// Requests of one connection are applied in order.
//
// Methods and their arguments (records: u32 count and the values of runtime/env/log_records.h, whose lane is the message's):
//   subject: topic         kPartitions            nothing                          -> u32
//                          kFetch                 u32 partition, u64 offset, u32 max
//                                                              -> u64 next offset, u8 at end,
//                                                              records
//                          kAppend                u32 partition, records           -> nothing
//   subject: transaction   kAppendInTransaction   u64 sequence, topic, u32 partition, records   ->
//   nothing
//                          kCommit, kAbort        nothing                          -> nothing
//   subject: prefix        kOpenTransactions      nothing                          -> u32 count,
//   names
#ifndef WEIR_SIM_SERVICES_TRANSACTIONAL_LOG_H_
#define WEIR_SIM_SERVICES_TRANSACTIONAL_LOG_H_

#include <string>

#include "runtime/env/log_state.h"
#include "sim/services/service.h"

namespace weir::sim {

inline constexpr PortId kLogPort{3};

class TransactionalLog : public Service {
 public:
  enum Method : uint8_t {
    kPartitions = 1,
    kFetch,
    kAppend,
    kAppendInTransaction,
    kCommit,
    kAbort,
    kOpenTransactions
  };

  // A transaction that is still open `transaction_timeout` after its first append is aborted; zero:
  // never.
  TransactionalLog(Env& env, LogState& state, ServiceFaults& faults, const ServiceTiming& timing,
                   Duration transaction_timeout);

 private:
  RpcAnswer Apply(const RpcRequest& request) override;
  bool IsChange(uint8_t method) const override { return method >= kAppend && method <= kAbort; }
  uint64_t DrawKey(const RpcRequest& request) const override;
  RpcAnswer Fetch(const RpcRequest& request);
  RpcAnswer Append(const RpcRequest& request);
  RpcAnswer AppendInTransaction(const RpcRequest& request);
  RpcAnswer Decide(const RpcRequest& request);
  RpcAnswer ListOpen(const RpcRequest& request);
  void ScheduleExpiry(const std::string& transaction);

  LogState& state_;
  const Duration transaction_timeout_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVICES_TRANSACTIONAL_LOG_H_
