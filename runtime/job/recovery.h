// Licensed under the Apache License, Version 2.0.
//
// From the bytes of `_metadata` to what each subtask of a new attempt restores. Pure.
#ifndef WEIR_RUNTIME_JOB_RECOVERY_H_
#define WEIR_RUNTIME_JOB_RECOVERY_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/base/ids.h"
#include "runtime/checkpoint/decisions.h"
#include "runtime/checkpoint/operator_snapshot.h"
#include "runtime/task/job_graph.h"

namespace weir {

// By subtask; those without state are left out. Order within a subtask: its operators from head to tail, for each the
// shares of the old subtasks in their order.
using RestoredState = std::map<SubtaskId, std::vector<OperatorSnapshot>>;

// `metadata`: the bytes of the file at MetadataPath(pointer.path). State of operators that the job does not have is left
// behind, as in Flink's failover. Where the state fixes the number of key groups and the author did not choose one,
// `graph` takes it over. kFailedPrecondition: the job cannot have this state (max parallelism). kDataLoss: the file is
// damaged or another checkpoint's.
absl::StatusOr<RestoredState> AssignState(absl::string_view metadata, const CheckpointPointer& pointer,
                                          JobGraph* graph);

}  // namespace weir

#endif  // WEIR_RUNTIME_JOB_RECOVERY_H_
