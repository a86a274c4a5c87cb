// Licensed under the Apache License, Version 2.0.
//
// Promises that any job may make, ready for Scenario::Promises.
#ifndef WEIR_SCENARIOS_GENERAL_PROMISES_H_
#define WEIR_SCENARIOS_GENERAL_PROMISES_H_

#include <string>

#include "properties/broadcast_consistency.h"
#include "runtime/state/state_descriptor.h"
#include "scenarios/scenario.h"

namespace weir::scenarios {

Promise ExactlyOncePromise();
Promise AtLeastOncePromise();
Promise ProgressPromise();
// For jobs with timers, and for jobs with watermarks.
Promise TimerFiresOncePromise();
Promise WatermarkMonotonicPromise();
Promise CheckpointFilesSafePromise();
// Of every broadcast state, or of these: all subtasks make the same of what is broadcast to them, in whatever order it comes.
Promise BroadcastStateConsistentPromise(properties::BroadcastConsistencyOptions options = {});
template <typename K, typename V, typename... Descriptors>
Promise BroadcastStateConsistentPromise(const MapStateDescriptor<K, V>& state, const Descriptors&... states) {
  return BroadcastStateConsistentPromise({{std::string(state.name), std::string(states.name)...}, true});
}

// The promise of any property, by its own id.
Promise PromiseOf(properties::PropertyFactory factory);
// The same, for a property that this scenario exists to break.
Promise MustBreak(properties::PropertyFactory factory);

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_GENERAL_PROMISES_H_
