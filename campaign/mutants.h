// Licensed under the Apache License, Version 2.0.
//
// The power of detection: for each mutant, how many seeds until its campaign breaks the promise that the bug breaks. A
// mutant runs as a program of its own; its unmutated twin, this program, must hold over the same seeds.
#ifndef WEIR_CAMPAIGN_MUTANTS_H_
#define WEIR_CAMPAIGN_MUTANTS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "campaign/mutant_catalogue.h"

namespace weir::campaign {

struct MutantOptions {
  std::string programs;  // folder with <id>/weir
  std::string twin;      // the unmutated program
  std::string scratch;   // folder for the reports of the campaigns
  size_t jobs = 1;
};

struct MutantResult {
  MutantInfo mutant;
  bool caught = false;      // by the property that the catalogue names, within its bound
  uint64_t seeds = 0;       // how many it took, or were tried
  std::string other;        // the first other property that was broken before that, if any
  uint64_t other_seed = 0;  // at this seed
  bool twin_held = false;   // over the same seeds
  bool ok() const { return caught && twin_held; }
};

// Runs the mutants one after the other, with growing numbers of seeds, and calls `done` after each, the twin included.
// kNotFound: a program is missing; kInvalidArgument: a campaign could not be run (its options are wrong, say), with
// what it printed.
absl::StatusOr<std::vector<MutantResult>> RunMutants(
    const std::vector<MutantInfo>& mutants, const MutantOptions& options,
    const std::function<void(const std::string& doing)>& tell);

}  // namespace weir::campaign

#endif  // WEIR_CAMPAIGN_MUTANTS_H_
