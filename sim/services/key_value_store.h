// Licensed under the Apache License, Version 2.0.
//
// A small remote database, for programs that keep their state outside of the engine: one record,
// one message, no transaction. Fault model: see service_faults.h; besides, a refusal at its fault
// point (DatabaseWritten). Requests of one connection are applied in order. What it holds survives
// the process.
//
// Methods and their arguments; the subject is the key:
//   kGet   nothing      -> u8 found, value
//   kPut   the value    -> nothing
//   kAdd   i64 delta    -> i64 sum: the value as a decimal number (absent: 0) plus delta, in one
//   step
#ifndef WEIR_SIM_SERVICES_KEY_VALUE_STORE_H_
#define WEIR_SIM_SERVICES_KEY_VALUE_STORE_H_

#include <map>
#include <optional>
#include <string>

#include "sim/services/service.h"

namespace weir::sim {

inline constexpr PortId kKeyValuePort{4};

// What is stored, and how much work that was. Owned by the harness; read by oracles.
struct KeyValueDisk {
  std::map<std::string, std::string, std::less<>> values;
  uint64_t reads = 0;
  uint64_t writes = 0;
};

class KeyValueStore : public Service {
 public:
  enum Method : uint8_t { kGet = 1, kPut, kAdd };
  KeyValueStore(Env& env, KeyValueDisk& disk, ServiceFaults& faults, const ServiceTiming& timing);

 private:
  RpcAnswer Apply(const RpcRequest& request) override;
  bool IsChange(uint8_t method) const override { return method != kGet; }
  RpcAnswer Get(const RpcRequest& request);
  RpcAnswer Add(const RpcRequest& request);
  absl::Status Write(const RpcRequest& request, std::string value);

  KeyValueDisk& disk_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVICES_KEY_VALUE_STORE_H_
