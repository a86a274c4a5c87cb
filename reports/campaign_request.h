// Licensed under the Apache License, Version 2.0.
//
// What was asked of a campaign, beside what came out.
#ifndef WEIR_REPORTS_CAMPAIGN_REQUEST_H_
#define WEIR_REPORTS_CAMPAIGN_REQUEST_H_

#include <map>
#include <string>
#include <vector>

#include "runtime/base/configuration.h"

namespace weir::reports {

struct CampaignRequest {
  Configuration options;  // --set, --config, --mode, --backend
  std::string faults;     // --faults; "": as the scenarios say
  std::vector<std::string> properties;
  std::map<std::string, std::string> inputs;  // name -> file
};

}  // namespace weir::reports

#endif  // WEIR_REPORTS_CAMPAIGN_REQUEST_H_
