// Licensed under the Apache License, Version 2.0.
//
// What many runs say together: a verdict per property, whether it was vacuous, the failures, the sums, one digest. A
// pure function of the runs, in whatever order they ended.
#ifndef WEIR_CAMPAIGN_SUMMARY_H_
#define WEIR_CAMPAIGN_SUMMARY_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "campaign/run_record.h"
#include "faults/coverage.h"

namespace weir::campaign {

struct PropertySummary {
  std::string scenario;
  std::string id;
  std::string claim;
  bool expected_broken = false;
  uint64_t held = 0;
  uint64_t violated = 0;
  uint64_t not_judged = 0;
  uint64_t witnessed = 0;
  // Nothing was proved: never witnessed, or, if it is to be broken, never broken. Only from minimum_seeds runs on.
  bool vacuous = false;
};

struct Failure {
  std::string scenario;
  uint64_t seed = 0;
  std::string property;
  std::string message;
  std::string signature;
  std::string digest;
  std::string plan;    // file, relative to the folder of the report; "" if none was written
  std::string shrunk;  // same, of the smaller plan
};

struct Summary {
  std::string verdict;  // "held" | "violated" | "vacuous" (only strict)
  uint64_t runs = 0;
  std::vector<PropertySummary> properties;  // by scenario, as given, and within it as judged
  std::vector<Failure> failures;            // by scenario and seed; the first kFailuresMax
  uint64_t failures_total = 0;
  std::map<std::string, uint64_t> faults;  // kind name -> times
  faults::Coverage coverage;               // of the sampled runs (RunService::kCoverageSample)
  uint64_t coverage_runs = 0;              // how many those are
  scenarios::RunTotals totals;
  Hash128 digest;

  static constexpr size_t kFailuresMax = 1000;
};

struct ScenarioRuns {
  std::string scenario;
  uint64_t minimum_seeds = 1;
  std::vector<RunRecord> records;  // sorted by seed, no seed twice
};
using Claims = std::map<std::pair<std::string, std::string>, std::string>;  // (scenario, property) -> claim

Summary Summarise(const std::vector<ScenarioRuns>& runs, const Claims& claims, bool strict);

}  // namespace weir::campaign

#endif  // WEIR_CAMPAIGN_SUMMARY_H_
