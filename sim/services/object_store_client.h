// Licensed under the Apache License, Version 2.0.
//
// DurableStore by messages to an ObjectStore process. Failures: rpc_client.h.
#ifndef WEIR_SIM_SERVICES_OBJECT_STORE_CLIENT_H_
#define WEIR_SIM_SERVICES_OBJECT_STORE_CLIENT_H_

#include <string>

#include "runtime/env/durable_store.h"
#include "sim/services/rpc_client.h"

namespace weir::sim {

class ObjectStoreClient : public DurableStore {
 public:
  ObjectStoreClient(ServiceAddress address, Clock& clock, Executor& executor, Transport& transport);

  void Put(ActorId actor, std::string key, const Blob& blob, PutMode mode, Done done) override;
  void Get(ActorId actor, std::string key, Got got) override;
  void Delete(ActorId actor, std::string key, Done done) override;
  void List(ActorId actor, std::string prefix, Listed listed) override;

 private:
  RpcClient rpc_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVICES_OBJECT_STORE_CLIENT_H_
