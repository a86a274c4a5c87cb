// Licensed under the Apache License, Version 2.0.
//
// What a process uses of a KeyValueStore. Failures: rpc_client.h; a write that failed may have been
// applied.
#ifndef WEIR_SIM_SERVICES_KEY_VALUE_CLIENT_H_
#define WEIR_SIM_SERVICES_KEY_VALUE_CLIENT_H_

#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "sim/services/rpc_client.h"

namespace weir::sim {

// Callbacks as in runtime/env/durable_store.h.
class KeyValueClient {
 public:
  using Done = absl::AnyInvocable<void(absl::Status)>;
  using Got = absl::AnyInvocable<void(absl::StatusOr<std::optional<std::string>>)>;
  using Added = absl::AnyInvocable<void(absl::StatusOr<int64_t>)>;

  KeyValueClient(ServiceAddress address, Clock& clock, Executor& executor, Transport& transport);

  void Get(ActorId actor, std::string key, Got got);
  void Put(ActorId actor, std::string key, std::string value, Done done);
  // Adds to a number and answers the sum.
  void Add(ActorId actor, std::string key, int64_t delta, Added added);

  // See RpcClient.
  void Shutdown() { rpc_.Shutdown(); }

 private:
  RpcClient rpc_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVICES_KEY_VALUE_CLIENT_H_
