// Licensed under the Apache License, Version 2.0.
//
// The books of one checkpoint: every entry of the witness and every split offset that lie in its files, read from the
// object store as bytes, with the readers of runtime/format and nothing else of the engine.
#ifndef WEIR_PROPERTIES_CHECKPOINT_BOOKS_H_
#define WEIR_PROPERTIES_CHECKPOINT_BOOKS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "properties/property.h"
#include "runtime/base/codec.h"
#include "runtime/format/split_offsets.h"
#include "runtime/format/witness.h"

namespace weir::properties {

struct CheckpointBooks {
  struct Entry {
    std::string operator_id;  // 32 hex digits
    uint32_t subtask = 0;     // in whose file it lies
    WitnessEntry witness;
  };
  struct Offset {
    std::string operator_id;
    uint32_t subtask = 0;
    SplitOffset offset;
  };
  std::vector<Entry> entries;
  std::vector<Offset> offsets;
  std::map<std::string, uint32_t>
      parallelism;  // by operator id: that of the attempt which made the checkpoint
};

// "<checkpoint_dir>/<job id>/chk-<n>"
std::string CheckpointFolder(const JobShape& job, uint64_t checkpoint);

// Reads `_metadata` of a checkpoint and every state file that it names. kNotFound: a file that is not in the store;
// kDataLoss: one that cannot be read; both name it.
absl::StatusOr<CheckpointBooks> ReadCheckpointBooks(const JobShape& job, const Outside& outside,
                                                    uint64_t checkpoint);

// Calls `visit` for each element of an operator's list state in that checkpoint, subtask by subtask, with a reader that
// stands at the element. No such state: no calls. The same failures; the visitor's own end it.
absl::Status VisitOperatorList(const JobShape& job, const Outside& outside, uint64_t checkpoint,
                               absl::string_view operator_id, absl::string_view state,
                               absl::FunctionRef<absl::Status(ByteReader&)> visit);

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_CHECKPOINT_BOOKS_H_
