// Licensed under the Apache License, Version 2.0.
//
// Any bytes as a file name and back: letters, digits, '-' and '_' stand for themselves, all else is
// %XX. A name never begins with '.', so that temporary files and locks may.
#ifndef WEIR_RUNTIME_HOST_FILE_NAME_H_
#define WEIR_RUNTIME_HOST_FILE_NAME_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace weir::host {

std::string EscapeFileName(absl::string_view key);  // "%" for the empty key
// nullopt if EscapeFileName never made this name.
std::optional<std::string> UnescapeFileName(absl::string_view name);

}  // namespace weir::host

#endif  // WEIR_RUNTIME_HOST_FILE_NAME_H_
