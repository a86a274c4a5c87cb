#include "faults/fault_kinds.h"

#include <algorithm>
#include <array>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "runtime/base/nearest_name.h"
#include "runtime/base/status.h"

namespace weir::faults {
namespace {

constexpr absl::string_view kRestart = "restart delay in microseconds";

constexpr std::array<FaultKindInfo, 19> kKinds{{
    {FaultKind::kCrashTaskManager, "crash.task-manager", "crash", FaultTarget::kNode, false, kRestart,
     "a task manager dies and comes back after the restart delay"},
    {FaultKind::kCrashJobManager, "crash.job-manager", "crash", FaultTarget::kNode, false, kRestart,
     "a job manager dies and comes back after the restart delay"},
    {FaultKind::kCrashTask, "crash.task", "crash", FaultTarget::kSubtask, false, "",
     "one subtask fails, its task manager lives on"},
    {FaultKind::kPause, "pause", "pause", FaultTarget::kNode, true, "",
     "a process stops running for a while and does not know it"},
    {FaultKind::kNetDelay, "net.delay", "net", FaultTarget::kLink, true, "extra latency in microseconds",
     "a link gets slower, both ways"},
    {FaultKind::kNetCut, "net.cut", "net", FaultTarget::kLink, true, "", "a link carries nothing, both ways"},
    {FaultKind::kNetCutOneWay, "net.cut-one-way", "net", FaultTarget::kLink, true, "",
     "a link carries nothing from one node to the other, only back"},
    {FaultKind::kNetReset, "net.reset", "net", FaultTarget::kLink, false, "",
     "every connection of a link breaks and loses what was in flight"},
    {FaultKind::kStoreUnavailable, "store.unavailable", "store", FaultTarget::kStore, true, "",
     "the object store refuses every request"},
    {FaultKind::kStoreSlow, "store.slow", "store", FaultTarget::kStore, true, "factor",
     "the object store takes a multiple of its time"},
    {FaultKind::kStoreLostResponse, "store.lost-response", "store", FaultTarget::kStore, false,
     "number of requests", "the object store applies requests and answers with an error"},
    {FaultKind::kDiskFull, "disk.full", "disk", FaultTarget::kNode, true, "",
     "a node's disk has no room left"},
    {FaultKind::kDiskSlow, "disk.slow", "disk", FaultTarget::kNode, true, "factor",
     "a node's disk takes a multiple of its time"},
    {FaultKind::kDiskError, "disk.error", "disk", FaultTarget::kNode, true, "",
     "every request to a node's disk fails"},
    {FaultKind::kDiskShortRead, "disk.short-read", "disk", FaultTarget::kNode, true, "",
     "a node's disk returns only half of what is read"},
    {FaultKind::kDiskFlip, "disk.flip", "disk", FaultTarget::kNode, false,
     "bit, counted over all files, modulo their number", "one bit of what a node's disk holds is flipped"},
    {FaultKind::kRescale, "rescale", "rescale", FaultTarget::kSubtask, false, "parallelism",
     "one subtask fails, and the job goes on with another parallelism"},
    {FaultKind::kClockJump, "clock.jump", "clock", FaultTarget::kNode, false,
     "milliseconds on; from 1000000000 on: back by what is above", "a node's wall clock is set"},
    {FaultKind::kBroadcastReorder, "broadcast.reorder", "broadcast", FaultTarget::kRun, false,
     "legal or adversarial", "receivers handle broadcast elements in another order, all along",
     "legal adversarial"},
}};

std::vector<absl::string_view> ValuesOf(const FaultKindInfo& info) {
  return absl::StrSplit(info.values, ' ', absl::SkipEmpty());
}

absl::StatusOr<uint64_t> ReadParameter(const FaultKindInfo& info, absl::string_view text) {
  const std::vector<absl::string_view> values = ValuesOf(info);
  const auto named = std::find(values.begin(), values.end(), text);
  if (named != values.end()) return static_cast<uint64_t>(named - values.begin()) + 1;
  uint64_t number = 0;
  if (absl::SimpleAtoi(text, &number) && IsParameter(info, number)) return number;
  if (!values.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("faults: the parameter of '", info.name, "' is ", info.parameter, ", not '", text, "'"));
  }
  return absl::InvalidArgumentError(absl::StrCat("faults: the parameter of '", info.name,
                                                 "' is a whole number (", info.parameter, "), not '", text,
                                                 "'"));
}

absl::Status AddElement(absl::string_view element, FaultSpec& spec) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(element, absl::MaxSplits(':', 1));
  const auto& [name, parameter] = parts;
  const bool has_parameter = element.size() > name.size();
  if (name.empty())
    return absl::InvalidArgumentError("faults: an empty element; separate names by single commas");
  if (const std::optional<FaultKind> kind = FindFaultKind(name)) {
    std::optional<uint64_t> value;
    if (has_parameter) {
      const absl::string_view meaning = Info(*kind).parameter;
      if (meaning.empty()) {
        return absl::InvalidArgumentError(
            absl::StrCat("faults: '", name, "' takes no parameter, but got '", parameter, "'"));
      }
      WEIR_ASSIGN_OR_RETURN(value, ReadParameter(Info(*kind), parameter));
    }
    spec.kinds[*kind] = value;
    return absl::OkStatus();
  }
  if (name == "all" || name == "none") {
    return absl::InvalidArgumentError(absl::StrCat("faults: '", name, "' stands alone, not in a list"));
  }
  bool found = false;
  for (const FaultKindInfo& info : kKinds) {
    if (info.group != name) continue;
    found = true;
    if (has_parameter) {
      return absl::InvalidArgumentError(
          absl::StrCat("faults: '", name, "' is a group and takes no parameter"));
    }
    spec.kinds.emplace(info.kind, std::nullopt);
  }
  if (found) return absl::OkStatus();
  std::vector<absl::string_view> known = FaultGroups();
  for (const FaultKindInfo& info : kKinds) known.push_back(info.name);
  return absl::InvalidArgumentError(UnknownName("fault", name, known));
}

}  // namespace

absl::Span<const FaultKindInfo> FaultKinds() { return kKinds; }

const FaultKindInfo& Info(FaultKind kind) { return kKinds[static_cast<size_t>(kind)]; }

std::optional<FaultKind> FindFaultKind(absl::string_view name) {
  for (const FaultKindInfo& info : kKinds) {
    if (info.name == name) return info.kind;
  }
  return std::nullopt;
}

bool IsParameter(const FaultKindInfo& info, uint64_t value) {
  return info.values.empty() || (value >= 1 && value <= ValuesOf(info).size());
}

std::vector<absl::string_view> FaultGroups() {
  std::vector<absl::string_view> groups{"all", "none"};
  for (const FaultKindInfo& info : kKinds) {
    if (std::find(groups.begin(), groups.end(), info.group) == groups.end()) groups.push_back(info.group);
  }
  return groups;
}

absl::StatusOr<FaultSpec> FaultSpec::Parse(absl::string_view spec) {
  FaultSpec result;
  if (spec == "none") return result;
  if (spec == "all") {
    for (const FaultKindInfo& info : kKinds) result.kinds.emplace(info.kind, std::nullopt);
    return result;
  }
  for (absl::string_view element : absl::StrSplit(spec, ',')) {
    WEIR_RETURN_IF_ERROR(AddElement(element, result));
  }
  return result;
}

}  // namespace weir::faults
