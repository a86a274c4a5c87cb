// Licensed under the Apache License, Version 2.0.
//
// Many runs: seeds over scenarios in worker processes, each judged, each kept in runs.bin as it ends; then the failures
// with their plans, the first of each kind made smaller. The result is a function of program, targets and seeds: neither
// of the number of workers nor of interruptions.
//
// The folder of a campaign: runs.bin; failures/<scenario>-<seed>/plan.json and, for the first of a kind, shrunk.json.
// Whoever calls writes the report (reports/).
#ifndef WEIR_CAMPAIGN_CAMPAIGN_H_
#define WEIR_CAMPAIGN_CAMPAIGN_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "campaign/summary.h"
#include "campaign/target.h"
#include "runtime/base/time.h"

namespace weir::campaign {

struct CampaignOptions {
  std::string out;  // folder; made if it is not there
  std::string
      spec;  // lines "NAME: VALUE" of all that the runs depend on but the seeds; what --resume compares
  uint64_t first_seed = 1;
  std::optional<uint64_t> seeds;    // of each scenario; without it and run_for: kSeedsDefault
  std::optional<Duration> run_for;  // real time; ends at the end of a block of kBlock seeds of every scenario
  size_t jobs = 1;
  bool resume = false;     // goes on where runs.bin ends
  bool fail_fast = false;  // ends after the lowest failing run
  bool shrink = true;
  bool strict = false;
  Duration stuck_after = Duration::Seconds(60);  // real time without an event
  uint64_t shrink_runs = 250;                    // for each failure that is shrunk

  static constexpr uint64_t kSeedsDefault = 1000;
  static constexpr uint64_t kBlock = 256;
  static constexpr size_t kPlansMax = 100;  // failures whose plan is written
  static constexpr size_t kShrunkMax = 3;   // failures that are shrunk: the first of a kind each
};

struct CampaignResult {
  Summary summary;
  std::vector<std::string> scenarios;
  uint64_t seeds_requested = 0;  // of each scenario
  uint64_t first_seed = 1;
  uint64_t resumed = 0;  // runs that were there already
  Duration wall;
};

struct Progress {
  uint64_t done = 0;
  uint64_t total = 0;  // 0: unknown
  uint64_t violated = 0;
  Duration elapsed;
  Duration limit;     // of --for; zero: none
  std::string doing;  // "running" | "shrinking account-totals, seed 7"
};
using OnProgress = std::function<void(const Progress&)>;

// Nothing is written before the first run. kInvalidArgument: the folder cannot be used, there is nothing to resume or
// it belongs to another campaign; kResourceExhausted: no worker process can be made. REQUIRES: no other thread runs.
absl::StatusOr<CampaignResult> RunCampaign(const std::vector<Target>& targets, const CampaignOptions& options,
                                           const OnProgress& on_progress);

}  // namespace weir::campaign

#endif  // WEIR_CAMPAIGN_CAMPAIGN_H_
