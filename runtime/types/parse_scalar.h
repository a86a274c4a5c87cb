// Licensed under the Apache License, Version 2.0.
//
// A number or text into an erased scalar, range-checked: what JSON and CSV reading share. Internal
// to them.
#ifndef WEIR_RUNTIME_TYPES_PARSE_SCALAR_H_
#define WEIR_RUNTIME_TYPES_PARSE_SCALAR_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "runtime/types/type_shape.h"

namespace weir::types_internal {

// "an integer", "text", "true or false": what a value of this kind must look like.
absl::string_view Expectation(TypeKind kind);

// Each stores into *target, whose type `kind` (or `shape`) says, and returns "" or what is wrong ("expected
// text, found 12").
std::string StoreInteger(TypeKind kind, int64_t number, void* target);
std::string StoreFloating(TypeKind kind, double number, absl::string_view spelling, void* target);
std::string StoreBool(TypeKind kind, bool value, void* target);
std::string StoreText(const TypeShape& shape, absl::string_view text, void* target);

// "expected X, found Y".
std::string Mismatch(TypeKind kind, absl::string_view found);

}  // namespace weir::types_internal

#endif  // WEIR_RUNTIME_TYPES_PARSE_SCALAR_H_
