// Licensed under the Apache License, Version 2.0.
//
// Operator ids: the 16 bytes under which an operator's state lies in a snapshot. From its uid, or,
// without one, from its place in the graph; both as Flink computes them.
#ifndef WEIR_RUNTIME_TYPES_OPERATOR_ID_H_
#define WEIR_RUNTIME_TYPES_OPERATOR_ID_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "runtime/base/ids.h"

namespace weir {

// murmur3_128 (x64, seed 0) of `bytes`: the 16 bytes as Guava gives them, both halves
// little-endian.
OperatorId Murmur3_128(absl::string_view bytes);

// The id of an operator with this uid.
inline OperatorId OperatorIdFromUid(absl::string_view uid) { return Murmur3_128(uid); }

// From 32 hex digits (what a user sets as uid hash): kInvalidArgument for anything else.
absl::StatusOr<OperatorId> OperatorIdFromHex(absl::string_view hex);

// An operator as the id rule sees it. Partitioning, union and side outputs are edges, not nodes.
struct IdNode {
  struct Input {
    size_t from = 0;         // index of the node before
    bool chainable = false;  // could the two run in one task: forward, equal parallelism, chaining allowed
  };
  std::string uid;            // empty: none
  std::vector<Input> inputs;  // in the order they were connected
};

// The id of each node; nodes stand in the order in which the program made them. kInvalidArgument if
// two ids collide (a uid used twice), naming it, or if the graph has a cycle without uid.
absl::StatusOr<std::vector<OperatorId>> AssignOperatorIds(absl::Span<const IdNode> nodes);

}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_OPERATOR_ID_H_
