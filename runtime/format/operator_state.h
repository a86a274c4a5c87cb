// Licensed under the Apache License, Version 2.0.
//
// The operator-state stream of one subtask: list, union and broadcast states. A header names them,
// then come their elements; the *handle* in `_metadata` says where each element begins, and after a
// rescale a subtask gets only some of those offsets.
#ifndef WEIR_RUNTIME_FORMAT_OPERATOR_STATE_H_
#define WEIR_RUNTIME_FORMAT_OPERATOR_STATE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "runtime/base/codec.h"
#include "runtime/format/state_meta.h"
#include "runtime/types/flink_version.h"

namespace weir {

// Values are serialised already; `meta` says with what.
struct OperatorListState {
  StateMeta meta;  // StateMeta::OperatorList
  std::vector<std::string> elements;
};
struct OperatorBroadcastState {
  StateMeta meta;  // StateMeta::Broadcast
  std::vector<std::pair<std::string, std::string>> entries;
};
struct OperatorStateContent {
  std::vector<OperatorListState> lists;
  std::vector<OperatorBroadcastState> broadcasts;
};

// The same, where it lies elsewhere.
struct OperatorListView {
  const StateMeta* meta = nullptr;
  absl::Span<const std::string> elements;
};
struct OperatorBroadcastView {
  const StateMeta* meta = nullptr;
  absl::Span<const std::pair<std::string, std::string>> entries;
};
struct OperatorStateView {
  std::vector<OperatorListView> lists;
  std::vector<OperatorBroadcastView> broadcasts;
};

struct OperatorStateStream {
  std::string bytes;
  std::vector<OperatorStateOffsets> states;  // for the handle
};

// kInvalidArgument if a meta block cannot be written or a name stands twice among lists or among
// broadcasts.
absl::StatusOr<OperatorStateStream> WriteOperatorState(const OperatorStateContent& content,
                                                       FlinkVersion target = kDefaultFlinkVersion);
absl::StatusOr<OperatorStateStream> WriteOperatorState(const OperatorStateView& content,
                                                       FlinkVersion target = kDefaultFlinkVersion);

class OperatorStateReader {
 public:
  // `bytes` must outlive the reader. kDataLoss for a damaged header, kUnimplemented for compressed
  // state or an unknown serializer.
  static absl::StatusOr<OperatorStateReader> Open(absl::string_view bytes);
  // The reader for another stream. Those of one operator begin alike: a header that is byte for byte the last one is not
  // parsed again. After an error it is as good as new.
  OperatorStateReader() = default;
  absl::Status Reopen(absl::string_view bytes);

  const std::vector<StateMeta>& lists() const { return lists_; }
  const std::vector<StateMeta>& broadcasts() const { return broadcasts_; }
  // Null if there is no such state.
  const StateMeta* Find(absl::string_view name, OperatorStateMode mode) const;

  // A reader that stands at `offset`. For a list element: deserialise one value. For a broadcast
  // state: an int n, then n times key and value. kDataLoss if the offset cannot be one.
  absl::StatusOr<ByteReader> At(int64_t offset) const;

 private:
  absl::Status ParseHeader(absl::string_view bytes);

  absl::string_view bytes_;
  size_t header_end_ = 0;
  std::string header_;  // of the last stream that Reopen was given
  std::vector<StateMeta> lists_;
  std::vector<StateMeta> broadcasts_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_FORMAT_OPERATOR_STATE_H_
