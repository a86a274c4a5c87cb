// Licensed under the Apache License, Version 2.0.
//
// timer-fires-once: each registration of a timer fires once in the lineage that survives: never a timer for which nobody
// asked, that was taken back or that has fired; and none that its time has passed is left out. A timer that fired after
// the checkpoint from which the job recovers fires again: that firing did not survive.
//
// When a processing-time timer is due, only the node's wall clock says, and that jumps. A subtask may have set its alarm by
// a clock that was behind and has been set on since; so a timer counts as due when the *lowest* that the clock of its node
// has been set to in the attempt is past it. If that was so, of a job that runs and that no fault disturbs, for longer than
// a subtask takes to react (RunEnd), and the job has drained in the end, the timer is lost. Of one that was due already
// when it was registered, that moment counts.
//
// It watches events only. What is pending in a checkpoint is what was pending with each subtask when it took its
// snapshot; where that disagrees with the files, timers are lost or fire twice, and that is seen.
#ifndef WEIR_PROPERTIES_TIMER_FIRES_ONCE_H_
#define WEIR_PROPERTIES_TIMER_FIRES_ONCE_H_

#include <memory>

#include "properties/property.h"

namespace weir::properties {

std::unique_ptr<Property> MakeTimerFiresOnce();

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_TIMER_FIRES_ONCE_H_
