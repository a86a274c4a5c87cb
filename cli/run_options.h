// Licensed under the Apache License, Version 2.0.
//
// What campaign, replay and shrink have in common: which scenario runs, with which options, inputs, faults and promises.
#ifndef WEIR_CLI_RUN_OPTIONS_H_
#define WEIR_CLI_RUN_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/arguments.h"
#include "reports/campaign_request.h"
#include "scenarios/run.h"
#include "scenarios/scenario.h"

namespace weir::cli {

// Declares --set, --config, --mode, --backend, --faults, --input, --properties.
void DeclareRunOptions(Arguments& arguments);
// Those of them that were given, by name.
std::vector<std::string> GivenRunOptions(const Arguments& arguments);

// Reads them, and the file of --config. `known` are the keys that the chosen scenarios declare themselves.
absl::StatusOr<reports::CampaignRequest> ReadRunOptions(
    const Arguments& arguments, const std::vector<const scenarios::Scenario*>& chosen);

// kInvalidArgument with the nearest name if there is none of that name.
absl::StatusOr<const scenarios::Scenario*> FindScenario(const scenarios::ScenarioRegistry& registry,
                                                        const std::string& name);

// The specification of one scenario's runs, checked, its input files read. Inputs that only other scenarios have are
// left out.
absl::StatusOr<scenarios::RunSpec> MakeSpec(const scenarios::Scenario& scenario,
                                            const reports::CampaignRequest& request);

// OK if every key is in the catalogue or declared by one of the scenarios.
absl::Status CheckOptionNames(const Configuration& options,
                              const std::vector<const scenarios::Scenario*>& chosen);

}  // namespace weir::cli

#endif  // WEIR_CLI_RUN_OPTIONS_H_
