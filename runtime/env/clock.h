// Licensed under the Apache License, Version 2.0.
//
// The two clocks of a process. They drift and jump apart from each other: timeouts use Now(), processing time WallNow().
#ifndef WEIR_RUNTIME_ENV_CLOCK_H_
#define WEIR_RUNTIME_ENV_CLOCK_H_

#include "runtime/base/time.h"

namespace weir {

class Clock {
 public:
  virtual ~Clock() = default;
  // Monotonic. Within one handler it stands still but for Executor::Charge.
  virtual Instant Now() const = 0;
  // The calendar clock of this node; may jump, also backwards.
  virtual WallTime WallNow() const = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_ENV_CLOCK_H_
