// Licensed under the Apache License, Version 2.0.
#ifndef WEIR_RUNTIME_CHECKPOINT_CHECKPOINT_PLAN_H_
#define WEIR_RUNTIME_CHECKPOINT_CHECKPOINT_PLAN_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "runtime/base/ids.h"

namespace weir {

struct PlannedOperator {
  OperatorId id;
  std::string name;
  std::string uid;
};

struct PlannedVertex {
  std::string name;
  uint32_t parallelism = 1;
  uint32_t max_parallelism = 128;
  std::vector<PlannedOperator> operators;  // head first
};

// What a checkpoint must hear from, and what its metadata says of it. A vertex's index is its VertexId.
struct CheckpointPlan {
  std::vector<PlannedVertex> vertices;

  // "map -> sum[1]".
  std::string SubtaskName(SubtaskId subtask) const {
    return absl::StrCat(vertices[subtask.vertex.value].name, "[", subtask.index, "]");
  }
};

}  // namespace weir

#endif  // WEIR_RUNTIME_CHECKPOINT_CHECKPOINT_PLAN_H_
