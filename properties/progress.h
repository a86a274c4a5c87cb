// Licensed under the Apache License, Version 2.0.
//
// progress: once faults have ended, the job drains. If it does not, the verdict says what waits for what, down to the
// cause: "checkpoint 7 waits for the barrier from channel map[0] -> sum[1], which waits for credit from sum[1]", and of
// what the last attempt failed. A job may fail if faults used up its attempts; without a fault, or by an attempt that
// began RunEnd::recovery_max after the last one, it may not. Not judged where it failed legally, or where the plan
// exceeds what was promised.
#ifndef WEIR_PROPERTIES_PROGRESS_H_
#define WEIR_PROPERTIES_PROGRESS_H_

#include <memory>
#include <string>
#include <vector>

#include "properties/property.h"

namespace weir::properties {

std::unique_ptr<Property> MakeProgress();

// The chain of waits that begins at the newest checkpoint, else at the job, else at somebody for whom nobody waits; ""
// if nobody waits for anything.
std::string ExplainWaits(const std::vector<Wait>& waits);

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_PROGRESS_H_
