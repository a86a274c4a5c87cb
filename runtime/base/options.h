// Licensed under the Apache License, Version 2.0.
//
// The catalogue of known options: Flink's names and defaults where Flink has the option, `weir.*` and `scenario.*` for
// the rest. For `--set`, `--config`, suggestions and help; what the values may be is checked where they are read.
#ifndef WEIR_RUNTIME_BASE_OPTIONS_H_
#define WEIR_RUNTIME_BASE_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace weir {

struct OptionInfo {
  absl::string_view key;
  absl::string_view type;     // "number", "duration", "memory", "flag", "text", or the choices: "a | b"
  absl::string_view initial;  // what holds if nobody sets it; "drawn" if each seed draws it
  absl::string_view meaning;
  absl::string_view alias;  // another spelling of the same option, older or newer; "" if there is none
};

// Sorted by key. The memory is static.
absl::Span<const OptionInfo> KnownOptions();

// The key under which the option is kept: `key` itself, or what it is an alias of; "" if it is unknown.
std::string CanonicalOption(absl::string_view key);

// Keys and aliases, for suggestions.
std::vector<absl::string_view> OptionNames();

}  // namespace weir

#endif  // WEIR_RUNTIME_BASE_OPTIONS_H_
