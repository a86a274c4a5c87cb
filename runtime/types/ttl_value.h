// Licensed under the Apache License, Version 2.0.
//
// TtlValue<T>: a value and when it was last used, which is how state with a time to live is kept
// (Flink's TtlSerializer: a long, then the value). Only as a state value or inside one; never a key.
#ifndef WEIR_RUNTIME_TYPES_TTL_VALUE_H_
#define WEIR_RUNTIME_TYPES_TTL_VALUE_H_

#include "runtime/types/type_of.h"

namespace weir {

template <typename T>
struct TtlValue {
  int64_t timestamp = 0;  // milliseconds of the last access
  T value{};
  bool operator==(const TtlValue&) const = default;
};

template <typename T>
struct TypeOf<TtlValue<T>> : types_internal::TypeBase<TtlValue<T>> {
  using Value = TtlValue<T>;
  static constexpr int kFixedLength = TypeOf<T>::kFixedLength < 0 ? -1 : 8 + TypeOf<T>::kFixedLength;
  static constexpr bool kMayBeKey = false;
  static size_t Bound(const Value& value) { return 8 + TypeOf<T>::Bound(value.value); }
  static char* Store(char* out, const Value& value) {
    return TypeOf<T>::Store(TypeOf<int64_t>::Store(out, value.timestamp), value.value);
  }
  static void Read(ByteReader& reader, Value& value) {
    TypeOf<int64_t>::Read(reader, value.timestamp);
    TypeOf<T>::Read(reader, value.value);
  }
  static constexpr FieldShape kFields[] = {
      {"timestamp", &TypeOf<int64_t>::Serializer,
       [](const void* v) -> const void* { return &static_cast<const Value*>(v)->timestamp; }},
      {"value", &TypeOf<T>::Serializer,
       [](const void* v) -> const void* { return &static_cast<const Value*>(v)->value; }}};
  static constexpr TypeShape Shape() { return TypeShape{.kind = TypeKind::kTtl, .fields = kFields}; }
};

}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_TTL_VALUE_H_
