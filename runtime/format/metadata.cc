#include "runtime/format/metadata.h"

#include <algorithm>

#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "runtime/base/status.h"
#include "runtime/format/handle_codec.h"
#include "runtime/types/java_string.h"

namespace weir {
namespace {

using format_internal::Damaged;
using format_internal::ReadCount;
using format_internal::WriteText;

constexpr uint32_t kMagic = 0x4960672D;
constexpr uint32_t kMasterStateMagic = 0xC96B1696;

absl::Status Invalid(absl::string_view what) { return absl::InvalidArgumentError(what); }

absl::Status WriteMasterState(const MasterState& state, ByteWriter& writer) {
  ByteWriter body;
  body.I32(state.version);
  WEIR_RETURN_IF_ERROR(WriteText(body, state.name));
  body.Bytes(state.bytes);
  writer.U32(kMasterStateMagic);
  writer.Bytes(body.bytes());
  return absl::OkStatus();
}

absl::Status ReadMasterState(ByteReader& reader, MasterState* state) {
  if (reader.U32() != kMasterStateMagic) return Damaged(reader, "magic number of a master state");
  size_t size = 0;
  WEIR_RETURN_IF_ERROR(ReadCount(reader, 1, "length of a master state", &size));
  ByteReader body(reader.Raw(size));
  state->version = body.I32();
  state->name = ReadUtf(body);
  WEIR_RETURN_IF_ERROR(ReadCount(body, 1, "length of a master state's bytes", &size));
  state->bytes = std::string(body.Raw(size));
  return WithContext(body.Finish(), "master state");
}

absl::Status WriteOperatorHandle(const OperatorHandle& handle, ByteWriter& writer) {
  writer.I32(handle.is_null() ? 0 : 1);
  return handle.is_null() ? absl::OkStatus() : format_internal::WriteOperator(handle, writer);
}

absl::Status ReadOperatorHandle(ByteReader& reader, OperatorHandle* handle) {
  const int32_t count = reader.I32();
  if (!reader.ok() || count < 0 || count > 1)
    return Damaged(reader, absl::StrCat("number of handles (", count, ")"));
  return count == 0 ? absl::OkStatus() : format_internal::ReadOperator(reader, handle);
}

absl::Status WriteChannels(const std::vector<ChannelHandle>& handles, int version, ByteWriter& writer) {
  writer.I32(static_cast<int32_t>(handles.size()));
  for (const ChannelHandle& handle : handles) {
    WEIR_RETURN_IF_ERROR(format_internal::WriteChannel(handle, version >= 6, writer));
  }
  return absl::OkStatus();
}

absl::Status ReadChannels(ByteReader& reader, int version, ChannelHandle::Kind kind,
                          std::vector<ChannelHandle>* handles) {
  size_t count = 0;
  WEIR_RETURN_IF_ERROR(ReadCount(reader, 13, "number of channel handles", &count));
  for (size_t i = 0; i < count; ++i) {
    WEIR_RETURN_IF_ERROR(format_internal::ReadChannel(reader, version >= 6, kind, &handles->emplace_back()));
  }
  return absl::OkStatus();
}

absl::Status WriteSubtask(const SubtaskState& subtask, int version, ByteWriter& writer) {
  if (subtask.is_finished) {
    if (version < 3) return Invalid("finished subtasks need metadata version 3");
    writer.I32(-subtask.index - 1);
    return absl::OkStatus();
  }
  writer.I32(subtask.index);
  if (version == 2) {
    writer.I64(-1);
    writer.I32(0);
  }
  WEIR_RETURN_IF_ERROR(WriteOperatorHandle(subtask.managed_operator, writer));
  WEIR_RETURN_IF_ERROR(WriteOperatorHandle(subtask.raw_operator, writer));
  WEIR_RETURN_IF_ERROR(format_internal::WriteKeyed(subtask.managed_keyed, writer));
  WEIR_RETURN_IF_ERROR(format_internal::WriteKeyed(subtask.raw_keyed, writer));
  if (version == 2) {
    if (subtask.input_channels.empty() && subtask.result_subpartitions.empty()) return absl::OkStatus();
    return Invalid("channel state needs metadata version 3");
  }
  WEIR_RETURN_IF_ERROR(WriteChannels(subtask.input_channels, version, writer));
  return WriteChannels(subtask.result_subpartitions, version, writer);
}

absl::Status ReadSubtask(ByteReader& reader, int version, SubtaskState* subtask) {
  subtask->index = reader.I32();
  if (subtask->index < 0) {
    if (version < 3) return Damaged(reader, "negative subtask index");
    subtask->index = -(subtask->index + 1);
    subtask->is_finished = true;
    return absl::OkStatus();
  }
  if (version == 2) {
    reader.I64();  // a duration nobody uses
    if (reader.I32() > 0) return Damaged(reader, "state of a release before 1.8");
  }
  WEIR_RETURN_IF_ERROR(
      WithContext(ReadOperatorHandle(reader, &subtask->managed_operator), "managed operator state"));
  WEIR_RETURN_IF_ERROR(WithContext(ReadOperatorHandle(reader, &subtask->raw_operator), "raw operator state"));
  WEIR_RETURN_IF_ERROR(
      WithContext(format_internal::ReadKeyed(reader, &subtask->managed_keyed), "managed keyed state"));
  WEIR_RETURN_IF_ERROR(
      WithContext(format_internal::ReadKeyed(reader, &subtask->raw_keyed), "raw keyed state"));
  if (version == 2) return absl::OkStatus();
  WEIR_RETURN_IF_ERROR(
      WithContext(ReadChannels(reader, version, ChannelHandle::Kind::kInput, &subtask->input_channels),
                  "input channel state"));
  return WithContext(
      ReadChannels(reader, version, ChannelHandle::Kind::kResult, &subtask->result_subpartitions),
      "result subpartition state");
}

// "" or what cannot be: the same is asked before writing and after reading.
std::string OperatorFault(const OperatorState& state) {
  if (state.parallelism < 1 || state.max_parallelism < state.parallelism ||
      state.max_parallelism > static_cast<int32_t>(kMaxParallelismUpperBound)) {
    return absl::StrCat("parallelism ", state.parallelism, " of at most ", state.max_parallelism);
  }
  if (state.coordinator.kind != StreamHandle::Kind::kNull &&
      state.coordinator.kind != StreamHandle::Kind::kInline) {
    return "coordinator state that is not inline";
  }
  if (state.is_fully_finished && !state.subtasks.empty()) return "subtasks of a finished operator";
  std::vector<int32_t> indexes;
  bool is_ascending = true;  // nearly always
  int32_t last = -1;
  for (const SubtaskState& subtask : state.subtasks) {
    if (subtask.index < 0 || subtask.index >= state.parallelism) {
      return absl::StrCat("subtask ", subtask.index, " of ", state.parallelism);
    }
    is_ascending = is_ascending && subtask.index > last;
    last = subtask.index;
  }
  if (is_ascending) return "";
  for (const SubtaskState& subtask : state.subtasks) indexes.push_back(subtask.index);
  std::sort(indexes.begin(), indexes.end());
  const auto twice = std::adjacent_find(indexes.begin(), indexes.end());
  return twice == indexes.end() ? "" : absl::StrCat("subtask ", *twice, " twice");
}

absl::Status WriteOperatorState(const OperatorState& state, int version, ByteWriter& writer) {
  if (const std::string fault = OperatorFault(state); !fault.empty()) return Invalid(fault);
  if (version >= 5) {
    WEIR_RETURN_IF_ERROR(WriteText(writer, state.name));
    WEIR_RETURN_IF_ERROR(WriteText(writer, state.uid));
  }
  writer.Raw(absl::string_view(reinterpret_cast<const char*>(state.id.bytes.data()), state.id.bytes.size()));
  writer.I32(state.parallelism);
  writer.I32(state.max_parallelism);
  if (version == 2) {
    if (!state.coordinator.is_null()) return Invalid("coordinator state needs metadata version 3");
    if (state.is_fully_finished) return Invalid("finished operators need metadata version 3");
    writer.I32(state.chain_length);
  } else {
    WEIR_RETURN_IF_ERROR(format_internal::WriteStream(state.coordinator, writer));
  }
  writer.I32(state.is_fully_finished ? -1 : static_cast<int32_t>(state.subtasks.size()));
  for (const SubtaskState& subtask : state.subtasks) {
    WEIR_RETURN_IF_ERROR(WithContext(WriteSubtask(subtask, version, writer),
                                     [&] { return absl::StrCat("subtask ", subtask.index); }));
  }
  return absl::OkStatus();
}

absl::Status ReadSubtasks(ByteReader& reader, int version, OperatorState* state) {
  const int32_t count = reader.I32();
  if (count == -1 && version >= 3) {
    state->is_fully_finished = true;
    return absl::OkStatus();
  }
  if (!reader.ok() || count < 0 || static_cast<size_t>(count) > reader.remaining() / 4) {
    return Damaged(reader, absl::StrCat("number of subtasks (", count, ")"));
  }
  // A damaged count is no reason to ask for memory.
  state->subtasks.reserve(static_cast<size_t>(std::min(count, std::max(state->parallelism, 0))));
  for (int32_t i = 0; i < count; ++i) {
    SubtaskState& subtask = state->subtasks.emplace_back();
    const absl::Status status = ReadSubtask(reader, version, &subtask);
    if (!status.ok()) return WithContext(status, absl::StrCat("subtask ", subtask.index));
  }
  return reader.ok() ? absl::OkStatus() : Damaged(reader, "subtasks");
}

absl::Status ReadOperatorState(ByteReader& reader, int version, OperatorState* state) {
  if (version >= 5) {
    state->name = ReadUtf(reader);
    state->uid = ReadUtf(reader);
  }
  const absl::string_view id = reader.Raw(state->id.bytes.size());
  if (!reader.ok()) return Damaged(reader, "operator id");
  std::memcpy(state->id.bytes.data(), id.data(), id.size());
  const auto name = [state] { return absl::StrCat("operator ", state->id.ToHex()); };
  state->parallelism = reader.I32();
  state->max_parallelism = reader.I32();
  absl::Status status;
  if (version == 2) {
    state->chain_length = reader.I32();
  } else {
    status = WithContext(format_internal::ReadStream(reader, &state->coordinator), "coordinator");
  }
  if (status.ok()) status = ReadSubtasks(reader, version, state);
  if (!status.ok()) return WithContext(status, name);
  const std::string fault = OperatorFault(*state);
  return fault.empty() ? absl::OkStatus() : WithContext(Damaged(reader, fault), name);
}

}  // namespace

int MetadataVersionOf(FlinkVersion version) {
  switch (version) {
    case FlinkVersion::k1_20:
      return 4;
    case FlinkVersion::k2_0:
      return 5;
    case FlinkVersion::k2_3:
      return 6;
  }
  return 4;
}

absl::StatusOr<std::string> WriteMetadata(const CheckpointMetadata& metadata, FlinkVersion target) {
  return WriteMetadataVersion(metadata, MetadataVersionOf(target));
}

absl::StatusOr<std::string> WriteMetadataVersion(const CheckpointMetadata& metadata, int version) {
  if (version < kOldestMetadataVersion || version > kNewestMetadataVersion) {
    return Invalid(absl::StrCat("metadata version ", version, " cannot be written"));
  }
  if (metadata.checkpoint_id < 0) return Invalid(absl::StrCat("checkpoint id ", metadata.checkpoint_id));
  ByteWriter writer;
  writer.U32(kMagic);
  writer.I32(version);
  writer.I64(metadata.checkpoint_id);
  writer.I32(static_cast<int32_t>(metadata.master_states.size()));
  for (const MasterState& state : metadata.master_states) {
    WEIR_RETURN_IF_ERROR(WithContext(WriteMasterState(state, writer), "master state"));
  }
  writer.I32(static_cast<int32_t>(metadata.operators.size()));
  absl::btree_set<OperatorId> seen;
  for (const OperatorState& state : metadata.operators) {
    const auto name = [&state] { return absl::StrCat("operator ", state.id.ToHex()); };
    if (!seen.insert(state.id).second) return Invalid(absl::StrCat(name(), " twice"));
    WEIR_RETURN_IF_ERROR(WithContext(WriteOperatorState(state, version, writer), name));
  }
  if (version < 4) return writer.Take();
  if (metadata.properties) {
    writer.Raw(WriteCheckpointProperties(*metadata.properties));
  } else if (metadata.properties_tail.empty()) {
    return Invalid(absl::StrCat("metadata version ", version, " needs checkpoint properties"));
  } else {
    writer.Raw(metadata.properties_tail);
  }
  return writer.Take();
}

absl::StatusOr<VersionedMetadata> ReadMetadata(absl::string_view bytes) {
  ByteReader reader(bytes);
  if (reader.U32() != kMagic || !reader.ok()) return Invalid("not a _metadata file: wrong magic number");
  VersionedMetadata result;
  result.version = reader.I32();
  if (reader.ok() && (result.version < kOldestMetadataVersion || result.version > kNewestMetadataVersion)) {
    return Invalid(absl::StrCat("metadata version ", result.version, " is not supported, only ",
                                kOldestMetadataVersion, " to ", kNewestMetadataVersion));
  }
  CheckpointMetadata& metadata = result.metadata;
  metadata.checkpoint_id = reader.I64();
  if (!reader.ok() || metadata.checkpoint_id < 0) return Damaged(reader, "checkpoint id");
  size_t count = 0;
  WEIR_RETURN_IF_ERROR(ReadCount(reader, 8, "number of master states", &count));
  for (size_t i = 0; i < count; ++i) {
    WEIR_RETURN_IF_ERROR(ReadMasterState(reader, &metadata.master_states.emplace_back()));
  }
  WEIR_RETURN_IF_ERROR(ReadCount(reader, 28, "number of operators", &count));
  absl::btree_set<OperatorId> seen;
  metadata.operators.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    OperatorState& state = metadata.operators.emplace_back();
    WEIR_RETURN_IF_ERROR(ReadOperatorState(reader, result.version, &state));
    if (!seen.insert(state.id).second)
      return Damaged(reader, absl::StrCat("operator ", state.id.ToHex(), " twice"));
  }
  if (result.version < 4) {
    WEIR_RETURN_IF_ERROR(reader.Finish());
    return result;
  }
  // The tail is an object stream to the end of the file. What is not understood is kept, so that nothing is lost.
  const absl::string_view tail = reader.Rest();
  if (tail.substr(0, 4) != absl::string_view("\xAC\xED\0\x05", 4))
    return Damaged(reader, "checkpoint properties");
  metadata.properties = ReadCheckpointProperties(tail);
  if (!metadata.properties) metadata.properties_tail = std::string(tail);
  return result;
}

}  // namespace weir
