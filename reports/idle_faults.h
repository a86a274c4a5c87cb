// Licensed under the Apache License, Version 2.0.
//
// A fault that the user asked for by name and that never struck has tested nothing: they should hear of it.
#ifndef WEIR_REPORTS_IDLE_FAULTS_H_
#define WEIR_REPORTS_IDLE_FAULTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace weir::reports {

// The elements of --faults ("crash,disk.full") of which no kind is in `struck` (kind name -> times), as they were
// written. None for "" (as the scenarios say), "all" and "none". REQUIRES: FaultSpec::Parse has accepted it.
std::vector<std::string> IdleFaults(absl::string_view faults, const std::map<std::string, uint64_t>& struck);

}  // namespace weir::reports

#endif  // WEIR_REPORTS_IDLE_FAULTS_H_
