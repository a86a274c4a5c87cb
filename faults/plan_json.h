// Licensed under the Apache License, Version 2.0.
//
// Plans as JSON files: what replay reads, what a failure leaves behind. Integers only, two spaces,
// keys in one order, so equal plans are equal bytes. Times are nanoseconds (`*_ns`).
//
// Reading is strict: every field that the writer writes must be there, with its type and in its
// range, and none else. What an action or a trigger does not use (the peer of a crash, say) is
// neither written nor accepted.
#ifndef WEIR_FAULTS_PLAN_JSON_H_
#define WEIR_FAULTS_PLAN_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "faults/plan.h"

namespace weir::faults {

// Ends with a line break. Fields that a trigger or an action does not use are lost. With `expect`, its hash of the plan is
// this plan's.
std::string PlanToJson(const Plan& plan);

// Of all that is written but `expect`: 32 hex digits. Another one in plan.expect: the plan was edited since.
std::string PlanHash(const Plan& plan);

// kInvalidArgument: "line L, column C: ..." if this is no JSON; otherwise the JSON pointer of what
// is wrong, what is wrong there, and what would be right. Names of kinds, events and phases are
// resolved; whether nodes and options exist is not known here.
absl::StatusOr<Plan> PlanFromJson(absl::string_view text);

}  // namespace weir::faults

#endif  // WEIR_FAULTS_PLAN_JSON_H_
