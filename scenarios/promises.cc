#include "scenarios/promises.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "properties/backends_agree.h"
#include "runtime/base/nearest_name.h"
#include "runtime/base/status.h"

namespace weir::scenarios {
namespace {

const Promise* FindPromise(const Scenario& scenario, absl::string_view id) {
  for (const Promise& promise : scenario.promises()) {
    if (promise.id == id) return &promise;
  }
  return nullptr;
}

absl::StatusOr<Judge> MakeJudge(const Scenario& scenario, absl::string_view id) {
  if (const Promise* promise = FindPromise(scenario, id)) {
    return Judge{promise->factory(), promise->expected_broken};
  }
  for (const auto& [name, factory] : GeneralProperties()) {
    if (name == id) return Judge{factory(), false};
  }
  const std::vector<std::string> known = KnownProperties(scenario);
  return absl::InvalidArgumentError(UnknownName("property", id, {known.begin(), known.end()}));
}

}  // namespace

bool AsksForLockstep(const RunSpec& spec) {
  return std::any_of(spec.properties.begin(), spec.properties.end(), [](absl::string_view entry) {
    return absl::StripPrefix(entry, "+") == properties::kBackendsAgree;
  });
}

std::vector<std::string> KnownProperties(const Scenario& scenario) {
  std::set<std::string> ids;
  for (const Promise& promise : scenario.promises()) ids.insert(promise.id);
  for (const auto& [id, factory] : GeneralProperties()) ids.insert(id);
  return {ids.begin(), ids.end()};
}

absl::StatusOr<std::vector<Judge>> MakeJudges(const Scenario& scenario, const RunSpec& spec,
                                              const properties::JobShape& job) {
  bool replaces = false;
  for (const std::string& entry : spec.properties) replaces |= !absl::StartsWith(entry, "+");
  std::vector<Judge> judges;
  std::set<std::string> seen;
  if (!replaces) {
    for (const Promise& promise : scenario.promises()) {
      Judge judge{promise.factory(), promise.expected_broken};
      if (!judge.property->AppliesTo(job) || !seen.insert(promise.id).second) continue;
      judges.push_back(std::move(judge));
    }
  }
  for (absl::string_view entry : spec.properties) {
    if (absl::StartsWith(entry, "+")) entry.remove_prefix(1);
    if (!seen.insert(std::string(entry)).second) continue;
    WEIR_ASSIGN_OR_RETURN(Judge judge, MakeJudge(scenario, entry));
    if (judge.property->IsAbout(job)) judges.push_back(std::move(judge));
  }
  if (!replaces && job.lockstep && seen.insert(std::string(properties::kBackendsAgree)).second) {
    WEIR_ASSIGN_OR_RETURN(Judge judge, MakeJudge(scenario, properties::kBackendsAgree));
    if (judge.property->IsAbout(job)) judges.push_back(std::move(judge));
  }
  return judges;
}

}  // namespace weir::scenarios
