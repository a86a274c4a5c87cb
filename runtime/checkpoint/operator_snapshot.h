// Licensed under the Apache License, Version 2.0.
#ifndef WEIR_RUNTIME_CHECKPOINT_OPERATOR_SNAPSHOT_H_
#define WEIR_RUNTIME_CHECKPOINT_OPERATOR_SNAPSHOT_H_

#include "runtime/base/ids.h"
#include "runtime/format/metadata.h"

namespace weir {

// What one operator of a subtask put into (or gets from) a checkpoint. `state` names the files by handles.
struct OperatorSnapshot {
  OperatorId operator_id;
  SubtaskState state;
  bool operator==(const OperatorSnapshot&) const = default;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_CHECKPOINT_OPERATOR_SNAPSHOT_H_
