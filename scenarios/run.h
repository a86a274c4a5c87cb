// Licensed under the Apache License, Version 2.0.
//
// One run: where engine, simulated world, faults and properties meet. Everything above (campaigns, replay, the
// shrinker) calls Run with a plan and gets data back; everything below knows nothing of each other.
#ifndef WEIR_SCENARIOS_RUN_H_
#define WEIR_SCENARIOS_RUN_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "faults/coverage.h"
#include "faults/plan.h"
#include "properties/property.h"
#include "scenarios/scenario.h"
#include "sim/digest.h"

namespace weir::scenarios {

// The content of the files given by --input, read and checked once per campaign: name -> records (as source bytes).
struct InputFiles {
  std::map<std::string, std::vector<std::string>> records;
  // Which of them each split holds, in order: where an input has a key_of.
  std::map<std::string, std::vector<std::vector<uint64_t>>> dealt;
  std::map<std::string, std::string> paths;   // name -> file
  std::map<std::string, std::string> hashes;  // name -> 32 hex digits
};
// Reads and checks each NAME -> FILE. kInvalidArgument names file, line, column and what is wrong; kNotFound the file.
absl::StatusOr<InputFiles> ReadInputs(const Scenario& scenario,
                                      const std::map<std::string, std::string>& files);

// What the command line asks of every run of a campaign.
struct RunSpec {
  Configuration options;                // --set, --config, --mode, --backend
  std::string faults;                   // --faults; "" takes the scenario's
  std::vector<std::string> properties;  // --properties: replaces; entries with '+' add
  InputFiles inputs;
};

// Checks everything that can be known before a run: options known and well formed, job graph valid, parallelism and
// slots, property ids, faults. kInvalidArgument with one clear sentence.
absl::Status CheckSpec(const Scenario& scenario, const RunSpec& spec);

// The plan of a seed: options drawn, faults generated. A pure function of its arguments.
faults::Plan GeneratePlan(const Scenario& scenario, const RunSpec& spec, uint64_t seed);

struct PropertyResult {
  std::string id;
  std::string claim;
  bool expected_broken = false;
  properties::Verdict verdict;
  bool witnessed = false;
};

struct RunTotals {
  uint64_t events = 0;
  uint64_t records = 0;  // emitted by sources, replays included
  Duration simulated;
  uint64_t checkpoints_completed = 0;
  uint64_t checkpoints_aborted = 0;
  uint64_t restarts = 0;
  // Attempts that began from a checkpoint with more, or less, parallelism than the one before.
  uint64_t scaled_up = 0;
  uint64_t scaled_down = 0;
};

struct RunResult {
  std::vector<PropertyResult> properties;
  std::map<std::string, uint64_t> faults_fired;  // fault kind name -> times
  std::vector<bool> fault_fired;                 // by index in the plan
  RunTotals totals;
  Hash128 digest;
  // Weir or the engine failed a check, or what the user gave beside functions (a generator, a judge) threw: message of it;
  // "" otherwise. The run counts as violated. What is not known then is empty.
  std::string failure;
  // The run was cut short by its event budget: why, in one sentence; "" otherwise. What is not violated is not judged.
  std::string undecided;
  // Whether a promise was broken that should hold, or a check failed.
  bool Violated() const;
  // The first violation's signature, with the phase of the nearest fault; "" if none.
  std::string signature;
  std::string message;  // of it
};

struct RunHooks {
  // If set, the run keeps its whole trace, and this sees it at the end.
  std::function<void(const sim::Digest&)> with_trace;
  // If set, counts every event of the run.
  faults::Coverage* coverage = nullptr;
  // Receives the number of events so far, now and then: whoever watches from another process sees that the run is
  // not stuck inside of one event.
  volatile uint64_t* progress = nullptr;
};

// One run of a plan, judged. Deterministic. On an imbalance of the ledger's sums the plan is run again with full
// identity sets to name record and hop; the digest is that of the first run.
RunResult Run(const Scenario& scenario, const RunSpec& spec, const faults::Plan& plan,
              const RunHooks& hooks = {});

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_RUN_H_
