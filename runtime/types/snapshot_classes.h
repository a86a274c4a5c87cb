// Licensed under the Apache License, Version 2.0.
//
// The serializer snapshot classes that Weir knows: their names and what their payload looks like.
// Internal to serializer_snapshot.cc and type_serializer.cc.
#ifndef WEIR_RUNTIME_TYPES_SNAPSHOT_CLASSES_H_
#define WEIR_RUNTIME_TYPES_SNAPSHOT_CLASSES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "runtime/types/serializer_snapshot.h"

namespace weir::types_internal {

// What stands between the outer version and the nested block of a composite snapshot.
enum class OuterBytes : uint8_t { kNone, kClass, kPadding, kFlag, kFlagFromVersion4 };

struct SnapshotClass {
  SnapshotFamily family = SnapshotFamily::kSimple;
  OuterBytes outer = OuterBytes::kNone;
  int fixed_length = -1;   // kSimple: of the values
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
inline constexpr absl::string_view kNullableSnapshotClass =
    "org.apache.flink.api.java.typeutils.runtime.NullableSerializer$NullableSerializerSnapshot";
inline constexpr absl::string_view kPojoSnapshotClass =
    "org.apache.flink.api.java.typeutils.runtime.PojoSerializerSnapshot";
inline constexpr absl::string_view kTtlSnapshotClass =
    "org.apache.flink.runtime.state.ttl.TtlStateFactory$TtlSerializerSnapshot";
inline constexpr absl::string_view kEnumSnapshotClass =
    "org.apache.flink.api.common.typeutils.base.EnumSerializer$EnumSerializerSnapshot";
inline constexpr absl::string_view kVoidNamespaceSnapshotClass =
    "org.apache.flink.runtime.state.VoidNamespaceSerializer$VoidNamespaceSerializerSnapshot";
inline constexpr absl::string_view kJavaSnapshotClass =
    "org.apache.flink.runtime.state.JavaSerializer$JavaSerializerSnapshot";

}  // namespace weir::types_internal

#endif  // WEIR_RUNTIME_TYPES_SNAPSHOT_CLASSES_H_
