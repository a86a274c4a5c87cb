#include "reports/idle_faults.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "faults/fault_kinds.h"

namespace weir::reports {

std::vector<std::string> IdleFaults(absl::string_view faults, const std::map<std::string, uint64_t>& struck) {
  std::vector<std::string> idle;
  if (faults.empty() || faults == "all" || faults == "none") return idle;
  for (absl::string_view element : absl::StrSplit(faults, ',')) {
    const faults::FaultSpec spec = faults::FaultSpec::Parse(element).value();
    const bool has_struck = std::any_of(spec.kinds.begin(), spec.kinds.end(), [&](const auto& kind) {
      return struck.count(std::string(faults::Info(kind.first).name)) != 0;
    });
    if (!has_struck) idle.emplace_back(element);
  }
  return idle;
}

}  // namespace weir::reports
