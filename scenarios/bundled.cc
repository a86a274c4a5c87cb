#include <utility>

#include "absl/strings/str_cat.h"
#include "scenarios/account_totals.h"
#include "scenarios/buffering_sink.h"
#include "scenarios/canonical_run.h"
#include "scenarios/count_window_average.h"
#include "scenarios/enrichment.h"
#include "scenarios/external_database.h"
#include "scenarios/fraud_patterns.h"
#include "scenarios/log_offsets.h"
#include "scenarios/scenario.h"
#include "scenarios/session_timers.h"
#include "scenarios/side_outputs.h"
#include "scenarios/spending_limits.h"
#include "scenarios/ttl_cache.h"
#include "scenarios/word_count.h"

namespace weir::scenarios {

void ScenarioRegistry::Add(Scenario scenario) {
  if (Find(scenario.name()) != nullptr) {
    fault_ =
        absl::StrCat("scenario ", scenario.name(), " is registered twice: names are how they are asked for");
    return;
  }
  scenarios_.push_back(std::move(scenario));
}

const Scenario* ScenarioRegistry::Find(absl::string_view name) const {
  for (const Scenario& scenario : scenarios_) {
    if (scenario.name() == name) return &scenario;
  }
  return nullptr;
}

void AddBundled(ScenarioRegistry& registry) {
  registry.Add(AccountTotals());
  registry.Add(CountWindowAverage());
  registry.Add(WordCounts());
  registry.Add(ExternalDatabase());
  registry.Add(SessionTimers());
  registry.Add(TtlCache());
  registry.Add(SideOutputs());
  registry.Add(FraudPatterns());
  registry.Add(Enrichment());
  registry.Add(OrderDependentRules());
  registry.Add(VersionedRules());
  registry.Add(BufferingSink());
  registry.Add(LogOffsets());
  registry.Add(CanonicalRun());
}

}  // namespace weir::scenarios
