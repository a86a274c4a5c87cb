// Licensed under the Apache License, Version 2.0.
//
// word-count: the words of any text, each new count (a ReducingState) committed exactly once. One line becomes many
// records.
#ifndef WEIR_SCENARIOS_WORD_COUNT_H_
#define WEIR_SCENARIOS_WORD_COUNT_H_

#include "scenarios/scenario.h"

namespace weir::scenarios {

Scenario WordCounts();

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_WORD_COUNT_H_
