// Licensed under the Apache License, Version 2.0.
//
// How a process tells the world what it does, and how the world answers. In a simulation every event goes into the
// digest and to the fault injector, which may act at that very point; on the real host it does nothing.
#ifndef WEIR_RUNTIME_ENV_TRACER_H_
#define WEIR_RUNTIME_ENV_TRACER_H_

#include "absl/status/status.h"
#include "runtime/env/events.h"

namespace weir {

class Tracer {
 public:
  virtual ~Tracer() = default;

  // Emits an event with Aim::kFault. Returns OK: go on; kAborted: this process has just crashed and is fenced (return
  // as soon as you can, nothing you do has any effect); any other: fail here with this status.
  virtual absl::Status Reach(const Event& event) = 0;

  // Emits an event with Aim::kNote.
  virtual void Note(const Event& event) = 0;

  // Asks the world to pick one of `count` legal alternatives, 0 being what an undisturbed world does.
  // REQUIRES: count >= 1. Returns a value below count.
  virtual uint32_t Choose(const Event& event, uint32_t count) = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_ENV_TRACER_H_
