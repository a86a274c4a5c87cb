// Licensed under the Apache License, Version 2.0.
//
// The result of a campaign, or of one run, for people: a screenful.
#ifndef WEIR_REPORTS_TEXT_REPORT_H_
#define WEIR_REPORTS_TEXT_REPORT_H_

#include <string>

#include "campaign/campaign.h"
#include "campaign/run_record.h"
#include "reports/campaign_request.h"

namespace weir::reports {

// `program` is how the user called it, `out` the folder of the report: for the lines to copy.
std::string TextReport(const campaign::CampaignResult& result, const CampaignRequest& request,
                       const std::string& program, const std::string& out);

// Verdicts of one run, its faults and totals, last the line "digest: <32 hex digits>".
std::string TextRun(const campaign::RunRecord& record, const faults::Plan& plan);

// "12,345".
std::string WithCommas(uint64_t number);
// "3 h 12 min", "14.2 s", "350 ms": to about three digits.
std::string Roughly(Duration duration);

}  // namespace weir::reports

#endif  // WEIR_REPORTS_TEXT_REPORT_H_
