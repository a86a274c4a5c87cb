// Licensed under the Apache License, Version 2.0.
//
// How a process comes by the services of its Env (store, registry, log). The world knows none: the
// harness installs one factory (World::SetClientFactory), which is asked once for each process
// incarnation and builds client stubs on the parts of the Env that the world does provide.
#ifndef WEIR_SIM_SERVICE_CLIENTS_H_
#define WEIR_SIM_SERVICE_CLIENTS_H_

#include <functional>
#include <memory>

#include "runtime/env/env.h"

namespace weir::sim {

// The part of an Env that exists already. The references outlive the clients.
struct ClientParts {
  NodeId node;
  uint32_t incarnation = 0;
  Clock& clock;
  Executor& executor;
  Transport& transport;
  Random& random;
  Tracer& tracer;
};

// Owned by the process incarnation, destroyed after its process object: like it, on a fenced Env.
class ServiceClients {
 public:
  virtual ~ServiceClients() = default;
  virtual DurableStore& store() = 0;
  virtual Register& registry() = 0;
  virtual Log& log() = 0;
};

// nullptr: this process has no services.
using ClientFactory = std::function<std::unique_ptr<ServiceClients>(const ClientParts&)>;

// Services that are not there: every call answers kUnimplemented, by an event of the actor.
std::unique_ptr<ServiceClients> MakeAbsentClients(Executor& executor);

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVICE_CLIENTS_H_
