// Licensed under the Apache License, Version 2.0.
//
// How long things may take in a run whose options were drawn: what one record costs, how far the schedule may hold an
// event back, and by when a job that keeps its promises has drained. A drawn configuration may be slow (one record a
// fetch over a link of 20 ms), but never one in which no engine could finish a checkpoint.
#ifndef WEIR_SCENARIOS_TIMING_H_
#define WEIR_SCENARIOS_TIMING_H_

#include "runtime/base/configuration.h"
#include "runtime/task/job_config.h"
#include "sim/schedule.h"

namespace weir::scenarios {

struct Timing {
  const JobConfig& config;
  const Configuration& options;
  uint64_t records;  // of the whole workload
};

// The most that one record occupies the slowest stage of the job, without faults: eight operators, its share of a
// fetch, of a buffer's round trip and of a slice held back by the schedule; with a database two round trips more.
Duration ServiceTime(const Timing& timing, const sim::ScheduleOptions& schedule, bool uses_database);

// The most by which the schedule may hold back an event. A slice is one event, and what lies in the buffers before a
// barrier is handled slice by slice: all of it must fit into half of a checkpoint's timeout.
Duration SlackMax(const Timing& timing);

// Twice what it takes to miss a node, to restart and to give up a checkpoint: what an attempt that begins so long after
// the last fault fails of, that fault has not done.
Duration RecoveryMax(const Timing& timing);

// How long after the last fault the job may take to drain: what a recovery takes, and four times what is left to
// do, which may be every record (docs/judging.md, progress).
Duration LivenessBound(const Timing& timing, const sim::ScheduleOptions& schedule, bool uses_database);

// Within what time a subtask that no fault disturbs does what its clock says is due: it may be amid a slice of records, over
// a chain of eight operators, and the schedule may hold back the slice and the wake-up.
Duration ReactionMax(const Timing& timing, const sim::ScheduleOptions& schedule);

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_TIMING_H_
