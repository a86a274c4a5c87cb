#include "runtime/types/snapshot_classes.h"

#include <map>

#include "absl/strings/str_cat.h"

namespace weir::types_internal {
namespace {

// Names share long beginnings, but seldom their length.
struct ByLength {
  using is_transparent = void;
  bool operator()(absl::string_view a, absl::string_view b) const {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  }
};
using Table = std::map<std::string, SnapshotClass, ByLength>;

using Layout = ValueLayout;

struct BaseType {
  absl::string_view name;
  int fixed_length;
  Layout layout;
};
constexpr BaseType kBaseTypes[] = {
    {"Long", 8, Layout::kInteger},
    {"Int", 4, Layout::kInteger},
    {"Short", 2, Layout::kInteger},
    {"Byte", 1, Layout::kInteger},
    {"Boolean", 1, Layout::kBoolean},
    {"Char", 2, Layout::kCharacter},
    {"Float", 4, Layout::kFloating},
    {"Double", 8, Layout::kFloating},
    {"String", -1, Layout::kText},
    {"LongValue", 8, Layout::kInteger},
    {"IntValue", 4, Layout::kInteger},
    {"ShortValue", 2, Layout::kInteger},
    {"ByteValue", 1, Layout::kInteger},
    {"BooleanValue", 1, Layout::kBoolean},
    {"CharValue", 2, Layout::kCharacter},
    {"FloatValue", 4, Layout::kFloating},
    {"DoubleValue", 8, Layout::kFloating},
    {"StringValue", -1, Layout::kTextValue},
    {"NullValue", 0, Layout::kNothing},
    {"Date", 8, Layout::kInteger},
    {"SqlDate", 8, Layout::kInteger},
    {"SqlTime", 8, Layout::kInteger},
    {"SqlTimestamp", 12, Layout::kSqlTimestamp},
    {"Instant", 12, Layout::kInstant},
    {"LocalDate", 6, Layout::kLocalDate},
    {"LocalTime", 7, Layout::kLocalTime},
    {"LocalDateTime", 13, Layout::kLocalDateTime},
    {"BigInt", -1, Layout::kBigInteger},
    {"BigDec", -1, Layout::kBigDecimal},
    {"Void", 1, Layout::kZeroByte},
};

struct ArrayType {
  absl::string_view name;
  int element_length;
  Layout layout;
};
constexpr ArrayType kArrays[] = {
    {"BytePrimitiveArray", 1, Layout::kBytes},
    {"BooleanPrimitiveArray", 1, Layout::kBooleans},
    {"CharPrimitiveArray", 2, Layout::kCharacters},
    {"ShortPrimitiveArray", 2, Layout::kIntegers},
    {"IntPrimitiveArray", 4, Layout::kIntegers},
    {"LongPrimitiveArray", 8, Layout::kIntegers},
    {"FloatPrimitiveArray", 4, Layout::kFloatings},
    {"DoublePrimitiveArray", 8, Layout::kFloatings},
    {"StringArray", 0, Layout::kTexts},
};

struct OtherClass {
  absl::string_view class_name;
  absl::string_view short_name;
  SnapshotFamily family;
  Layout layout;
  OuterBytes outer = OuterBytes::kNone;
  int fixed_length = -1;
};
constexpr auto kSimple = SnapshotFamily::kSimple;
constexpr auto kComposite = SnapshotFamily::kComposite;
constexpr OtherClass kOthers[] = {
    {kVoidNamespaceSnapshotClass, "VoidNamespace", kSimple, Layout::kZeroByte, OuterBytes::kNone, 0},
    {kJavaSnapshotClass, "Java", kSimple, Layout::kOpaque},
    {"org.apache.flink.streaming.api.windowing.windows.TimeWindow$Serializer$"
     "TimeWindowSerializerSnapshot",
     "TimeWindow", kSimple, Layout::kTimeWindow, OuterBytes::kNone, 16},
    {"org.apache.flink.streaming.api.windowing.windows.GlobalWindow$Serializer$"
     "GlobalWindowSerializerSnapshot",
     "GlobalWindow", kSimple, Layout::kZeroByte, OuterBytes::kNone, 1},
    {kTupleSnapshotClass, "Tuple", kComposite, Layout::kTuple, OuterBytes::kClass},
    {"org.apache.flink.api.scala.typeutils.ScalaCaseClassSerializerSnapshot", "CaseClass", kComposite,
     Layout::kTuple, OuterBytes::kClass},
    {kListSnapshotClass, "List", kComposite, Layout::kList},
    {kMapSnapshotClass, "Map", kComposite, Layout::kMap},
    {kNullableSnapshotClass, "Nullable", kComposite, Layout::kNullable, OuterBytes::kPadding},
    {kSetSnapshotClass, "Set", kComposite, Layout::kSet},
    {"org.apache.flink.runtime.state.ArrayListSerializerSnapshot", "ArrayList", kComposite, Layout::kList},
    {"org.apache.flink.api.common.typeutils.base.GenericArraySerializerSnapshot", "GenericArray", kComposite,
     Layout::kObjectArray, OuterBytes::kClass},
    {kEitherSnapshotClass, "Either", kComposite, Layout::kEither},
    {"org.apache.flink.api.java.typeutils.runtime.RowSerializer$RowSerializerSnapshot", "Row", kComposite,
     Layout::kRow, OuterBytes::kFlagFromVersion4},
    {"org.apache.flink.table.runtime.typeutils.LinkedListSerializer$LinkedListSerializerSnapshot",
     "LinkedList", kComposite, Layout::kLinkedList, OuterBytes::kFlag},
    {"org.apache.flink.streaming.api.operators.TimerSerializerSnapshot", "Timer", kComposite, Layout::kTimer},
    {kTtlSnapshotClass, "Ttl", kComposite, Layout::kTuple},
    {"org.apache.flink.streaming.runtime.streamrecord.StreamElementSerializer$"
     "StreamElementSerializerSnapshot",
     "StreamElement", kComposite, Layout::kStreamElement},
    {"org.apache.flink.streaming.api.operators.co.IntervalJoinOperator$"
     "BufferEntrySerializerSnapshot",
     "BufferEntry", kComposite, Layout::kBufferEntry},
    {"org.apache.flink.streaming.api.datastream.CoGroupedStreams$UnionSerializerSnapshot", "Union",
     kComposite, Layout::kUnion},
    {kTtlAwareSnapshotClass, "TtlAware", SnapshotFamily::kTtlAware, Layout::kSameAsNested},
    {kPojoSnapshotClass, "Pojo", SnapshotFamily::kPojo, Layout::kPojo},
    {kEnumSnapshotClass, "Enum", SnapshotFamily::kEnum, Layout::kEnum, OuterBytes::kNone, 4},
};

Table MakeTable() {
  Table table;
  for (const BaseType& base : kBaseTypes) {
    table.emplace(BaseSnapshotClass(base.name), SnapshotClass{.fixed_length = base.fixed_length,
                                                              .layout = base.layout,
                                                              .short_name = std::string(base.name)});
  }
  for (const ArrayType& array : kArrays) {
    table.emplace(absl::StrCat("org.apache.flink.api.common.typeutils.base.array.", array.name, "Serializer$",
                               array.name, "SerializerSnapshot"),
                  SnapshotClass{.layout = array.layout,
                                .element_length = array.element_length,
                                .short_name = std::string(array.name)});
  }
  for (const OtherClass& other : kOthers) {
    table.emplace(std::string(other.class_name), SnapshotClass{.family = other.family,
                                                               .outer = other.outer,
                                                               .fixed_length = other.fixed_length,
                                                               .layout = other.layout,
                                                               .short_name = std::string(other.short_name)});
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
