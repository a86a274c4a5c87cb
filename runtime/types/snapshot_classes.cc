#include "runtime/types/snapshot_classes.h"

#include <map>

#include "absl/strings/str_cat.h"

namespace weir::types_internal {
namespace {

using Table = std::map<std::string, SnapshotClass, std::less<>>;

struct NamedLength {
  absl::string_view name;
  int fixed_length;
};
constexpr NamedLength kBaseTypes[] = {
    {"Long", 8},        {"Int", 4},          {"Short", 2},          {"Byte", 1},
    {"Boolean", 1},     {"Char", 2},         {"Float", 4},          {"Double", 8},
    {"String", -1},     {"LongValue", 8},    {"IntValue", 4},       {"ShortValue", 2},
    {"ByteValue", 1},   {"BooleanValue", 1}, {"CharValue", 2},      {"FloatValue", 4},
    {"DoubleValue", 8}, {"StringValue", -1}, {"NullValue", 0},      {"Date", 8},
    {"SqlDate", 8},     {"SqlTime", 8},      {"SqlTimestamp", 12},  {"Instant", 12},
    {"LocalDate", 6},   {"LocalTime", 7},    {"LocalDateTime", 13}, {"BigInt", -1},
    {"BigDec", -1},     {"Void", 1},
};
constexpr absl::string_view kArrays[] = {
    "BytePrimitiveArray",  "BooleanPrimitiveArray", "CharPrimitiveArray",
    "ShortPrimitiveArray", "IntPrimitiveArray",     "LongPrimitiveArray",
    "FloatPrimitiveArray", "DoublePrimitiveArray",  "StringArray",
};

struct OtherClass {
  absl::string_view class_name;
  SnapshotFamily family;
  OuterBytes outer;
  int fixed_length;
  absl::string_view short_name;
};
constexpr OtherClass kOthers[] = {
    {kVoidNamespaceSnapshotClass, SnapshotFamily::kSimple, OuterBytes::kNone, 0, "VoidNamespace"},
    {kJavaSnapshotClass, SnapshotFamily::kSimple, OuterBytes::kNone, -1, "Java"},
    {"org.apache.flink.streaming.api.windowing.windows.TimeWindow$Serializer$"
     "TimeWindowSerializerSnapshot",
     SnapshotFamily::kSimple, OuterBytes::kNone, 16, "TimeWindow"},
    {"org.apache.flink.streaming.api.windowing.windows.GlobalWindow$Serializer$"
     "GlobalWindowSerializerSnapshot",
     SnapshotFamily::kSimple, OuterBytes::kNone, 1, "GlobalWindow"},
    {kTupleSnapshotClass, SnapshotFamily::kComposite, OuterBytes::kClass, -1, "Tuple"},
    {kListSnapshotClass, SnapshotFamily::kComposite, OuterBytes::kNone, -1, "List"},
    {kMapSnapshotClass, SnapshotFamily::kComposite, OuterBytes::kNone, -1, "Map"},
    {kNullableSnapshotClass, SnapshotFamily::kComposite, OuterBytes::kPadding, -1, "Nullable"},
    {kSetSnapshotClass, SnapshotFamily::kComposite, OuterBytes::kNone, -1, "Set"},
    {"org.apache.flink.runtime.state.ArrayListSerializerSnapshot", SnapshotFamily::kComposite,
     OuterBytes::kNone, -1, "ArrayList"},
    {"org.apache.flink.api.common.typeutils.base.GenericArraySerializerSnapshot", SnapshotFamily::kComposite,
     OuterBytes::kClass, -1, "GenericArray"},
    {"org.apache.flink.api.java.typeutils.runtime.JavaEitherSerializerSnapshot", SnapshotFamily::kComposite,
     OuterBytes::kNone, -1, "Either"},
    {"org.apache.flink.api.java.typeutils.runtime.RowSerializer$RowSerializerSnapshot",
     SnapshotFamily::kComposite, OuterBytes::kFlagFromVersion4, -1, "Row"},
    {"org.apache.flink.table.runtime.typeutils.LinkedListSerializer$LinkedListSerializerSnapshot",
     SnapshotFamily::kComposite, OuterBytes::kFlag, -1, "LinkedList"},
    {"org.apache.flink.streaming.api.operators.TimerSerializerSnapshot", SnapshotFamily::kComposite,
     OuterBytes::kNone, -1, "Timer"},
    {kTtlSnapshotClass, SnapshotFamily::kComposite, OuterBytes::kNone, -1, "Ttl"},
    {"org.apache.flink.streaming.runtime.streamrecord.StreamElementSerializer$"
     "StreamElementSerializerSnapshot",
     SnapshotFamily::kComposite, OuterBytes::kNone, -1, "StreamElement"},
    {"org.apache.flink.streaming.api.operators.co.IntervalJoinOperator$"
     "BufferEntrySerializerSnapshot",
     SnapshotFamily::kComposite, OuterBytes::kNone, -1, "BufferEntry"},
    {"org.apache.flink.streaming.api.datastream.CoGroupedStreams$UnionSerializerSnapshot",
     SnapshotFamily::kComposite, OuterBytes::kNone, -1, "Union"},
    {kPojoSnapshotClass, SnapshotFamily::kPojo, OuterBytes::kNone, -1, "Pojo"},
    {kEnumSnapshotClass, SnapshotFamily::kEnum, OuterBytes::kNone, 4, "Enum"},
};

Table MakeTable() {
  Table table;
  for (const NamedLength& base : kBaseTypes) {
    table.emplace(BaseSnapshotClass(base.name),
                  SnapshotClass{.fixed_length = base.fixed_length, .short_name = std::string(base.name)});
  }
  for (const absl::string_view array : kArrays) {
    table.emplace(absl::StrCat("org.apache.flink.api.common.typeutils.base.array.", array, "Serializer$",
                               array, "SerializerSnapshot"),
                  SnapshotClass{.short_name = std::string(array)});
  }
  for (const OtherClass& other : kOthers) {
    table.emplace(std::string(other.class_name), SnapshotClass{other.family, other.outer, other.fixed_length,
                                                               std::string(other.short_name)});
  }
  return table;
}

}  // namespace

std::string BaseSnapshotClass(absl::string_view type) {
  return absl::StrCat("org.apache.flink.api.common.typeutils.base.", type, "Serializer$", type,
                      "SerializerSnapshot");
}

const SnapshotClass* FindSnapshotClass(absl::string_view class_name) {
  static const Table* const kTable = new Table(MakeTable());  // immutable; never destroyed on purpose
  const auto found = kTable->find(class_name);
  return found == kTable->end() ? nullptr : &found->second;
}

}  // namespace weir::types_internal
