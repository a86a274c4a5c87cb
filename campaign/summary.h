// Licensed under the Apache License, Version 2.0.
//
// What many runs say together: a verdict per property, whether it was vacuous, the failures, the sums, one digest. Runs
// are added one by one and then forgotten, so a campaign of a million runs needs no more memory than one of a thousand.
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
  // What the first run says that broke what is to be broken, and the first that was not judged.
  struct Example {
    uint64_t seed = 0;
    std::string message;  // "" if there was none
  };
  Example broken;
  Example unjudged;
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
  std::string verdict;  // "held" | "violated" | "error" (runs are undecided) | "vacuous" (only strict)
  uint64_t runs = 0;
  std::vector<PropertySummary> properties;  // by scenario, as given, and within it as judged
  std::vector<Failure> failures;            // by scenario and seed; the first kFailuresMax
  uint64_t failures_total = 0;
  uint64_t undecided = 0;                  // runs that were cut short, and had violated nothing
  std::string undecided_example;           // the first of them: scenario, seed and why
  std::map<std::string, uint64_t> faults;  // kind name -> times
  faults::Coverage coverage;               // of the sampled runs (RunService::kCoverageSample)
  uint64_t coverage_runs = 0;              // how many those are
  scenarios::RunTotals totals;
  Hash128 digest;

  static constexpr size_t kFailuresMax = 1000;
};

using Claims = std::map<std::pair<std::string, std::string>, std::string>;  // (scenario, property) -> claim

class SummaryBuilder {
 public:
  struct Scenario {
    std::string name;
    uint64_t minimum_seeds = 1;  // from so many runs on a property may be called vacuous
  };
  explicit SummaryBuilder(std::vector<Scenario> scenarios);

  // `scenario` is an index into the list above. REQUIRES: the seeds of one scenario come in growing order.
  void Add(size_t scenario, const RunRecord& record);
  // Does not disturb what follows.
  Summary Build(const Claims& claims, bool strict) const;

 private:
  struct Part {
    Scenario scenario;
    uint64_t runs = 0;
    uint64_t crashed = 0;
    uint64_t next_seed = 0;  // the least that may come
    Hash128 digest;          // of each run and the digest before it
    std::vector<PropertySummary> rows;
    std::vector<Failure> failures;  // the first kFailuresMax
    uint64_t violated = 0;
  };
  std::vector<PropertySummary> Rows(const Part& part, const Claims& claims) const;

  std::vector<Part> parts_;
  Summary sums_;  // only what is added up over all scenarios
};

}  // namespace weir::campaign

#endif  // WEIR_CAMPAIGN_SUMMARY_H_
