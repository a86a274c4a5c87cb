// Licensed under the Apache License, Version 2.0.
//
// session-timers: what each user did, in sessions. A session ends when nothing happened for a while of event time (an
// event-time timer, deleted and registered anew by every action), when the next action comes after such a gap, or when it
// has been open for a while of the wall clock (a processing-time timer). What a session did is a list of the user's state,
// in order, which goes with the session.
//
// Where a session was cut is the job's freedom: a late watermark, a recovery (after which watermarks begin again at their
// minimum) or a jump of a clock moves it. What no freedom explains is judged (output-invariant): the sessions of a user
// are consecutive runs of its actions in their order, none with a gap in it, numbered without holes, and what is not in any of them yet
// is one such run at the end.
#ifndef WEIR_SCENARIOS_SESSION_TIMERS_H_
#define WEIR_SCENARIOS_SESSION_TIMERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/records.h"
#include "scenarios/scenario.h"

namespace weir::scenarios {

Scenario SessionTimers();

// What is wrong with the sessions of one user, given its actions in their order; "" if nothing is.
std::string FaultOfSessions(const std::vector<UserAction>& actions, std::vector<UserSession> sessions);

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_SESSION_TIMERS_H_
