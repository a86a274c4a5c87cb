// Licensed under the Apache License, Version 2.0.
//
// Who gets which state of a checkpoint: by Flink's rules, for any old and new parallelism. Pure; handles only, never
// the bytes behind them.
//
//   equal parallelism  every subtask gets back what it had, untouched; union states go to everybody
//   split (list)       the elements of all old subtasks, in order, are dealt in contiguous blocks whose sizes differ by
//                      at most one; who gets the extra ones goes on from state to state, names in sorted order
//   union              every new subtask gets every element
//   broadcast          new subtask i gets the copy of the (i mod n)-th of the n old subtasks that had the state
//   keyed              every old handle cut to the key groups of the new subtask; a RocksDB database whole, to be cut when
//                      it is restored
//
// (Flink takes the names in the order of a Java hash map; sorted order is our choice among the legal ones.)
#ifndef WEIR_RUNTIME_CHECKPOINT_REDISTRIBUTION_H_
#define WEIR_RUNTIME_CHECKPOINT_REDISTRIBUTION_H_

#include <vector>

#include "absl/status/statusor.h"
#include "runtime/format/metadata.h"

namespace weir {

// By new subtask: its handles, in the order of the old subtasks. `old` has one entry an old subtask, null if it had
// none. Handles without elements are left out.
std::vector<std::vector<OperatorHandle>> RedistributeOperatorState(const std::vector<OperatorHandle>& old,
                                                                   uint32_t parallelism);

// By new subtask, as above. kUnimplemented: a handle that cannot be cut to a range of key groups.
absl::StatusOr<std::vector<std::vector<KeyedHandle>>> RedistributeKeyedState(
    const std::vector<KeyedHandle>& old, uint32_t parallelism, uint32_t max_parallelism);

// All state of one operator, by new subtask. A subtask whose share comes from several old ones gets several entries;
// each holds at most one handle of a kind. kDataLoss: a subtask index out of range. kUnimplemented: in-flight data with
// another parallelism.
absl::StatusOr<std::vector<std::vector<SubtaskState>>> Redistribute(const OperatorState& old,
                                                                    uint32_t parallelism);

// Replaces relative file handles by kFile handles with the whole key, `folder` being where `_metadata` lies.
void ResolveRelativeFiles(SubtaskState* state, absl::string_view folder);

}  // namespace weir

#endif  // WEIR_RUNTIME_CHECKPOINT_REDISTRIBUTION_H_
