// Licensed under the Apache License, Version 2.0.
//
// Which sources a program was built from: what `source` in a plan is compared with, so that a
// recorded digest is held against a replay only where it must be equal.
#ifndef WEIR_CAMPAIGN_SOURCE_HASH_H_
#define WEIR_CAMPAIGN_SOURCE_HASH_H_

#include "absl/strings/string_view.h"

namespace weir::campaign {

// 32 hex digits over the sources of Weir and of this program: the same for every compiler, build
// type and folder. Empty if the program was linked without the CMake function weir_add_program,
// which compiles the real definition into the program; the library holds only the empty one, which
// the linker then leaves out. The memory is static.
absl::string_view SourceHash();

}  // namespace weir::campaign

#endif  // WEIR_CAMPAIGN_SOURCE_HASH_H_
