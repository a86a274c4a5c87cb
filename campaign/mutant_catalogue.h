// Licensed under the Apache License, Version 2.0.
//
// The catalogue of mutants: the engine with one seeded bug at a time. Each is a patch in
// tests/mutants/ whose header says what it is; the table behind Mutants() is generated from those
// headers when the build is configured. The programs themselves are built by `./dev mutants` as
// build/mutants/<id>/weir.
#ifndef WEIR_CAMPAIGN_MUTANT_CATALOGUE_H_
#define WEIR_CAMPAIGN_MUTANT_CATALOGUE_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace weir::campaign {

struct MutantInfo {
  absl::string_view id;        // the name of the patch without ".patch"
  absl::string_view bug;       // one sentence: what the patch breaks
  absl::string_view depth;     // "shallow", "medium" or "deep"
  absl::string_view property;  // the id of the property that must catch it
  absl::string_view scenario;  // the scenario whose campaign must catch it
  absl::string_view options;   // further campaign options, separated by blanks; may be empty
  uint64_t seeds_max = 0;      // it must be caught within this many seeds
};

// Sorted by id. The memory is static.
absl::Span<const MutantInfo> Mutants();

}  // namespace weir::campaign

#endif  // WEIR_CAMPAIGN_MUTANT_CATALOGUE_H_
