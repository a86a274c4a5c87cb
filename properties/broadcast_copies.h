// Licensed under the Apache License, Version 2.0.
//
// One subtask's copy of a broadcast state, read from the bytes of a snapshot without knowing its C++ types, and what two
// copies have that is not the same, in words.
#ifndef WEIR_PROPERTIES_BROADCAST_COPIES_H_
#define WEIR_PROPERTIES_BROADCAST_COPIES_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "runtime/format/operator_state.h"

namespace weir::properties {

struct BroadcastCopy {
  StateMeta meta;                              // empty: the subtask has no such state
  std::map<std::string, std::string> entries;  // serialised key -> serialised value
};

// REQUIRES: state.mode is kBroadcast. kDataLoss; kUnimplemented: a type whose bytes only its own program can take apart.
absl::StatusOr<BroadcastCopy> ReadBroadcastCopy(const OperatorStateReader& reader,
                                                const OperatorStateOffsets& state);

// The least key, in the order of its bytes, under which the two do not hold the same.
struct CopyDifference {
  std::string key;  // all as JSON
  std::string first;
  std::string second;  // "nothing" if there is no such key
};
std::optional<CopyDifference> FirstDifference(const BroadcastCopy& first, const BroadcastCopy& second);

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_BROADCAST_COPIES_H_
