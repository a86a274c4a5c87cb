// Licensed under the Apache License, Version 2.0.
//
// Register by messages to a ReplicatedRegister process. Failures: rpc_client.h.
#ifndef WEIR_SIM_SERVICES_REGISTER_CLIENT_H_
#define WEIR_SIM_SERVICES_REGISTER_CLIENT_H_

#include <string>

#include "runtime/env/register.h"
#include "sim/services/rpc_client.h"

namespace weir::sim {

class RegisterClient : public Register {
 public:
  RegisterClient(ServiceAddress address, Clock& clock, Executor& executor, Transport& transport);

  void Read(ActorId actor, std::string key, Got got) override;
  void CompareAndSet(ActorId actor, std::string key, uint64_t expected, std::string value, Got got) override;

 private:
  RpcClient rpc_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVICES_REGISTER_CLIENT_H_
