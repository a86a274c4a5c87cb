#include "runtime/format/handle_codec.h"

#include "absl/strings/str_cat.h"
#include "runtime/base/status.h"
#include "runtime/types/java_string.h"

namespace weir::format_internal {
namespace {

// Real handles nest three deep (changelog, key groups, file); damaged bytes shall not exhaust the stack.
constexpr int kDepthMax = 8;

void WriteOffsets(const std::vector<int64_t>& offsets, ByteWriter& writer) {
  writer.I32(static_cast<int32_t>(offsets.size()));
  for (const int64_t offset : offsets) writer.I64(offset);
}

absl::Status ReadOffsets(ByteReader& reader, std::vector<int64_t>* offsets) {
  size_t count = 0;
  WEIR_RETURN_IF_ERROR(ReadCount(reader, 8, "number of offsets", &count));
  offsets->reserve(count);
  for (size_t i = 0; i < count; ++i) {
    offsets->push_back(reader.I64());
    // Flink 1.8 to 1.10 wrote -1 for a key group that a heap snapshot does not hold.
    if (offsets->back() < -1) return Damaged(reader, "negative offset");
  }
  return absl::OkStatus();
}

absl::Status ReadSize(ByteReader& reader, absl::string_view what, int64_t* size) {
  *size = reader.I64();
  return reader.ok() && *size >= 0 ? absl::OkStatus() : Damaged(reader, what);
}

absl::Status CheckKeyGroups(const ByteReader& reader, int64_t first, int64_t count) {
  if (reader.ok() && first >= 0 && count >= 0 && first + count <= kMaxParallelismUpperBound)
    return absl::OkStatus();
  return Damaged(reader, absl::StrCat("key groups ", first, " + ", count));
}

absl::Status ReadStreamAt(ByteReader& reader, int depth, StreamHandle* handle);

absl::Status ReadStreamBody(ByteReader& reader, int depth, StreamHandle* handle) {
  switch (handle->kind) {
    case StreamHandle::Kind::kNull:
    case StreamHandle::Kind::kEmptySegment:
      return absl::OkStatus();
    case StreamHandle::Kind::kInline: {
      handle->path = ReadUtf(reader);
      size_t size = 0;
      WEIR_RETURN_IF_ERROR(ReadCount(reader, 1, "length of inline state", &size));
      handle->bytes = std::string(reader.Raw(size));
      return absl::OkStatus();
    }
    case StreamHandle::Kind::kFile:
      WEIR_RETURN_IF_ERROR(ReadSize(reader, "size of a file", &handle->size));
      handle->path = ReadUtf(reader);
      return absl::OkStatus();
    case StreamHandle::Kind::kRelativeFile:
      handle->path = ReadUtf(reader);
      return ReadSize(reader, "size of a file", &handle->size);
    case StreamHandle::Kind::kKeyGroups:
      handle->first_key_group = reader.I32();
      WEIR_RETURN_IF_ERROR(ReadOffsets(reader, &handle->offsets));
      WEIR_RETURN_IF_ERROR(
          CheckKeyGroups(reader, handle->first_key_group, static_cast<int64_t>(handle->offsets.size())));
      return ReadStreamAt(reader, depth + 1, &handle->inner.emplace_back());
    case StreamHandle::Kind::kSegment:
      WEIR_RETURN_IF_ERROR(ReadSize(reader, "start of a segment", &handle->start));
      WEIR_RETURN_IF_ERROR(ReadSize(reader, "size of a segment", &handle->size));
      handle->scope = reader.I32();
      if (handle->scope < 0 || handle->scope > 1) return Damaged(reader, "scope of a segment");
      handle->path = ReadUtf(reader);
      handle->logical_id = ReadUtf(reader);
      return absl::OkStatus();
  }
  return Damaged(reader, absl::StrCat("unknown tag ", static_cast<int>(handle->kind), " of a stream handle"));
}

absl::Status ReadStreamAt(ByteReader& reader, int depth, StreamHandle* handle) {
  if (depth > kDepthMax) return Damaged(reader, "handles nested too deeply");
  handle->kind = static_cast<StreamHandle::Kind>(reader.U8());
  WEIR_RETURN_IF_ERROR(ReadStreamBody(reader, depth, handle));
  return reader.ok() ? absl::OkStatus() : Damaged(reader, "stream handle");
}

absl::Status WriteNamedStreams(const std::vector<NamedStream>& streams, ByteWriter& writer) {
  writer.I32(static_cast<int32_t>(streams.size()));
  for (const NamedStream& named : streams) {
    WEIR_RETURN_IF_ERROR(WriteText(writer, named.local_name));
    WEIR_RETURN_IF_ERROR(WriteStream(named.stream, writer));
  }
  return absl::OkStatus();
}

absl::Status ReadNamedStreams(ByteReader& reader, std::vector<NamedStream>* streams) {
  size_t count = 0;
  WEIR_RETURN_IF_ERROR(ReadCount(reader, 3, "number of files", &count));
  for (size_t i = 0; i < count; ++i) {
    NamedStream& named = streams->emplace_back();
    named.local_name = ReadUtf(reader);
    WEIR_RETURN_IF_ERROR(ReadStream(reader, &named.stream));
  }
  return absl::OkStatus();
}

absl::Status WriteKeyedList(const std::vector<KeyedHandle>& handles, ByteWriter& writer) {
  writer.I32(static_cast<int32_t>(handles.size()));
  for (const KeyedHandle& handle : handles) WEIR_RETURN_IF_ERROR(WriteKeyed(handle, writer));
  return absl::OkStatus();
}

absl::Status ReadKeyedAt(ByteReader& reader, int depth, KeyedHandle* handle);

absl::Status ReadKeyedList(ByteReader& reader, int depth, std::vector<KeyedHandle>* handles) {
  size_t count = 0;
  WEIR_RETURN_IF_ERROR(ReadCount(reader, 1, "number of nested handles", &count));
  for (size_t i = 0; i < count; ++i) {
    WEIR_RETURN_IF_ERROR(ReadKeyedAt(reader, depth + 1, &handles->emplace_back()));
  }
  return absl::OkStatus();
}

using KeyedKind = KeyedHandle::Kind;

absl::Status WriteRocks(const KeyedHandle& handle, ByteWriter& writer) {
  writer.I64(handle.checkpoint_id);
  WEIR_RETURN_IF_ERROR(WriteText(writer, handle.backend_id));
  writer.I32(handle.first_key_group);
  writer.I32(handle.range_size);
  if (handle.kind == KeyedKind::kRocks) writer.I64(handle.checkpointed_size);
  WEIR_RETURN_IF_ERROR(WriteStream(handle.stream, writer));
  WEIR_RETURN_IF_ERROR(WriteNamedStreams(handle.shared, writer));
  WEIR_RETURN_IF_ERROR(WriteNamedStreams(handle.exclusive, writer));
  return handle.kind == KeyedKind::kRocks ? WriteText(writer, handle.id) : absl::OkStatus();
}

absl::Status ReadRocks(ByteReader& reader, KeyedHandle* handle) {
  handle->checkpoint_id = reader.I64();
  handle->backend_id = ReadUtf(reader);
  handle->first_key_group = reader.I32();
  handle->range_size = reader.I32();
  WEIR_RETURN_IF_ERROR(CheckKeyGroups(reader, handle->first_key_group, handle->range_size));
  if (handle->kind == KeyedKind::kRocks) handle->checkpointed_size = reader.I64();
  WEIR_RETURN_IF_ERROR(ReadStream(reader, &handle->stream));
  WEIR_RETURN_IF_ERROR(ReadNamedStreams(reader, &handle->shared));
  WEIR_RETURN_IF_ERROR(ReadNamedStreams(reader, &handle->exclusive));
  if (handle->kind == KeyedKind::kRocks) handle->id = ReadUtf(reader);
  return absl::OkStatus();
}

absl::Status WriteChangelogPart(const KeyedHandle& handle, ByteWriter& writer) {
  writer.I32(handle.first_key_group);
  writer.I32(handle.range_size);
  switch (handle.kind) {
    case KeyedKind::kChangelogOld:
    case KeyedKind::kChangelog:
      writer.I64(handle.checkpointed_size);
      WEIR_RETURN_IF_ERROR(WriteKeyedList(handle.materialized, writer));
      WEIR_RETURN_IF_ERROR(WriteKeyedList(handle.log, writer));
      writer.I64(handle.materialization_id);
      if (handle.kind == KeyedKind::kChangelog) writer.I64(handle.checkpoint_id);
      return WriteText(writer, handle.id);
    case KeyedKind::kChangelogInMemory:
      writer.I64(handle.from);
      writer.I64(handle.to);
      writer.I32(static_cast<int32_t>(handle.changes.size()));
      for (const LoggedChange& change : handle.changes) {
        writer.I32(change.key_group);
        writer.Bytes(change.bytes);
      }
      return WriteText(writer, handle.id);
    default:
      writer.I32(static_cast<int32_t>(handle.files.size()));
      for (const OffsetStream& file : handle.files) {
        writer.I64(file.offset);
        WEIR_RETURN_IF_ERROR(WriteStream(file.stream, writer));
      }
      writer.I64(handle.size);
      writer.I64(handle.checkpointed_size);
      WEIR_RETURN_IF_ERROR(WriteText(writer, handle.id));
      return handle.kind == KeyedKind::kChangelogFiles ? WriteText(writer, handle.storage_id)
                                                       : absl::OkStatus();
  }
}

absl::Status ReadInMemoryChanges(ByteReader& reader, KeyedHandle* handle) {
  handle->from = reader.I64();
  handle->to = reader.I64();
  size_t count = 0;
  WEIR_RETURN_IF_ERROR(ReadCount(reader, 8, "number of changes", &count));
  for (size_t i = 0; i < count; ++i) {
    LoggedChange& change = handle->changes.emplace_back();
    change.key_group = reader.I32();
    size_t size = 0;
    WEIR_RETURN_IF_ERROR(ReadCount(reader, 1, "length of a change", &size));
    change.bytes = std::string(reader.Raw(size));
  }
  handle->id = ReadUtf(reader);
  return absl::OkStatus();
}

absl::Status ReadChangelogPart(ByteReader& reader, int depth, KeyedHandle* handle) {
  handle->first_key_group = reader.I32();
  handle->range_size = reader.I32();
  WEIR_RETURN_IF_ERROR(CheckKeyGroups(reader, handle->first_key_group, handle->range_size));
  switch (handle->kind) {
    case KeyedKind::kChangelogOld:
    case KeyedKind::kChangelog:
      handle->checkpointed_size = reader.I64();
      WEIR_RETURN_IF_ERROR(ReadKeyedList(reader, depth, &handle->materialized));
      WEIR_RETURN_IF_ERROR(ReadKeyedList(reader, depth, &handle->log));
      handle->materialization_id = reader.I64();
      if (handle->kind == KeyedKind::kChangelog) handle->checkpoint_id = reader.I64();
      handle->id = ReadUtf(reader);
      return absl::OkStatus();
    case KeyedKind::kChangelogInMemory:
      return ReadInMemoryChanges(reader, handle);
    default: {
      size_t count = 0;
      WEIR_RETURN_IF_ERROR(ReadCount(reader, 9, "number of log files", &count));
      for (size_t i = 0; i < count; ++i) {
        OffsetStream& file = handle->files.emplace_back();
        file.offset = reader.I64();
        WEIR_RETURN_IF_ERROR(ReadStream(reader, &file.stream));
      }
      handle->size = reader.I64();
      handle->checkpointed_size = reader.I64();
      handle->id = ReadUtf(reader);
      if (handle->kind == KeyedKind::kChangelogFiles) handle->storage_id = ReadUtf(reader);
      return absl::OkStatus();
    }
  }
}

absl::Status ReadKeyedBody(ByteReader& reader, int depth, KeyedHandle* handle) {
  switch (handle->kind) {
    case KeyedKind::kNull:
      return absl::OkStatus();
    case KeyedKind::kKeyGroups:
    case KeyedKind::kKeyGroupsSavepoint:
    case KeyedKind::kKeyGroupsWithId:
      handle->first_key_group = reader.I32();
      WEIR_RETURN_IF_ERROR(ReadOffsets(reader, &handle->offsets));
      WEIR_RETURN_IF_ERROR(
          CheckKeyGroups(reader, handle->first_key_group, static_cast<int64_t>(handle->offsets.size())));
      WEIR_RETURN_IF_ERROR(ReadStream(reader, &handle->stream));
      if (handle->kind == KeyedKind::kKeyGroupsWithId) handle->id = ReadUtf(reader);
      return absl::OkStatus();
    case KeyedKind::kRocksOld:
    case KeyedKind::kRocks:
      return ReadRocks(reader, handle);
    case KeyedKind::kChangelogOld:
    case KeyedKind::kChangelog:
    case KeyedKind::kChangelogInMemory:
    case KeyedKind::kChangelogFilesOld:
    case KeyedKind::kChangelogFiles:
      return ReadChangelogPart(reader, depth, handle);
  }
  return Damaged(reader, absl::StrCat("unknown tag ", static_cast<int>(handle->kind), " of a keyed handle"));
}

absl::Status ReadKeyedAt(ByteReader& reader, int depth, KeyedHandle* handle) {
  if (depth > kDepthMax) return Damaged(reader, "handles nested too deeply");
  handle->kind = static_cast<KeyedKind>(reader.U8());
  WEIR_RETURN_IF_ERROR(ReadKeyedBody(reader, depth, handle));
  return reader.ok() ? absl::OkStatus() : Damaged(reader, "keyed handle");
}

}  // namespace

absl::Status Damaged(const ByteReader& reader, absl::string_view what) {
  if (!reader.ok()) return WithContext(reader.status(), what);
  return absl::DataLossError(absl::StrCat(what, " before offset ", reader.offset()));
}

absl::Status ReadCount(ByteReader& reader, size_t smallest, absl::string_view what, size_t* count) {
  const int32_t read = reader.I32();
  if (!reader.ok() || read < 0 || static_cast<size_t>(read) > reader.remaining() / smallest) {
    return Damaged(reader, absl::StrCat(what, " (", read, ")"));
  }
  *count = static_cast<size_t>(read);
  return absl::OkStatus();
}

absl::Status WriteText(ByteWriter& writer, absl::string_view text) {
  if (WriteUtf(writer, text)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("name is not UTF-8 or longer than 65535 bytes: \"", text.substr(0, 40), "...\""));
}

absl::Status WriteStream(const StreamHandle& handle, ByteWriter& writer) {
  writer.U8(static_cast<uint8_t>(handle.kind));
  switch (handle.kind) {
    case StreamHandle::Kind::kNull:
    case StreamHandle::Kind::kEmptySegment:
      return absl::OkStatus();
    case StreamHandle::Kind::kInline:
      WEIR_RETURN_IF_ERROR(WriteText(writer, handle.path));
      writer.Bytes(handle.bytes);
      return absl::OkStatus();
    case StreamHandle::Kind::kFile:
      writer.I64(handle.size);
      return WriteText(writer, handle.path);
    case StreamHandle::Kind::kRelativeFile:
      WEIR_RETURN_IF_ERROR(WriteText(writer, handle.path));
      writer.I64(handle.size);
      return absl::OkStatus();
    case StreamHandle::Kind::kKeyGroups:
      if (handle.inner.size() != 1)
        return absl::InvalidArgumentError("a key-groups stream without its stream");
      writer.I32(handle.first_key_group);
      WriteOffsets(handle.offsets, writer);
      return WriteStream(handle.inner[0], writer);
    case StreamHandle::Kind::kSegment:
      writer.I64(handle.start);
      writer.I64(handle.size);
      writer.I32(handle.scope);
      WEIR_RETURN_IF_ERROR(WriteText(writer, handle.path));
      return WriteText(writer, handle.logical_id);
  }
  return absl::InvalidArgumentError("unknown kind of stream handle");
}

absl::Status WriteKeyed(const KeyedHandle& handle, ByteWriter& writer) {
  const KeyGroupRange range = handle.range();
  if (!range.empty() && (handle.first_key_group < 0 || range.last >= kMaxParallelismUpperBound)) {
    return absl::InvalidArgumentError(absl::StrCat("key groups ", range.first, "..", range.last));
  }
  writer.U8(static_cast<uint8_t>(handle.kind));
  switch (handle.kind) {
    case KeyedKind::kNull:
      return absl::OkStatus();
    case KeyedKind::kKeyGroups:
    case KeyedKind::kKeyGroupsSavepoint:
    case KeyedKind::kKeyGroupsWithId:
      writer.I32(handle.first_key_group);
      WriteOffsets(handle.offsets, writer);
      WEIR_RETURN_IF_ERROR(WriteStream(handle.stream, writer));
      return handle.kind == KeyedKind::kKeyGroupsWithId ? WriteText(writer, handle.id) : absl::OkStatus();
    case KeyedKind::kRocksOld:
    case KeyedKind::kRocks:
      return WriteRocks(handle, writer);
    default:
      return WriteChangelogPart(handle, writer);
  }
}

absl::Status ReadStream(ByteReader& reader, StreamHandle* handle) { return ReadStreamAt(reader, 0, handle); }

absl::Status ReadKeyed(ByteReader& reader, KeyedHandle* handle) { return ReadKeyedAt(reader, 0, handle); }

absl::Status WriteOperator(const OperatorHandle& handle, ByteWriter& writer) {
  writer.U8(static_cast<uint8_t>(handle.kind));
  writer.I32(static_cast<int32_t>(handle.states.size()));
  for (const OperatorStateOffsets& state : handle.states) {
    WEIR_RETURN_IF_ERROR(WriteText(writer, state.name));
    writer.U8(static_cast<uint8_t>(state.mode));
    WriteOffsets(state.offsets, writer);
  }
  if (handle.kind == OperatorHandle::Kind::kMerged) {
    WEIR_RETURN_IF_ERROR(WriteText(writer, handle.task_owned_directory));
    WEIR_RETURN_IF_ERROR(WriteText(writer, handle.shared_directory));
    writer.Bool(handle.is_empty);
  }
  return WriteStream(handle.stream, writer);
}

absl::Status ReadOperator(ByteReader& reader, OperatorHandle* handle) {
  const uint8_t tag = reader.U8();
  if (tag != 4 && tag != 17)
    return Damaged(reader, absl::StrCat("unknown tag ", tag, " of an operator handle"));
  handle->kind = static_cast<OperatorHandle::Kind>(tag);
  size_t count = 0;
  WEIR_RETURN_IF_ERROR(ReadCount(reader, 7, "number of operator states", &count));
  handle->states.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    OperatorStateOffsets& state = handle->states.emplace_back();
    state.name = ReadUtf(reader);
    const uint8_t mode = reader.U8();
    if (mode > 2) return Damaged(reader, absl::StrCat("mode ", mode, " of operator state ", state.name));
    state.mode = static_cast<OperatorStateMode>(mode);
    WEIR_RETURN_IF_ERROR(ReadOffsets(reader, &state.offsets));
  }
  if (handle->kind == OperatorHandle::Kind::kMerged) {
    handle->task_owned_directory = ReadUtf(reader);
    handle->shared_directory = ReadUtf(reader);
    const uint8_t flag = reader.U8();
    if (flag > 1) return Damaged(reader, "a flag of an operator handle");
    handle->is_empty = flag == 1;
  }
  return ReadStream(reader, &handle->stream);
}

absl::Status WriteChannel(const ChannelHandle& handle, bool has_type, ByteWriter& writer) {
  const bool is_merged = handle.kind >= ChannelHandle::Kind::kMergedInput;
  if (is_merged && !has_type)
    return absl::InvalidArgumentError("merged channel state needs metadata version 6");
  if (has_type) writer.U8(static_cast<uint8_t>(handle.kind));
  writer.I32(handle.subtask);
  if (!is_merged) {
    writer.I32(handle.gate);
    writer.I32(handle.channel);
    WriteOffsets(handle.offsets, writer);
  }
  writer.I64(handle.size);
  WEIR_RETURN_IF_ERROR(WriteStream(handle.stream, writer));
  if (is_merged) writer.Bytes(handle.merged);
  return absl::OkStatus();
}

absl::Status ReadChannel(ByteReader& reader, bool has_type, ChannelHandle::Kind untyped,
                         ChannelHandle* handle) {
  handle->kind = untyped;
  if (has_type) {
    const uint8_t type = reader.U8();
    const bool is_input = (type & 1) != 0;
    if (type < 1 || type > 4 || is_input != (untyped == ChannelHandle::Kind::kInput)) {
      return Damaged(reader, absl::StrCat("type ", type, " of a channel handle"));
    }
    handle->kind = static_cast<ChannelHandle::Kind>(type);
  }
  handle->subtask = reader.I32();
  const bool is_merged = handle->kind >= ChannelHandle::Kind::kMergedInput;
  if (!is_merged) {
    handle->gate = reader.I32();
    handle->channel = reader.I32();
    WEIR_RETURN_IF_ERROR(ReadOffsets(reader, &handle->offsets));
  }
  WEIR_RETURN_IF_ERROR(ReadSize(reader, "size of channel state", &handle->size));
  WEIR_RETURN_IF_ERROR(ReadStream(reader, &handle->stream));
  if (!is_merged) return absl::OkStatus();
  size_t size = 0;
  WEIR_RETURN_IF_ERROR(ReadCount(reader, 1, "length of merged channel state", &size));
  handle->merged = std::string(reader.Raw(size));
  return absl::OkStatus();
}

}  // namespace weir::format_internal
