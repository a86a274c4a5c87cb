// Licensed under the Apache License, Version 2.0.
//
// Text and numbers as JSON: what typed and dynamic values print alike. Internal to them.
#ifndef WEIR_RUNTIME_TYPES_PRINT_SCALAR_H_
#define WEIR_RUNTIME_TYPES_PRINT_SCALAR_H_

#include <string>

#include "absl/strings/string_view.h"

namespace weir::types_internal {

void PrintString(absl::string_view text, std::string* out);
// The shortest digits that read back as the same number; JSON has none for "NaN" and "Infinity".
void PrintFloating(float value, std::string* out);
void PrintFloating(double value, std::string* out);

}  // namespace weir::types_internal

#endif  // WEIR_RUNTIME_TYPES_PRINT_SCALAR_H_
