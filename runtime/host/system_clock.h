// Licensed under the Apache License, Version 2.0.
//
// The clocks of the machine. Instants count from the construction of the clock.
#ifndef WEIR_RUNTIME_HOST_SYSTEM_CLOCK_H_
#define WEIR_RUNTIME_HOST_SYSTEM_CLOCK_H_

#include <cstdint>

#include "runtime/env/clock.h"

namespace weir::host {

class SystemClock : public Clock {
 public:
  SystemClock();
  Instant Now() const override;
  WallTime WallNow() const override;

 private:
  const int64_t start_nanos_;
};

}  // namespace weir::host

#endif  // WEIR_RUNTIME_HOST_SYSTEM_CLOCK_H_
