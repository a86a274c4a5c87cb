#include "faults/budget.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "faults/fault_kinds.h"
#include "runtime/base/nearest_name.h"
#include "runtime/base/status.h"

namespace weir::faults {
namespace {

bool IsCrash(FaultKind kind) {
  return kind == FaultKind::kCrashTaskManager || kind == FaultKind::kCrashJobManager;
}

// How long this fault can keep somebody from committing.
Duration Outage(const Action& action, Instant liveness_at) {
  if (Info(action.kind).lasts) return action.duration;
  if (!IsCrash(action.kind)) return Duration();
  // Whoever never comes back is replaced: that takes until the liveness phase at the latest.
  if (action.parameter == kNeverRestarts) return liveness_at - Instant();
  return Duration::Micros(static_cast<int64_t>(action.parameter));
}

absl::Status CheckNode(const std::string& name, const std::vector<const std::vector<std::string>*>& groups,
                       const std::string& pointer) {
  std::vector<absl::string_view> known;
  for (const std::vector<std::string>* group : groups) {
    for (const std::string& node : *group) {
      if (node == name) return absl::OkStatus();
      known.push_back(node);
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(pointer, ": ", UnknownName("node", name, known)));
}

}  // namespace

absl::Status CheckBudget(const Plan& plan, const Budget& budget) {
  std::set<std::string> gone;
  Duration outage;
  uint64_t needed = budget.slots_needed;
  const uint64_t all_slots = uint64_t{budget.slots_per_task_manager} * budget.task_managers.size();
  for (const Fault& fault : plan.faults) {
    const Action& action = fault.action;
    if (IsCrash(action.kind) && action.parameter == kNeverRestarts) gone.insert(action.node);
    outage += Outage(action, plan.liveness_at);
    // A parallelism that never had enough slots is never taken on.
    if (action.kind == FaultKind::kRescale && action.parameter <= all_slots) {
      needed = std::max<uint64_t>(needed, std::min<uint64_t>(action.parameter, budget.slots_usable));
    }
  }
  const auto left = [&gone](const std::vector<std::string>& nodes) {
    return static_cast<uint64_t>(std::count_if(
        nodes.begin(), nodes.end(), [&](const std::string& node) { return gone.count(node) == 0; }));
  };
  if (left(budget.job_managers) == 0) {
    return absl::FailedPreconditionError("no job manager is left: every one of them crashes for good");
  }
  const uint64_t slots = left(budget.task_managers) * budget.slots_per_task_manager;
  if (slots < needed) {
    return absl::FailedPreconditionError(absl::StrCat(
        "only ", slots, " of ", needed, " slots are left: too many task managers crash for good"));
  }
  // The sum, since one outage may begin as another ends.
  if (budget.transaction_timeout != Duration::Max() && outage >= budget.transaction_timeout) {
    return absl::FailedPreconditionError(absl::StrCat("outages of together ", FormatDuration(outage),
                                                      " let transactions expire, after ",
                                                      FormatDuration(budget.transaction_timeout)));
  }
  return absl::OkStatus();
}

absl::Status CheckParallelism(uint64_t parallelism, uint64_t slots, absl::string_view where) {
  if (parallelism >= 1 && parallelism <= slots) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(where, ": a job on ", slots, " slots cannot have parallelism ", parallelism));
}

absl::Status CheckNames(const Plan& plan, const Budget& cluster) {
  const std::vector<const std::vector<std::string>*> managers{&cluster.job_managers, &cluster.task_managers};
  const std::vector<const std::vector<std::string>*> all{&cluster.job_managers, &cluster.task_managers,
                                                         &cluster.services};
  for (size_t i = 0; i < plan.faults.size(); ++i) {
    const std::string pointer = absl::StrCat("/faults/", i);
    const auto& [trigger, action] = plan.faults[i];
    if (trigger.node) WEIR_RETURN_IF_ERROR(CheckNode(*trigger.node, all, pointer + "/trigger/node"));
    const std::string node = pointer + "/action/node";
    if (action.kind == FaultKind::kRescale) {
      const uint64_t slots = cluster.task_managers.size() * cluster.slots_per_task_manager;
      WEIR_RETURN_IF_ERROR(CheckParallelism(action.parameter, slots, pointer + "/action/parallelism"));
    }
    switch (Info(action.kind).target) {
      case FaultTarget::kStore:
      case FaultTarget::kRun:
        break;
      case FaultTarget::kLink:
        WEIR_RETURN_IF_ERROR(CheckNode(action.node, all, node));
        WEIR_RETURN_IF_ERROR(CheckNode(action.peer, all, pointer + "/action/peer"));
        break;
      case FaultTarget::kSubtask:
        if (!action.node.empty())
          WEIR_RETURN_IF_ERROR(CheckNode(action.node, {&cluster.task_managers}, node));
        break;
      case FaultTarget::kNode:
        if (action.kind == FaultKind::kCrashTaskManager) {
          WEIR_RETURN_IF_ERROR(CheckNode(action.node, {&cluster.task_managers}, node));
        } else if (action.kind == FaultKind::kCrashJobManager) {
          WEIR_RETURN_IF_ERROR(CheckNode(action.node, {&cluster.job_managers}, node));
        } else {
          WEIR_RETURN_IF_ERROR(CheckNode(action.node, managers, node));
        }
        break;
    }
  }
  return absl::OkStatus();
}

}  // namespace weir::faults
