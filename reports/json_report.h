// Licensed under the Apache License, Version 2.0.
//
// report.json: the result of a campaign for machines. Fields are only ever added. All but `wall_seconds` is a function
// of program, options and seeds.
#ifndef WEIR_REPORTS_JSON_REPORT_H_
#define WEIR_REPORTS_JSON_REPORT_H_

#include <string>

#include "campaign/campaign.h"
#include "reports/campaign_request.h"

namespace weir::reports {

inline constexpr absl::string_view kVersion = "0.1.0";

std::string JsonReport(const campaign::CampaignResult& result, const CampaignRequest& request);

}  // namespace weir::reports

#endif  // WEIR_REPORTS_JSON_REPORT_H_
