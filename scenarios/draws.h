// Licensed under the Apache License, Version 2.0.
//
// Which options a seed draws, and from what. Fixed sizes and timeouts hide whole classes of bugs: with Flink's default
// buffers a missing barrier alignment is never seen, at record granularity a missing flush never is. So whatever neither
// the command line nor the scenario fixes is drawn here, and written into the plan.
#ifndef WEIR_SCENARIOS_DRAWS_H_
#define WEIR_SCENARIOS_DRAWS_H_

#include "runtime/base/configuration.h"
#include "runtime/env/random.h"
#include "scenarios/scenario.h"
#include "sim/schedule.h"

namespace weir::scenarios {

// Options of the runner itself, beside those of JobConfig.
inline constexpr absl::string_view kFaultySpanOption = "weir.run.faulty-span";  // until the liveness phase
inline constexpr absl::string_view kWorkloadSpanOption =
    "weir.workload.span";  // records appear over this long
inline constexpr absl::string_view kWorkloadRecordsOption =
    "scenario.records";                                                 // generated records per input
inline constexpr absl::string_view kTimeToLiveOption = "scenario.ttl";  // of state that expires
inline constexpr absl::string_view kLinkLatencyOption = "weir.net.latency-max";  // of every link
inline constexpr absl::string_view kEventBudgetOption = "weir.run.event-budget";
// Set by the cluster itself, for jobs that use a database: on which node it is.
inline constexpr absl::string_view kDatabaseNodeOption = "weir.run.database-node";

// `fixed` (the scenario's and the command line's options) with every other option drawn.
Configuration DrawOptions(const Configuration& fixed, const ClusterShape& cluster, const Random& random);

// The slack is drawn, but not above `slack_max`.
sim::ScheduleOptions DrawSchedule(Duration slack_max, const Random& random);

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_DRAWS_H_
