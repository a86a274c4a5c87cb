// Licensed under the Apache License, Version 2.0.
//
// Raw bytes as a value: Flink's byte[]. A std::string is text (UTF-8) for Weir; whatever is not
// text goes here.
#ifndef WEIR_RUNTIME_TYPES_BYTES_H_
#define WEIR_RUNTIME_TYPES_BYTES_H_

#include <compare>
#include <string>

namespace weir {

struct Bytes {
  std::string value;
  auto operator<=>(const Bytes&) const = default;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_BYTES_H_
