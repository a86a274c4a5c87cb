// Licensed under the Apache License, Version 2.0.
//
// The fault kinds by name, and the specification of which ones a campaign may use (--faults).
//
//   SPEC     "all" | "none" | ELEMENT[,ELEMENT...]
//   ELEMENT  a kind ("net.delay"), a group ("crash" is every crash.*), or a kind with a parameter
//   ("net.delay:20000", or by its name where it has one: "broadcast.reorder:adversarial")
#ifndef WEIR_FAULTS_FAULT_KINDS_H_
#define WEIR_FAULTS_FAULT_KINDS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "faults/plan.h"

namespace weir::faults {

// Action::parameter of a crash: the node does not come back, not even in the liveness phase.
inline constexpr uint64_t kNeverRestarts = ~uint64_t{0};

// Action::parameter of a clock jump is a whole number of milliseconds like any other, also for jumps backward: what is at
// least kClockBackward goes back by what it has above that (11.5 days, far above any jump that is drawn). So 5000 is five
// seconds on, 1000005000 five seconds back.
inline constexpr uint64_t kClockBackward = 1'000'000'000;
constexpr Duration ClockJump(uint64_t parameter) {
  const bool is_backward = parameter >= kClockBackward;
  const auto millis = static_cast<int64_t>(is_backward ? parameter - kClockBackward : parameter);
  return Duration::Millis(is_backward ? -millis : millis);
}

// What an action of this kind is aimed at, so which of its fields are used.
enum class FaultTarget : uint8_t {
  kNode,     // node
  kLink,     // node and peer
  kStore,    // the object store: neither
  kSubtask,  // the subtask that the trigger names; node: if set, the next subtask event there
  kRun,      // everything, from beginning to end: a mode, which needs no moment either
};

struct FaultKindInfo {
  FaultKind kind{};
  absl::string_view name;   // "crash.task-manager"
  absl::string_view group;  // "crash"
  FaultTarget target{};
  bool lasts = false;           // uses Action::duration
  absl::string_view parameter;  // what Action::parameter means, with its unit; "" if it is unused
  absl::string_view meaning;    // one line
  // Values of the parameter by name, separated by spaces, from 1 on; no others are allowed. "": any number.
  absl::string_view values = {};
};

// Every kind, in the order of the enumeration. The memory is static.
absl::Span<const FaultKindInfo> FaultKinds();
const FaultKindInfo& Info(FaultKind kind);
std::optional<FaultKind> FindFaultKind(absl::string_view name);
// Whether the parameter may have this value.
bool IsParameter(const FaultKindInfo& info, uint64_t value);
// "all", "none" and the group names, for lists and suggestions.
std::vector<absl::string_view> FaultGroups();

// Which kinds may be used; a kind's parameter, if the user fixed it.
struct FaultSpec {
  std::map<FaultKind, std::optional<uint64_t>> kinds;

  // kInvalidArgument: an unknown name (with the nearest one), a parameter where there is none to
  // set or that is no whole number and no name of a value, an empty element, "all" or "none" beside others.
  static absl::StatusOr<FaultSpec> Parse(absl::string_view spec);
};

}  // namespace weir::faults

#endif  // WEIR_FAULTS_FAULT_KINDS_H_
