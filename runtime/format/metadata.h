// Licensed under the Apache License, Version 2.0.
//
// `_metadata`: the one file that makes a checkpoint or savepoint. Read in Flink's versions 2 to 6
// (releases 1.8 to 2.3), written in the version of the target release; what was read can be written
// again byte for byte.
#ifndef WEIR_RUNTIME_FORMAT_METADATA_H_
#define WEIR_RUNTIME_FORMAT_METADATA_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/base/ids.h"
#include "runtime/format/checkpoint_properties.h"
#include "runtime/format/state_handle.h"
#include "runtime/types/flink_version.h"

namespace weir {

// The state of one subtask of one operator. Null handles: it has none of that kind.
struct SubtaskState {
  int32_t index = 0;
  bool is_finished = false;  // had ended before the checkpoint; it has no state then
  OperatorHandle managed_operator;
  OperatorHandle raw_operator;
  KeyedHandle managed_keyed;
  KeyedHandle raw_keyed;
  std::vector<ChannelHandle> input_channels;
  std::vector<ChannelHandle> result_subpartitions;

  bool operator==(const SubtaskState&) const = default;
};

struct OperatorState {
  std::string name;  // name and uid: only versions 5 and up carry them
  std::string uid;
  OperatorId id;
  int32_t parallelism = 1;
  int32_t max_parallelism = 128;
  int32_t chain_length = 1;            // version 2 only, ignored by Flink
  StreamHandle coordinator;            // kNull or kInline
  bool is_fully_finished = false;      // has no subtasks then
  std::vector<SubtaskState> subtasks;  // those that have state, each index once

  bool operator==(const OperatorState&) const = default;
};

struct MasterState {
  int32_t version = 0;
  std::string name;
  std::string bytes;
  bool operator==(const MasterState&) const = default;
};

struct CheckpointMetadata {
  int64_t checkpoint_id = 0;
  std::vector<MasterState> master_states;
  std::vector<OperatorState> operators;
  // Versions 4 and up. If `properties` is not set, `properties_tail` is written as it is.
  std::optional<CheckpointProperties> properties;
  std::string properties_tail;

  bool operator==(const CheckpointMetadata&) const = default;
};

inline constexpr int kOldestMetadataVersion = 2;
inline constexpr int kNewestMetadataVersion = 6;
// 1.20: 4; 2.0: 5; 2.3: 6.
int MetadataVersionOf(FlinkVersion version);

// The bytes of the file. kInvalidArgument, naming operator and field, if the value cannot be
// written: numbers out of range, a subtask twice, a name too long, what the version cannot say, no
// properties for version 4 and up.
absl::StatusOr<std::string> WriteMetadata(const CheckpointMetadata& metadata,
                                          FlinkVersion target = kDefaultFlinkVersion);
absl::StatusOr<std::string> WriteMetadataVersion(const CheckpointMetadata& metadata, int version);

struct VersionedMetadata {
  int version = 0;
  CheckpointMetadata metadata;
};
// kInvalidArgument: no such file (wrong magic) or a version that is not supported. kDataLoss:
// damaged; says the field and the offset.
absl::StatusOr<VersionedMetadata> ReadMetadata(absl::string_view bytes);

}  // namespace weir

#endif  // WEIR_RUNTIME_FORMAT_METADATA_H_
