// Licensed under the Apache License, Version 2.0.
//
// One run again, held against what was recorded of it.
#ifndef WEIR_CAMPAIGN_REPLAY_H_
#define WEIR_CAMPAIGN_REPLAY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "campaign/run_record.h"
#include "campaign/target.h"
#include "faults/plan.h"

namespace weir::campaign {

struct Comparison {
  // The digest had to be equal (the sources are the same) and was not, or verdict or signature differ though they are.
  bool mismatch = false;
  // One sentence each, for people: what was compared, and how that came out.
  std::vector<std::string> lines;
};

// Digest, verdict and signature of `record` against `expect`. Only if `source` (of this program) and that of the
// expectation are the same and not empty is a difference a mismatch.
Comparison Compare(const faults::Expectation& expect, const RunRecord& record, absl::string_view source);

// Runs the plan twice, in this process, and says where the two part: one sentence that names the first differing event
// in both versions, or that there is none, so that what differs is the program or the machine of the recording.
std::string FirstDifference(const Target& target, const faults::Plan& plan);

}  // namespace weir::campaign

#endif  // WEIR_CAMPAIGN_REPLAY_H_
