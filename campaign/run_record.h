// Licensed under the Apache License, Version 2.0.
//
// What is kept of one run: all that a report says of it. Travels from worker to campaign and lies in runs.bin; so a
// campaign that is resumed reports as if it had never been interrupted.
#ifndef WEIR_CAMPAIGN_RUN_RECORD_H_
#define WEIR_CAMPAIGN_RUN_RECORD_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "faults/plan.h"
#include "runtime/base/stable_hash.h"
#include "scenarios/run.h"

namespace weir::campaign {

// The property that stands for failed checks, dead and stuck processes.
inline constexpr absl::string_view kNoCrash = "no-crash";
inline constexpr absl::string_view kNoCrashClaim =
    "no run ends by a failed check, a dead process or a process that is stuck";

struct RunRecord {
  // kUndecided: cut short by the event budget, and nothing was violated until then.
  enum class End : uint8_t { kFinished, kFailedCheck, kDied, kUndecided };
  struct Property {
    std::string id;
    properties::Outcome outcome = properties::Outcome::kHeld;
    bool expected_broken = false;
    bool witnessed = false;
    // The message, where it is no failure's: of a verdict that is not judged, or violated and to be so.
    std::string remark = {};
  };

  std::string scenario;
  uint64_t seed = 0;
  uint64_t options_hash = 0;  // of the plan's resolved options
  End end = End::kFinished;
  bool violated = false;  // a promise that should hold was broken, or `end` is kFailedCheck or kDied
  Hash128 digest;         // kDied: DeadDigest()
  std::vector<Property> properties;
  std::map<std::string, uint64_t> faults_fired;  // fault kind name -> times
  std::vector<bool> fault_fired;                 // by index in the plan
  // How often each event of the catalogue was reached, by number; only of runs that are sampled for it.
  std::map<uint16_t, uint64_t> coverage;
  scenarios::RunTotals totals;
  std::string signature;  // of the first violation; "" if none
  std::string message;    // of it, or why the run is undecided

  bool is_undecided() const { return end == End::kUndecided; }
  // "held", "violated" or, of an undecided run, "error".
  std::string Verdict() const { return violated ? "violated" : is_undecided() ? "error" : "held"; }
  // The part of `signature` before the first '/'.
  std::string ViolatedProperty() const;

  std::string Encode() const;
  // kDataLoss if `bytes` are not those of a record.
  static absl::StatusOr<RunRecord> Decode(absl::string_view bytes);
};

// From the result of a run that came to its end.
RunRecord MakeRecord(const faults::Plan& plan, const scenarios::RunResult& result);

// What stands for a run whose worker died or was stuck, always the same for the same death: `how` is
// "was killed by signal 6 (SIGABRT)", say, `kind` "died" or "stuck".
RunRecord DeadRecord(absl::string_view scenario, uint64_t seed, absl::string_view how,
                     absl::string_view kind);
Hash128 DeadDigest();

uint64_t HashOptions(const Configuration& options);

}  // namespace weir::campaign

#endif  // WEIR_CAMPAIGN_RUN_RECORD_H_
