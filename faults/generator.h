// Licensed under the Apache License, Version 2.0.
//
// The faults of a seed. Aimed, not scattered: most triggers are steps of the checkpoint and
// recovery protocols, each with the blow that hurts there (a job manager dies between metadata and
// pointer, a task manager at its acknowledgement, the link to the job manager is cut around the
// notification, store responses are lost during an upload). Times on *both* sides of each timeout
// of the cluster are drawn: a node that is always back before anybody missed it hides a large part
// of the recovery code.
#ifndef WEIR_FAULTS_GENERATOR_H_
#define WEIR_FAULTS_GENERATOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faults/fault_kinds.h"
#include "faults/plan.h"
#include "runtime/env/random.h"

namespace weir::faults {

// What there is to break, and which times matter there.
struct GeneratorInput {
  FaultSpec allowed;
  std::vector<std::string> job_managers;   // node names
  std::vector<std::string> task_managers;  // node names
  std::vector<std::string> services;       // node names that links may be cut to; may be empty
  uint32_t slots_per_task_manager = 1;
  uint32_t slots_needed = 1;
  // The job's parallelism, and the greatest that it can be given; 0: it cannot be rescaled.
  uint32_t parallelism = 1;
  uint32_t parallelism_max = 128;

  struct Vertex {
    uint32_t parallelism = 1;
    bool is_source = false;
    bool is_transactional_sink = false;
  };
  std::vector<Vertex> vertices;  // by vertex id
  struct Split {
    uint32_t vertex = 0;  // the source that reads it
    uint32_t split = 0;
    uint64_t records = 0;
  };
  std::vector<Split> splits;

  uint64_t faults_min = 0;             // at most kFaultsMax
  std::optional<FaultKind> preferred;  // every second fault on average, if it is allowed

  bool has_broadcast = false;  // some edge is a broadcast
  bool has_state_on_disk =
      false;  // task managers keep state there; on others disks hold nothing that a fault could hurt
  bool checkpointing = true;
  Duration heartbeat_timeout = Duration::Seconds(50);
  Duration restart_delay = Duration::Seconds(1);
  Duration checkpoint_interval = Duration::Seconds(1);
  Duration checkpoint_timeout = Duration::Seconds(600);
  // How long the records last if nothing happens; faults by time fall into it, or a little after.
  Duration work = Duration::Seconds(10);
  // Until Plan::liveness_at, if nothing happens.
  Duration faulty_phase = Duration::Seconds(30);
};

// Broadcast elements come in another legal order for every second seed; in an adversarial one only if
// the parameter asks for it.
// At most kFaultsMax faults besides what holds for a whole run, none for about one seed in twelve; a function of `input` and the seed
// of `random`, with draws at DrawSite::kPlan keyed by (fault, what is drawn), so that faults do not
// depend on each other's draws, but for what they share: nodes that never come back are kept so few,
// and parallelisms so small, that the job can go on (budget.h).
std::vector<Fault> GenerateFaults(const GeneratorInput& input, const Random& random);

inline constexpr size_t kFaultsMax = 8;

}  // namespace weir::faults

#endif  // WEIR_FAULTS_GENERATOR_H_
