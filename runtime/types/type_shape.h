// Licensed under the Apache License, Version 2.0.
//
// TypeShape: what a type is made of, as constant data, so that JSON, CSV, printing and serializer
// snapshots are one walk over the shape in a .cc file instead of a template for every type.
// Everybody else has no need of it.
#ifndef WEIR_RUNTIME_TYPES_TYPE_SHAPE_H_
#define WEIR_RUNTIME_TYPES_TYPE_SHAPE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace weir {

class TypeSerializer;

// The C++ type behind the void* of each kind stands at the right.
enum class TypeKind : uint8_t {
  kBool,      // bool
  kInt8,      // int8_t
  kInt16,     // int16_t
  kInt32,     // int32_t
  kInt64,     // int64_t (or long long)
  kFloat,     // float
  kDouble,    // double
  kString,    // std::string, UTF-8
  kBytes,     // weir::Bytes
  kEnum,      // an enum with WEIR_ENUM / WEIR_ENUM_TYPE
  kDateTime,  // those of date_time.h, told apart by TypeShape::name
  kTuple,     // std::pair, std::tuple: Flink's Tuple, no nulls
  kNullable,  // std::optional
  kList,      // std::vector
  kSet,       // std::set
  kMap,       // std::map
  kStruct,    // WEIR_FIELDS / WEIR_TYPE: Flink's POJO
  kTtl,       // TtlValue (ttl_value.h): fields timestamp and value
  kEither,    // std::variant of two: Flink's Either, left first
};

// What has no parts: fits into a cell of a CSV file.
constexpr bool IsScalar(TypeKind kind) { return kind < TypeKind::kTuple; }

using VisitFunction = absl::FunctionRef<void(const void* first, const void* second)>;

// A field of a struct or tuple. Functions instead of values so that shapes are constants.
struct FieldShape {
  absl::string_view name;  // "f0", "f1" .. in tuples
  const TypeSerializer& (*type)();
  const void* (*get)(const void* owner);  // the field within its owner
};

struct TypeShape {
  TypeKind kind = TypeKind::kBool;
  // kStruct, kEnum: the persistent name, or else as spelled in C++; kDateTime: Flink's serializer.
  absl::string_view name = {};
  bool has_persistent_name = false;          // kStruct, kEnum
  absl::Span<const FieldShape> fields = {};  // kStruct: in declaration order; kTuple, kTtl
  const uint8_t* sorted = nullptr;           // kStruct: indices into `fields` in the order of their names

  // kEnum: the names of the constants by index.
  absl::Span<const absl::string_view> constants = {};
  // kEnum, kDateTime: as text, and from it; false if it is none.
  std::string (*to_text)(const void*) = nullptr;
  bool (*from_text)(absl::string_view, void*) = nullptr;

  // kNullable, kList and kSet: the element; kMap: key and value; kEither: left and right.
  const TypeSerializer& (*element)() = nullptr;
  const TypeSerializer& (*mapped)() = nullptr;
  size_t (*size)(const void*) = nullptr;  // kNullable: 0 or 1; not kEither
  // (element, null), or (key, value) in the map's order; kEither: (left, null) or (null, right).
  void (*visit)(const void*, VisitFunction) = nullptr;
  void (*clear)(void*) = nullptr;
  void* (*append)(void*) = nullptr;  // kNullable, kList: a new element, to be filled in
  // kMap, kSet: takes the key; of a map the value, to be filled in, of a set null.
  void* (*insert)(void* container, void* key) = nullptr;
  void* (*choose)(void* either,
                  bool is_left) = nullptr;  // kEither: a new value of that side, to be filled in
};

}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_TYPE_SHAPE_H_
