// Licensed under the Apache License, Version 2.0.
//
// log-offsets: the job of account-totals over a source that keeps its offsets as Flink's Kafka consumer does: in union
// state, of which each subtask takes what is its own after a restore. The topic begins with three partitions and grows to
// five at a drawn moment, so before or after any crash or rescale; the source has to find the new ones, and to read
// them from their beginning, once.
//
// The facts are those of account-totals: totals do not depend on which subtask reads a partition, nor since when.
#ifndef WEIR_SCENARIOS_LOG_OFFSETS_H_
#define WEIR_SCENARIOS_LOG_OFFSETS_H_

#include "scenarios/scenario.h"

namespace weir::scenarios {

Scenario LogOffsets();

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_LOG_OFFSETS_H_
