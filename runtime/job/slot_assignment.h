// Licensed under the Apache License, Version 2.0.
//
// Which slot lies where. Slots are shared as in Flink: a slot holds one subtask of each vertex, subtask i in slot i, so a
// job needs as many slots as its largest parallelism.
#ifndef WEIR_RUNTIME_JOB_SLOT_ASSIGNMENT_H_
#define WEIR_RUNTIME_JOB_SLOT_ASSIGNMENT_H_

#include <cstdint>
#include <map>
#include <vector>

#include "runtime/base/ids.h"
#include "runtime/task/job_graph.h"

namespace weir {

uint32_t SlotsNeeded(const JobGraph& graph);
uint32_t SlotsOffered(const std::map<NodeId, uint32_t>& offers);

// The node of each slot: task managers in turn by node id, each until its slots are used up. Fewer than `needed` if the
// offers do not suffice.
std::vector<NodeId> AssignSlots(const std::map<NodeId, uint32_t>& offers, uint32_t needed);

}  // namespace weir

#endif  // WEIR_RUNTIME_JOB_SLOT_ASSIGNMENT_H_
