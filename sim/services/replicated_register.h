// Licensed under the Apache License, Version 2.0.
//
// The replicated register as one process that stands for its whole quorum: it never forgets, it is
// linearizable, and it may be out of reach. Fault model: see service_faults.h; besides, a refusal
// at its fault point (RegisterSwapped). Requests of one connection are applied in order.
//
// Methods and their arguments; the subject is the key:
//   kRead            nothing                -> u64 version, value
//   kCompareAndSet   u64 expected, value    -> u64 version, value; kAborted if the version is
//   another
#ifndef WEIR_SIM_SERVICES_REPLICATED_REGISTER_H_
#define WEIR_SIM_SERVICES_REPLICATED_REGISTER_H_

#include <map>
#include <string>

#include "runtime/env/register.h"
#include "sim/services/service.h"

namespace weir::sim {

inline constexpr PortId kRegisterPort{2};

// What the register holds. Owned by the harness; survives the process; read by oracles.
class RegisterDisk {
 public:
  // Version 0 if never set.
  Versioned Find(absl::string_view key) const;
  std::vector<std::string> Keys() const;
  // Sets unconditionally and returns the new version.
  uint64_t Set(absl::string_view key, std::string value);

 private:
  std::map<std::string, Versioned, std::less<>> values_;
};

class ReplicatedRegister : public Service {
 public:
  enum Method : uint8_t { kRead = 1, kCompareAndSet };
  ReplicatedRegister(Env& env, RegisterDisk& disk, ServiceFaults& faults, const ServiceTiming& timing);

 private:
  RpcAnswer Apply(const RpcRequest& request) override;
  bool IsChange(uint8_t method) const override { return method == kCompareAndSet; }

  RegisterDisk& disk_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVICES_REPLICATED_REGISTER_H_
