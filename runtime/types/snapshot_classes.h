// Licensed under the Apache License, Version 2.0.
//
// The serializer snapshot classes that Weir knows: their names and what their payload looks like.
// Internal to the sources of this folder.
#ifndef WEIR_RUNTIME_TYPES_SNAPSHOT_CLASSES_H_
#define WEIR_RUNTIME_TYPES_SNAPSHOT_CLASSES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "runtime/types/serializer_snapshot.h"

namespace weir::types_internal {

// What stands between the outer version and the nested block of a composite snapshot.
enum class OuterBytes : uint8_t { kNone, kClass, kPadding, kFlag, kFlagFromVersion4 };

// What the bytes of a value look like (snapshot_codec.cc).
enum class ValueLayout : uint8_t {
  kOpaque,  // not public, or not worth it
  kNothing,
  kZeroByte,  // no bytes; one byte 00
  kBoolean,
  kInteger,
  kCharacter,
  kFloating,  // of the fixed length
  kText,
  kTextValue,  // the count of units plus one (0: null), or the count
  kSqlTimestamp,
  kInstant,
  kLocalDate,
  kLocalTime,
  kLocalDateTime,
  kTimeWindow,  // integers in a row
  kBigInteger,
  kBigDecimal,
  kBytes,
  kBooleans,
  kIntegers,
  kCharacters,
  kFloatings,
  kTexts,  // a count and elements
  kTuple,
  kList,
  kSet,
  kObjectArray,
  kLinkedList,
  kMap,
  kNullable,
  kEither,
  kUnion,
  kRow,
  kTimer,
  kStreamElement,
  kBufferEntry,
  kSameAsNested,
  kPojo,
  kEnum,
};

struct SnapshotClass {
  SnapshotFamily family = SnapshotFamily::kSimple;
  OuterBytes outer = OuterBytes::kNone;
  int fixed_length = -1;  // kSimple, kEnum: of the values
  ValueLayout layout = ValueLayout::kOpaque;
  int element_length = 0;  // of the elements of primitive arrays
  std::string short_name;  // "Long", "Tuple"
};

// Null if the class is not known.
const SnapshotClass* FindSnapshotClass(absl::string_view class_name);

// "...base.LongSerializer$LongSerializerSnapshot" for "Long".
std::string BaseSnapshotClass(absl::string_view type);
inline constexpr absl::string_view kBytesSnapshotClass =
    "org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer$"
    "BytePrimitiveArraySerializerSnapshot";
inline constexpr absl::string_view kTupleSnapshotClass =
    "org.apache.flink.api.java.typeutils.runtime.TupleSerializerSnapshot";
inline constexpr absl::string_view kListSnapshotClass =
    "org.apache.flink.api.common.typeutils.base.ListSerializerSnapshot";
inline constexpr absl::string_view kSetSnapshotClass =
    "org.apache.flink.api.common.typeutils.base.SetSerializerSnapshot";
inline constexpr absl::string_view kMapSnapshotClass =
    "org.apache.flink.api.common.typeutils.base.MapSerializerSnapshot";
inline constexpr absl::string_view kEitherSnapshotClass =
    "org.apache.flink.api.java.typeutils.runtime.JavaEitherSerializerSnapshot";
inline constexpr absl::string_view kNullableSnapshotClass =
    "org.apache.flink.api.java.typeutils.runtime.NullableSerializer$NullableSerializerSnapshot";
inline constexpr absl::string_view kPojoSnapshotClass =
    "org.apache.flink.api.java.typeutils.runtime.PojoSerializerSnapshot";
inline constexpr absl::string_view kTtlSnapshotClass =
    "org.apache.flink.runtime.state.ttl.TtlStateFactory$TtlSerializerSnapshot";
inline constexpr absl::string_view kTtlAwareSnapshotClass =
    "org.apache.flink.runtime.state.ttl.TtlAwareSerializerSnapshot";
inline constexpr absl::string_view kEnumSnapshotClass =
    "org.apache.flink.api.common.typeutils.base.EnumSerializer$EnumSerializerSnapshot";
inline constexpr absl::string_view kVoidNamespaceSnapshotClass =
    "org.apache.flink.runtime.state.VoidNamespaceSerializer$VoidNamespaceSerializerSnapshot";
inline constexpr absl::string_view kJavaSnapshotClass =
    "org.apache.flink.runtime.state.JavaSerializer$JavaSerializerSnapshot";

}  // namespace weir::types_internal

#endif  // WEIR_RUNTIME_TYPES_SNAPSHOT_CLASSES_H_
