#include "campaign/target.h"

#include <memory>

#include "scenarios/workload.h"

namespace weir::campaign {

Target MakeTarget(const scenarios::Scenario& scenario, scenarios::RunSpec spec) {
  // The files of the inputs are large: the functions share one copy.
  const auto shared = std::make_shared<const scenarios::RunSpec>(std::move(spec));
  Target target;
  target.scenario = scenario.name();
  target.minimum_seeds = scenario.minimum_seeds();
  target.plan = [&scenario, shared](uint64_t seed) {
    faults::Plan plan = scenarios::GeneratePlan(scenario, *shared, seed);
    plan.properties = shared->properties;
    return plan;
  };
  target.run = [&scenario, shared](const faults::Plan& plan, const scenarios::RunHooks& hooks) {
    return scenarios::Run(scenario, *shared, plan, hooks);
  };
  target.records = [&scenario, shared](const faults::Plan& plan) {
    faults::Plan whole = plan;
    whole.kept.clear();
    const scenarios::Workload workload(scenario, shared->inputs, whole);
    std::vector<faults::KeptRecords> result;
    for (const std::string& topic : workload.Topics()) {
      for (uint32_t split = 0; split < workload.Splits(topic); ++split) {
        const uint64_t end = workload.SplitEnd(topic, split);
        result.push_back({topic, split, {}});
        if (end > 0) result.back().ranges.emplace_back(0, end);
      }
    }
    return result;
  };
  return target;
}

}  // namespace weir::campaign
