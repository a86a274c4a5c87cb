// Licensed under the Apache License, Version 2.0.
//
// Which of the events that may run does run next. `earliest` of an event is a lower bound; a strategy may run any event
// with earliest <= now + slack, keeping each channel (connection, actor's own posts) in order.
#ifndef WEIR_SIM_SCHEDULE_H_
#define WEIR_SIM_SCHEDULE_H_

#include <cstdint>

#include "runtime/base/time.h"

namespace weir::sim {

enum class ScheduleStrategy : uint8_t {
  kFifo,    // by (earliest, order of creation)
  kRandom,  // each event is held back by a drawn part of the slack, keyed by channel and message
};

struct ScheduleOptions {
  ScheduleStrategy strategy = ScheduleStrategy::kFifo;
  Duration slack;  // only kRandom
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SCHEDULE_H_
