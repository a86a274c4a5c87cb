// Licensed under the Apache License, Version 2.0.
//
// A plan: everything that one run depends on besides the program, as a value. A seed only generates
// a plan; what is replayed, shrunk, archived and committed is the plan. Written as JSON, integers
// only (plan_json.h).
//
// A fault is (trigger, action). Triggers name meaning, not step counts, so that a plan survives
// refactoring and reads as a story: "the 3rd time node task-manager-1 reaches
// checkpoint.acknowledged", "record 371 of split 2".
#ifndef WEIR_FAULTS_PLAN_H_
#define WEIR_FAULTS_PLAN_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/configuration.h"
#include "runtime/base/time.h"
#include "runtime/env/events.h"
#include "runtime/env/random.h"
#include "sim/schedule.h"

namespace weir::faults {

// What can go wrong. The names (fault_kinds.h) are what --faults takes and reports print:
// "crash.task-manager".
enum class FaultKind : uint8_t {
  kCrashTaskManager,   // parameter: restart delay in microseconds, or kNeverRestarts
                       // (fault_kinds.h); target node
  kCrashJobManager,    // same
  kCrashTask,          // one subtask fails with a status
  kPause,              // a process stops for `duration`
  kNetDelay,           // link: extra latency `parameter` us for `duration`
  kNetCut,             // link, both ways, for `duration`
  kNetCutOneWay,       // link, from node to peer, for `duration`
  kNetReset,           // every connection of the link
  kStoreUnavailable,   // object store refuses, for `duration`
  kStoreSlow,          // latency times `parameter`, for `duration`
  kStoreLostResponse,  // the next `parameter` requests are applied but answered with an error
  kDiskFull,           // node, for `duration`
  kDiskSlow,           // node, costs times `parameter`, for `duration`
  kDiskError,          // node, every request fails, for `duration`
  kDiskShortRead,      // node, every read returns half of the bytes, for `duration`
  kDiskFlip,           // node, bit `parameter` of all that is stored there is flipped
  kRescale,            // one subtask fails, the next attempt runs with parallelism `parameter`
  kClockJump,          // node, the wall clock is set on or back: ClockJump(parameter) (fault_kinds.h)
  kBroadcastReorder,   // how receivers order broadcast elements, all along: parameter 1 legally, 2
                       // adversarially
};

// When. Either at an instant, or at the n-th occurrence of an event in its scope, and then `delay`
// later (0: at that very point, inside the emitter).
struct Trigger {
  enum class Kind : uint8_t { kTime, kEvent, kPhase };
  Kind kind = Kind::kTime;
  Instant at;               // kTime
  EventId event{};          // kEvent
  std::string phase;        // kPhase: a name of kCheckpointPhases; fires at its beginning
  uint64_t occurrence = 1;  // kEvent, kPhase: from 1, counted within the scope
  // Scope value: the attempt or checkpoint in which to count; 0: over the whole run.
  uint64_t scope = 0;
  std::map<std::string, uint64_t>
      where;  // field -> value that the event must have ("split", "offset", "vertex" ...)
  std::optional<std::string> node;  // only events that this node emits
  Duration delay;
};

struct Action {
  FaultKind kind{};
  std::string node;        // "task-manager-1", "job-manager-0", "object-store"; "" where the kind needs none
  std::string peer;        // the link's other end
  uint64_t parameter = 0;  // as the kind says
  Duration duration;
  bool silent = false;  // crashes: peers are not told (a dead machine), not only reset (a dead process)
};

struct Fault {
  Trigger trigger;
  Action action;
};

// One draw replaced: the schedule's part that a shrinker may edit.
struct DrawOverride {
  DrawSite site{};
  uint64_t key = 0;
  uint64_t occurrence = 0;
  uint64_t value = 0;
};

// Half-open ranges of offsets that are kept of one split of a source topic; records outside are as
// if never written.
struct KeptRecords {
  std::string topic;
  uint32_t split = 0;
  std::vector<std::pair<uint64_t, uint64_t>> ranges;
};

// What a recorded failure looked like.
struct Expectation {
  std::string verdict;    // "held" | "violated" | "error"
  std::string signature;  // (property, uid, kind, phase), see properties/property.h
  std::string digest;     // 32 hex digits
  std::string source;     // hash of the program's sources for which the digest holds
  std::string plan = {};  // PlanHash of the plan that was run; "" if it was not recorded
};

struct Plan {
  static constexpr int kSchema = 1;
  std::string scenario;
  uint64_t seed = 1;                          // of every keyed draw of the run
  uint64_t workload_seed = 1;                 // of the generated records
  Configuration options;                      // resolved: every option that matters, also the drawn ones
  std::map<std::string, std::string> inputs;  // --input NAME=FILE: name -> file
  std::map<std::string, std::string> input_hashes;  // name -> 32 hex digits of its content
  std::vector<std::string> properties;  // --properties, as given; empty: the promises of the scenario
  std::vector<KeptRecords> kept;        // empty: every record
  sim::ScheduleOptions schedule;
  std::vector<DrawOverride> overrides;
  std::vector<Fault> faults;
  // Faults end and the liveness phase begins here at the latest; faults that have not fired by then
  // never will.
  Instant liveness_at = Instant::FromNanos(30'000'000'000);
  std::optional<Expectation> expect;
};

}  // namespace weir::faults

#endif  // WEIR_FAULTS_PLAN_H_
