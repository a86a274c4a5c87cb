#include "runtime/types/serializer_snapshot.h"

#include "absl/strings/str_cat.h"
#include "runtime/base/status.h"
#include "runtime/types/java_string.h"
#include "runtime/types/snapshot_classes.h"

namespace weir {
namespace {

using types_internal::FindSnapshotClass;
using types_internal::OuterBytes;
using types_internal::SnapshotClass;

constexpr int32_t kProxyVersion = 2;
constexpr int32_t kCompositeMagic = 911108;
constexpr int32_t kNestedMagic = 1333245;
constexpr uint64_t kOptionalMapMagic = 0x4F2C69A3D70ull;
constexpr int kDepthMax =
    64;  // no real serializer is nested so deep; damaged bytes shall not exhaust the stack

absl::Status WriteName(ByteWriter& writer, absl::string_view name) {
  if (WriteUtf(writer, name)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("name is not text or longer than 65535 bytes: ", name.substr(0, 40), "..."));
}

absl::Status WriteVersioned(const SerializerSnapshot& snapshot, ByteWriter& writer);

absl::Status WriteOptionalMap(const std::vector<NamedSnapshot>& map, ByteWriter& writer) {
  writer.U64(kOptionalMapMagic);
  writer.I32(static_cast<int32_t>(map.size()));
  for (const NamedSnapshot& entry : map) {
    WEIR_RETURN_IF_ERROR(WriteName(writer, entry.name));
    writer.Bool(entry.key.has_value());
    if (entry.key) writer.Bytes(*entry.key);
    writer.Bool(!entry.value.empty());
    if (entry.value.empty()) continue;
    ByteWriter frame;
    WEIR_RETURN_IF_ERROR(WriteVersioned(entry.value[0], frame));
    writer.Bytes(frame.bytes());
  }
  return absl::OkStatus();
}

absl::Status WriteComposite(const SerializerSnapshot& snapshot, OuterBytes outer, ByteWriter& writer) {
  if (snapshot.version >= 3) {
    writer.I32(kCompositeMagic);
    writer.I32(snapshot.outer_version);
  }
  switch (outer) {
    case OuterBytes::kNone:
      break;
    case OuterBytes::kClass:
      WEIR_RETURN_IF_ERROR(WriteName(writer, snapshot.type_name));
      break;
    case OuterBytes::kPadding:
      writer.I32(snapshot.outer_value);
      break;
    case OuterBytes::kFlagFromVersion4:
      if (snapshot.outer_version < 4) break;
      [[fallthrough]];
    case OuterBytes::kFlag:
      writer.Bool(snapshot.outer_value != 0);
      break;
  }
  writer.I32(kNestedMagic);
  writer.I32(1);
  writer.I32(static_cast<int32_t>(snapshot.nested.size()));
  for (const SerializerSnapshot& nested : snapshot.nested)
    WEIR_RETURN_IF_ERROR(WriteVersioned(nested, writer));
  return absl::OkStatus();
}

absl::Status WriteVersioned(const SerializerSnapshot& snapshot, ByteWriter& writer) {
  if (snapshot.family == SnapshotFamily::kOpaque) return writer.Raw(snapshot.opaque), absl::OkStatus();
  WEIR_RETURN_IF_ERROR(WriteName(writer, snapshot.class_name));
  writer.I32(snapshot.version);
  const SnapshotClass* known = FindSnapshotClass(snapshot.class_name);
  if (known == nullptr || known->family != snapshot.family) {
    return absl::InvalidArgumentError(absl::StrCat("cannot write a snapshot of class ", snapshot.class_name));
  }
  switch (snapshot.family) {
    case SnapshotFamily::kSimple:
      return snapshot.version == 2 ? WriteName(writer, snapshot.legacy_name) : absl::OkStatus();
    case SnapshotFamily::kComposite:
      return WriteComposite(snapshot, known->outer, writer);
    case SnapshotFamily::kPojo:
      WEIR_RETURN_IF_ERROR(WriteName(writer, snapshot.type_name));
      WEIR_RETURN_IF_ERROR(WriteOptionalMap(snapshot.fields, writer));
      WEIR_RETURN_IF_ERROR(WriteOptionalMap(snapshot.registered_subclasses, writer));
      return WriteOptionalMap(snapshot.other_subclasses, writer);
    case SnapshotFamily::kEnum:
      WEIR_RETURN_IF_ERROR(WriteName(writer, snapshot.type_name));
      writer.I32(static_cast<int32_t>(snapshot.constants.size()));
      for (const std::string& constant : snapshot.constants)
        WEIR_RETURN_IF_ERROR(WriteName(writer, constant));
      return absl::OkStatus();
    case SnapshotFamily::kTtlAware:
      if (snapshot.nested.size() != 1) return absl::InvalidArgumentError("TtlAware has one nested snapshot");
      writer.Bool(snapshot.outer_value != 0);
      return WriteVersioned(snapshot.nested[0], writer);
    case SnapshotFamily::kOpaque:
      break;
  }
  return absl::OkStatus();
}

absl::Status Damaged(const ByteReader& reader, absl::string_view what) {
  if (!reader.ok()) return WithContext(reader.status(), absl::StrCat("serializer snapshot: ", what));
  return absl::DataLossError(absl::StrCat("serializer snapshot: ", what, " before offset ", reader.offset()));
}

// A count of things that take at least `smallest` bytes each.
absl::StatusOr<size_t> ReadCount(ByteReader& reader, size_t smallest, absl::string_view what) {
  const int32_t count = reader.I32();
  if (!reader.ok() || count < 0 || static_cast<size_t>(count) > reader.remaining() / smallest) {
    return Damaged(reader, what);
  }
  return static_cast<size_t>(count);
}

absl::StatusOr<SerializerSnapshot> ReadVersioned(ByteReader& reader, int depth);

// A frame's length, and then that many bytes.
absl::StatusOr<absl::string_view> ReadFrame(ByteReader& reader) {
  WEIR_ASSIGN_OR_RETURN(const size_t size, ReadCount(reader, 1, "length of a frame"));
  return reader.Raw(size);
}

absl::Status ReadOptionalMap(ByteReader& reader, int depth, std::vector<NamedSnapshot>* map) {
  if (reader.U64() != kOptionalMapMagic) return Damaged(reader, "magic number of a map");
  WEIR_ASSIGN_OR_RETURN(const size_t count, ReadCount(reader, 4, "number of entries of a map"));
  for (size_t i = 0; i < count; ++i) {
    NamedSnapshot& entry = map->emplace_back();
    entry.name = ReadUtf(reader);
    if (reader.U8() != 0) {
      WEIR_ASSIGN_OR_RETURN(const absl::string_view key, ReadFrame(reader));
      entry.key = std::string(key);
    }
    if (reader.U8() == 0) continue;
    WEIR_ASSIGN_OR_RETURN(const absl::string_view frame, ReadFrame(reader));
    ByteReader inner(frame);
    auto value = ReadVersioned(inner, depth + 1);
    if (value.ok() && inner.AtEnd()) {
      entry.value.push_back(*std::move(value));
    } else if (value.ok() || absl::IsUnimplemented(value.status())) {
      // The frame has a length, so what is not understood can be carried along.
      SerializerSnapshot& opaque = entry.value.emplace_back();
      opaque.family = SnapshotFamily::kOpaque;
      opaque.opaque = std::string(frame);
    } else {
      return WithContext(value.status(), absl::StrCat("entry ", entry.name));
    }
  }
  return reader.ok() ? absl::OkStatus() : Damaged(reader, "entries of a map");
}

absl::Status ReadComposite(ByteReader& reader, OuterBytes outer, int depth, SerializerSnapshot* snapshot) {
  if (snapshot->version >= 3) {
    if (reader.I32() != kCompositeMagic) return Damaged(reader, "magic number of a composite");
    snapshot->outer_version = reader.I32();
  } else {
    snapshot->outer_version = snapshot->version;
  }
  switch (outer) {
    case OuterBytes::kNone:
      break;
    case OuterBytes::kClass:
      snapshot->type_name = ReadUtf(reader);
      break;
    case OuterBytes::kPadding:
      snapshot->outer_value = reader.I32();
      if (snapshot->outer_value < 0) return Damaged(reader, "length of the padding");
      break;
    case OuterBytes::kFlagFromVersion4:
      snapshot->outer_value = 1;
      if (snapshot->outer_version < 4) break;
      [[fallthrough]];
    case OuterBytes::kFlag:
      snapshot->outer_value = reader.U8();
      if (snapshot->outer_value > 1) return Damaged(reader, "a flag");
      break;
  }
  if (reader.I32() != kNestedMagic || reader.I32() != 1) return Damaged(reader, "head of the nested block");
  WEIR_ASSIGN_OR_RETURN(const size_t count, ReadCount(reader, 6, "number of nested snapshots"));
  for (size_t i = 0; i < count; ++i) {
    WEIR_ASSIGN_OR_RETURN(SerializerSnapshot nested, ReadVersioned(reader, depth + 1));
    snapshot->nested.push_back(std::move(nested));
  }
  return absl::OkStatus();
}

absl::Status ReadEnum(ByteReader& reader, SerializerSnapshot* snapshot) {
  snapshot->type_name = ReadUtf(reader);
  WEIR_ASSIGN_OR_RETURN(const size_t count, ReadCount(reader, 2, "number of enum constants"));
  for (size_t i = 0; i < count; ++i) snapshot->constants.push_back(ReadUtf(reader));
  return absl::OkStatus();
}

absl::StatusOr<SerializerSnapshot> ReadVersioned(ByteReader& reader, int depth) {
  if (depth > kDepthMax) return Damaged(reader, "nested too deeply");
  SerializerSnapshot snapshot;
  snapshot.class_name = ReadUtf(reader);
  snapshot.version = reader.I32();
  if (!reader.ok()) return Damaged(reader, "class name and version");
  if (snapshot.class_name.empty()) return Damaged(reader, "empty class name");
  const SnapshotClass* known = FindSnapshotClass(snapshot.class_name);
  const auto not_known = [&] {
    return absl::UnimplementedError(absl::StrCat("serializer snapshot of class ", snapshot.class_name,
                                                 " version ", snapshot.version, " is not known"));
  };
  if (known == nullptr) return not_known();
  snapshot.family = known->family;
  absl::Status status;
  switch (known->family) {
    case SnapshotFamily::kSimple:
      if (snapshot.version != 2 && snapshot.version != 3) return not_known();
      if (snapshot.version == 2) snapshot.legacy_name = ReadUtf(reader);
      break;
    case SnapshotFamily::kComposite:
      if (snapshot.version < 1 || snapshot.version > 3) return not_known();
      status = ReadComposite(reader, known->outer, depth, &snapshot);
      break;
    case SnapshotFamily::kPojo:
      if (snapshot.version != 2) return not_known();
      snapshot.type_name = ReadUtf(reader);
      status = ReadOptionalMap(reader, depth, &snapshot.fields);
      if (status.ok()) status = ReadOptionalMap(reader, depth, &snapshot.registered_subclasses);
      if (status.ok()) status = ReadOptionalMap(reader, depth, &snapshot.other_subclasses);
      break;
    case SnapshotFamily::kEnum:
      if (snapshot.version != 3) return not_known();
      status = ReadEnum(reader, &snapshot);
      break;
    case SnapshotFamily::kTtlAware: {
      if (snapshot.version != 1) return not_known();
      snapshot.outer_value = reader.U8();
      if (snapshot.outer_value > 1) return Damaged(reader, "a flag");
      WEIR_ASSIGN_OR_RETURN(SerializerSnapshot nested, ReadVersioned(reader, depth + 1));
      snapshot.nested.push_back(std::move(nested));
      break;
    }
    case SnapshotFamily::kOpaque:
      return not_known();
  }
  if (!status.ok()) return status;
  if (!reader.ok()) return Damaged(reader, "payload");
  return snapshot;
}

}  // namespace

SerializerSnapshot VoidNamespaceSnapshot() {
  SerializerSnapshot snapshot;
  snapshot.class_name = std::string(types_internal::kVoidNamespaceSnapshotClass);
  snapshot.version = 3;
  return snapshot;
}

SerializerSnapshot JavaSerializerSnapshot() {
  SerializerSnapshot snapshot;
  snapshot.class_name = std::string(types_internal::kJavaSnapshotClass);
  snapshot.version = 3;
  return snapshot;
}

absl::Status WriteSerializerSnapshot(const SerializerSnapshot& snapshot, ByteWriter& writer) {
  writer.I32(kProxyVersion);
  return WriteVersioned(snapshot, writer);
}

absl::StatusOr<SerializerSnapshot> ReadSerializerSnapshot(ByteReader& reader) {
  if (reader.I32() != kProxyVersion) return Damaged(reader, "its version");
  return ReadVersioned(reader, 0);
}

int FixedLengthOf(const SerializerSnapshot& snapshot) {
  const SnapshotClass* known = FindSnapshotClass(snapshot.class_name);
  if (known == nullptr) return -1;
  if (known->family == SnapshotFamily::kTtlAware && snapshot.nested.size() == 1)
    return FixedLengthOf(snapshot.nested[0]);
  if (known->family != SnapshotFamily::kComposite) return known->fixed_length;
  if (known->short_name == "Nullable") return snapshot.outer_value > 0 ? 1 + snapshot.outer_value : -1;
  const bool is_timer = known->short_name == "Timer";
  const bool is_tuple = known->short_name == "Tuple" || known->short_name == "CaseClass";
  if (!is_tuple && !is_timer && known->short_name != "Ttl") return -1;
  int sum = is_timer ? 8 : 0;
  for (const SerializerSnapshot& nested : snapshot.nested) {
    const int length = FixedLengthOf(nested);
    if (length < 0 || (length == 0 && is_tuple)) return -1;
    sum += length;
  }
  return sum;
}

std::string DescribeSnapshot(const SerializerSnapshot& snapshot) {
  if (snapshot.family == SnapshotFamily::kOpaque) return "?";
  const SnapshotClass* known = FindSnapshotClass(snapshot.class_name);
  std::string text = known == nullptr ? snapshot.class_name : known->short_name;
  if (text == "Tuple") absl::StrAppend(&text, snapshot.nested.size());
  if (!snapshot.type_name.empty() && text.rfind("Tuple", 0) != 0)
    absl::StrAppend(&text, ":", snapshot.type_name);
  absl::string_view separator;
  if (snapshot.family == SnapshotFamily::kPojo) {
    text += "{";
    for (const NamedSnapshot& field : snapshot.fields) {
      absl::StrAppend(&text, separator, field.name, ":",
                      field.value.empty() ? "?" : DescribeSnapshot(field.value[0]));
      separator = ", ";
    }
    return text + "}";
  }
  if (snapshot.nested.empty()) return text;
  text += "<";
  for (const SerializerSnapshot& nested : snapshot.nested) {
    absl::StrAppend(&text, separator, DescribeSnapshot(nested));
    separator = ", ";
  }
  return text + ">";
}

}  // namespace weir
