// Licensed under the Apache License, Version 2.0.
//
// count-window-average: sum and count of a sensor's readings in an AggregatingState; every second reading emits their average
// and clears the state, so that the third finds none. Which readings meet depends on the order in which the splits arrive:
// the scenario for which a legal freedom must not be called a mistake.
#ifndef WEIR_SCENARIOS_COUNT_WINDOW_AVERAGE_H_
#define WEIR_SCENARIOS_COUNT_WINDOW_AVERAGE_H_

#include "scenarios/scenario.h"

namespace weir::scenarios {

Scenario CountWindowAverage();

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_COUNT_WINDOW_AVERAGE_H_
