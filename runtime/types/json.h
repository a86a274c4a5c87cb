// Licensed under the Apache License, Version 2.0.
//
// One JSON text into a typed value. Unknown keys are ignored; a missing or null field is an error
// unless it is a std::optional. Numbers must fit: no integer is rounded or wrapped.
#ifndef WEIR_RUNTIME_TYPES_JSON_H_
#define WEIR_RUNTIME_TYPES_JSON_H_

#include "absl/status/statusor.h"
#include "runtime/types/type_of.h"

namespace weir {

// kInvalidArgument "column 17: field 'amount': expected an integer, found \"ten\"". Columns count
// bytes from 1.
absl::Status ReadJsonInto(absl::string_view line, const TypeSerializer& type, void* value);

template <typename T>
absl::StatusOr<T> ReadJson(absl::string_view line) {
  T value{};
  if (absl::Status status = ReadJsonInto(line, TypeOf<T>::Serializer(), &value); !status.ok()) return status;
  return value;
}

template <typename T>
std::string ToJson(const T& value) {
  return TypeOf<T>::Serializer().ToJson(&value);
}

}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_JSON_H_
