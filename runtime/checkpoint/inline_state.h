// Licensed under the Apache License, Version 2.0.
//
// State that lies inside handles, not in files: what the memory backend acknowledges, and what is too small for a file.
// The ledger's part of it costs no bandwidth, so that judging a run does not change it; since the bytes travel in several
// messages and in `_metadata`, their number is kept in the handle's name, which nobody else reads: "<name>~<16 hex digits>".
#ifndef WEIR_RUNTIME_CHECKPOINT_INLINE_STATE_H_
#define WEIR_RUNTIME_CHECKPOINT_INLINE_STATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "runtime/checkpoint/operator_snapshot.h"

namespace weir {

StreamHandle InlineState(absl::string_view name, std::string bytes, uint64_t unbilled);

// How many bytes inside the handles are the ledger's.
uint64_t UnbilledOf(const SubtaskState& state);
uint64_t UnbilledOf(const std::vector<OperatorSnapshot>& snapshots);
uint64_t UnbilledOf(const CheckpointMetadata& metadata);

}  // namespace weir

#endif  // WEIR_RUNTIME_CHECKPOINT_INLINE_STATE_H_
