// Licensed under the Apache License, Version 2.0.
//
// Makes a failing plan smaller while it fails in the same way: delta debugging over faults, then over records, then
// simpler triggers and actions, then the plain schedule; again until nothing helps or the runs are used up. Every step
// is a run, and every choice depends on earlier results only, so the same plan shrinks to the same plan.
#ifndef WEIR_CAMPAIGN_SHRINK_H_
#define WEIR_CAMPAIGN_SHRINK_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "campaign/run_record.h"
#include "faults/plan.h"

namespace weir::campaign {

struct ShrinkOptions {
  uint64_t runs_max = 400;
};

struct ShrinkResult {
  faults::Plan plan;  // the smallest one found, with its expectation but for `source`
  RunRecord record;   // of its run
  uint64_t runs = 0;
  uint64_t faults_before = 0;
  uint64_t records_before = 0;
  uint64_t records_after = 0;
};

using Evaluate = std::function<absl::StatusOr<RunRecord>(const faults::Plan&)>;

// `records` are all records of the plan's inputs (Target::records). kFailedPrecondition if the plan does not fail,
// kResourceExhausted if it is undecided; an error of `evaluate` ends it.
absl::StatusOr<ShrinkResult> Shrink(const faults::Plan& plan, std::vector<faults::KeptRecords> records,
                                    const Evaluate& evaluate, const ShrinkOptions& options);

// What two signatures must have in common to be the same failure: property, where, kind. Not the phase, which may go
// with the fault that it belongs to.
std::string SignatureKey(const std::string& signature);

uint64_t CountRecords(const std::vector<faults::KeptRecords>& records);

}  // namespace weir::campaign

#endif  // WEIR_CAMPAIGN_SHRINK_H_
