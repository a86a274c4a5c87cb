// Licensed under the Apache License, Version 2.0.
//
// Start here. Env is all that a process of the engine can see of the world: one for each process incarnation. There are
// two worlds: sim/ (deterministic, breaks on request) and runtime/host/ (wall clock, files, sockets). Both pass the
// contract suite in tests/env. Nothing in the engine may reach around it.
#ifndef WEIR_RUNTIME_ENV_ENV_H_
#define WEIR_RUNTIME_ENV_ENV_H_

#include "runtime/env/clock.h"
#include "runtime/env/durable_store.h"
#include "runtime/env/executor.h"
#include "runtime/env/local_store.h"
#include "runtime/env/log.h"
#include "runtime/env/random.h"
#include "runtime/env/register.h"
#include "runtime/env/tracer.h"
#include "runtime/env/transport.h"

namespace weir {

// References to parts that outlive the process.
struct Env {
  Clock& clock;
  Executor& executor;
  Transport& transport;
  DurableStore& store;
  LocalStore& disk;
  Register& registry;
  Log& log;
  Random& random;
  Tracer& tracer;
};

// What runs in a process: built from an Env, destroyed when the process ends. A crash destroys it without warning, on a
// fenced Env; so destructors touch nothing outside their own memory.
class Process {
 public:
  virtual ~Process() = default;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_ENV_ENV_H_
