#include "runtime/types/snapshot_codec.h"

#include "absl/strings/str_cat.h"
#include "runtime/types/codec_node.h"

namespace weir {

namespace types_internal {
namespace {

constexpr IntegerPart kTimestampParts[] = {{"millis", 8}, {"nanos", 4}};
constexpr IntegerPart kInstantParts[] = {{"seconds", 8}, {"nanos", 4}};
constexpr IntegerPart kDateTimeParts[] = {{"year", 4},   {"month", 1},  {"day", 1}, {"hour", 1},
                                          {"minute", 1}, {"second", 1}, {"nano", 4}};
constexpr IntegerPart kWindowParts[] = {{"start", 8}, {"end", 8}};

// How many nested snapshots a layout needs; -1: any number.
int ArityOf(ValueLayout layout) {
  switch (layout) {
    case ValueLayout::kTuple:
    case ValueLayout::kRow:
      return -1;
    case ValueLayout::kMap:
    case ValueLayout::kEither:
    case ValueLayout::kUnion:
    case ValueLayout::kTimer:
      return 2;
    case ValueLayout::kList:
    case ValueLayout::kSet:
    case ValueLayout::kObjectArray:
    case ValueLayout::kLinkedList:
    case ValueLayout::kNullable:
    case ValueLayout::kStreamElement:
    case ValueLayout::kBufferEntry:
    case ValueLayout::kSameAsNested:
      return 1;
    default:
      return 0;
  }
}

CodecNode MakeEntry(const NamedSnapshot& entry) {
  return entry.value.empty() ? CodecNode{} : MakeCodecNode(entry.value[0]);
}

}  // namespace

absl::Span<const IntegerPart> IntegerParts(ValueLayout layout) {
  switch (layout) {
    case ValueLayout::kSqlTimestamp:
      return kTimestampParts;
    case ValueLayout::kInstant:
      return kInstantParts;
    case ValueLayout::kLocalDate:
      return absl::MakeConstSpan(kDateTimeParts).subspan(0, 3);
    case ValueLayout::kLocalTime:
      return absl::MakeConstSpan(kDateTimeParts).subspan(3);
    case ValueLayout::kLocalDateTime:
      return kDateTimeParts;
    case ValueLayout::kTimeWindow:
      return kWindowParts;
    default:
      return {};
  }
}

CodecNode MakeCodecNode(const SerializerSnapshot& snapshot) {
  CodecNode node;
  node.snapshot = &snapshot;
  const SnapshotClass* known =
      snapshot.family == SnapshotFamily::kOpaque ? nullptr : FindSnapshotClass(snapshot.class_name);
  if (known == nullptr || known->family != snapshot.family) return node;
  const int arity = ArityOf(known->layout);
  if (arity >= 0 && snapshot.nested.size() != static_cast<size_t>(arity)) return node;
  // Without the null mask of version 3 the bytes are others.
  if (known->layout == ValueLayout::kLinkedList && snapshot.outer_version != 3) return node;
  node.layout = known->layout;
  node.size = known->element_length > 0 ? known->element_length : known->fixed_length;
  for (const SerializerSnapshot& nested : snapshot.nested) node.children.push_back(MakeCodecNode(nested));
  for (const NamedSnapshot& field : snapshot.fields) node.children.push_back(MakeEntry(field));
  for (const NamedSnapshot& entry : snapshot.registered_subclasses)
    node.subclasses.push_back(MakeEntry(entry));
  for (const NamedSnapshot& entry : snapshot.other_subclasses) node.subclasses.push_back(MakeEntry(entry));
  return node;
}

absl::Status UnknownValues(const CodecNode& node) {
  const bool is_named = node.snapshot != nullptr && !node.snapshot->class_name.empty();
  return absl::UnimplementedError(absl::StrCat(
      "values of ", is_named ? node.snapshot->class_name : "a serializer that is not in the snapshot",
      " are not understood"));
}

bool IsMinimal(absl::string_view big_integer) {
  if (big_integer.size() < 2) return !big_integer.empty();
  const bool is_negative = (static_cast<uint8_t>(big_integer[1]) & 0x80) != 0;
  return static_cast<uint8_t>(big_integer[0]) != (is_negative ? 0xFF : 0x00);
}

}  // namespace types_internal

SnapshotCodec::SnapshotCodec(const SerializerSnapshot& snapshot)
    : root_(std::make_unique<const types_internal::CodecNode>(types_internal::MakeCodecNode(snapshot))) {}
SnapshotCodec::SnapshotCodec(SnapshotCodec&&) noexcept = default;
SnapshotCodec& SnapshotCodec::operator=(SnapshotCodec&&) noexcept = default;
SnapshotCodec::~SnapshotCodec() = default;

absl::StatusOr<DynamicValue> SnapshotCodec::Read(ByteReader& reader) const {
  DynamicValue value;
  absl::Status error;
  if (types_internal::ReadDynamic(*root_, reader, &value, &error)) return value;
  return error.ok() ? reader.status() : error;
}

absl::Status SnapshotCodec::Skip(ByteReader& reader) const {
  absl::Status error;
  if (types_internal::ReadDynamic(*root_, reader, nullptr, &error)) return absl::OkStatus();
  return error.ok() ? reader.status() : error;
}

absl::Status SnapshotCodec::Write(const DynamicValue& value, ByteWriter& writer) const {
  return types_internal::WriteDynamic(*root_, value, writer);
}

}  // namespace weir
