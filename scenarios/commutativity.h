// Licensed under the Apache License, Version 2.0.
//
// The commutativity report: copies of a broadcast state differ, though their subtasks have applied the same elements. Whose
// fault is it? The user's function is run alone, without any engine, with elements that this run broadcast, two at a time in
// either order. If the state comes out differently, the function depends on an order that nobody promises, and the smallest
// such pair says so; if it never does, the engine is to be suspected.
#ifndef WEIR_SCENARIOS_COMMUTATIVITY_H_
#define WEIR_SCENARIOS_COMMUTATIVITY_H_

#include <string>

#include "absl/strings/string_view.h"
#include "properties/property.h"
#include "runtime/task/job_graph.h"

namespace weir::scenarios {

// One sentence, for people. Elements are made again from the source topics by the functions between source and broadcast.
// Pairs of two producers are tried before those of one (whose order only adversarial reordering changes); among each the
// least sum of offsets comes first, from the empty state and then from what the elements before the pair leave.
std::string ExplainDifferingCopies(const JobGraph& graph, const properties::Outside& outside,
                                   absl::string_view operator_id, absl::string_view state);

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_COMMUTATIVITY_H_
