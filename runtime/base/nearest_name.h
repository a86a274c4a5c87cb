// Licensed under the Apache License, Version 2.0.
//
// "did you mean ...": the known name that a mistyped one is most like.
#ifndef WEIR_RUNTIME_BASE_NEAREST_NAME_H_
#define WEIR_RUNTIME_BASE_NEAREST_NAME_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace weir {

// How far a mistyped name is from a known one: letters left out count 2; letters too many, wrong letters and swapped
// neighbours 3; case does not matter.
size_t NameDistance(absl::string_view typed, absl::string_view known);

// The known name that is least far from `name`, the first of equals; "" if there is none at all.
std::string NearestName(absl::string_view name, const std::vector<absl::string_view>& known);

// "unknown WHAT 'NAME'; did you mean 'NEAREST'?", or without the question if nothing is known.
std::string UnknownName(absl::string_view what, absl::string_view name,
                        const std::vector<absl::string_view>& known);

}  // namespace weir

#endif  // WEIR_RUNTIME_BASE_NEAREST_NAME_H_
