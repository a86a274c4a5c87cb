// Licensed under the Apache License, Version 2.0.
//
// The books of one checkpoint: every entry of the witness, every split offset and every copy of a broadcast state that lie
// in its files, read from the object store as bytes, with the readers of runtime/format and nothing else of the engine.
#ifndef WEIR_PROPERTIES_CHECKPOINT_BOOKS_H_
#define WEIR_PROPERTIES_CHECKPOINT_BOOKS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "properties/broadcast_copies.h"
#include "properties/property.h"
#include "runtime/base/codec.h"
#include "runtime/format/split_offsets.h"
#include "runtime/format/witness.h"

namespace weir::properties {

struct CheckpointBooks {
  CheckpointBooks() = default;
  CheckpointBooks(CheckpointBooks&&) = default;
  CheckpointBooks& operator=(CheckpointBooks&&) = default;

  // Ids of operators: 32 hex digits, which lie in `parallelism`.
  struct Entry {
    absl::string_view operator_id;
    uint32_t subtask = 0;  // in whose file it lies
    WitnessEntry witness;
  };
  struct Offset {
    absl::string_view operator_id;
    uint32_t subtask = 0;
    SplitOffset offset;
  };
  struct Copy {  // of a broadcast state of the user's; one whose types nobody can take apart is left out
    absl::string_view operator_id;
    uint32_t subtask = 0;
    BroadcastCopy copy;
  };
  std::vector<Entry> entries;
  std::vector<Offset> offsets;
  std::vector<Copy> copies;
  std::map<std::string, uint32_t>
      parallelism;  // by operator id: that of the attempt which made the checkpoint
};

// "<checkpoint_dir>/<job id>/chk-<n>"
std::string CheckpointFolder(const JobShape& job, uint64_t checkpoint);

// Reads `_metadata` of a checkpoint and every state file that it names. kNotFound: a file that is not in the store;
// kDataLoss: one that cannot be read; both name it.
absl::StatusOr<CheckpointBooks> ReadCheckpointBooks(const JobShape& job, const Outside& outside,
                                                    uint64_t checkpoint);

// The same, read once for all properties of a run that look at one checkpoint after the other.
class SharedBooks : public SharedReading {
 public:
  static constexpr absl::string_view kName = "books";
  // Valid until the next call.
  const absl::StatusOr<CheckpointBooks>& Read(const JobShape& job, const Outside& outside,
                                              uint64_t checkpoint);

 private:
  uint64_t checkpoint_ = 0;  // 0: none yet
  absl::StatusOr<CheckpointBooks> books_;
};

// Calls `visit` for each element of an operator's list state in that checkpoint, subtask by subtask, with a reader that
// stands at the element. No such state: no calls. The same failures; the visitor's own end it.
absl::Status VisitOperatorList(const JobShape& job, const Outside& outside, uint64_t checkpoint,
                               absl::string_view operator_id, absl::string_view state,
                               absl::FunctionRef<absl::Status(ByteReader&)> visit);

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_CHECKPOINT_BOOKS_H_
