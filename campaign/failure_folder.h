// Licensed under the Apache License, Version 2.0.
//
// What a failure leaves behind: its plan with what it looked like, and a smaller plan that fails in the same way.
#ifndef WEIR_CAMPAIGN_FAILURE_FOLDER_H_
#define WEIR_CAMPAIGN_FAILURE_FOLDER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "campaign/campaign.h"
#include "campaign/run_service.h"

namespace weir::campaign {

// Writes the plans of `failures` (the first kPlansMax) below options.out and shrinks the first of each kind; fills in
// Failure::plan and ::shrunk. A failure whose plan cannot even be generated has none.
absl::Status WriteFailures(const std::vector<Target>& targets, const CampaignOptions& options,
                           RunService& service, const std::function<void(const std::string& doing)>& tell,
                           std::vector<Failure>& failures);

}  // namespace weir::campaign

#endif  // WEIR_CAMPAIGN_FAILURE_FOLDER_H_
