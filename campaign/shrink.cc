#include "campaign/shrink.h"

#include <algorithm>

#include "faults/fault_kinds.h"
#include "runtime/base/status.h"

namespace weir::campaign {
namespace {

using faults::Fault;
using faults::FaultKind;
using faults::KeptRecords;
using faults::Plan;

// All records as one line of positions, split after split, from which stretches are cut.
void Cut(std::vector<KeptRecords>& records, uint64_t begin, uint64_t end) {
  uint64_t position = 0;
  for (KeptRecords& split : records) {
    std::vector<std::pair<uint64_t, uint64_t>> left;
    for (const auto& [first, last] : split.ranges) {
      const uint64_t size = last - first;
      const uint64_t from = std::clamp(begin, position, position + size) - position;
      const uint64_t to = std::clamp(end, position, position + size) - position;
      if (from >= to) {
        left.emplace_back(first, last);
      } else {
        if (from > 0) left.emplace_back(first, first + from);
        if (to < size) left.emplace_back(first + to, last);
      }
      position += size;
    }
    split.ranges = std::move(left);
  }
}

class Shrinker {
 public:
  Shrinker(const Plan& plan, std::vector<KeptRecords> records, const Evaluate& evaluate, uint64_t runs_max)
      : evaluate_(evaluate), runs_max_(runs_max), best_(plan), all_records_(std::move(records)) {
    best_.expect.reset();
  }

  absl::StatusOr<ShrinkResult> Run() {
    ShrinkResult result;
    result.faults_before = best_.faults.size();
    if (best_.kept.empty()) best_.kept = all_records_;
    result.records_before = CountRecords(best_.kept);
    // An explicit list of everything must run as no list does.
    WEIR_ASSIGN_OR_RETURN(record_, evaluate_(best_));
    ++runs_;
    if (record_.is_undecided()) return absl::ResourceExhaustedError(record_.message);
    if (!record_.violated)
      return absl::FailedPreconditionError("every promise holds: there is nothing to shrink");
    key_ = SignatureKey(record_.signature);
    while (true) {
      const uint64_t steps = steps_;
      WEIR_RETURN_IF_ERROR(DropUnfired());
      WEIR_RETURN_IF_ERROR(DropFaults());
      WEIR_RETURN_IF_ERROR(DropRecords());
      WEIR_RETURN_IF_ERROR(SimplifyFaults());
      WEIR_RETURN_IF_ERROR(SimplifySchedule());
      if (steps_ == steps || Spent()) break;
    }
    result.runs = runs_;
    result.records_after = CountRecords(best_.kept);
    if (result.records_after == CountRecords(all_records_)) best_.kept.clear();
    best_.expect = faults::Expectation{record_.Verdict(), record_.signature, record_.digest.ToHex(), ""};
    result.plan = std::move(best_);
    result.record = std::move(record_);
    return result;
  }

 private:
  bool Spent() const { return runs_ >= runs_max_; }

  // Whether the candidate fails in the same way; if so it is the best one now.
  absl::StatusOr<bool> Try(Plan candidate) {
    if (Spent()) return false;
    ++runs_;
    WEIR_ASSIGN_OR_RETURN(RunRecord record, evaluate_(candidate));
    if (!record.violated || SignatureKey(record.signature) != key_) return false;
    best_ = std::move(candidate);
    record_ = std::move(record);
    ++steps_;
    return true;
  }

  absl::Status DropUnfired() {
    if (record_.fault_fired.size() != best_.faults.size()) return absl::OkStatus();
    Plan candidate = best_;
    candidate.faults.clear();
    for (size_t i = 0; i < best_.faults.size(); ++i) {
      if (record_.fault_fired[i]) candidate.faults.push_back(best_.faults[i]);
    }
    if (candidate.faults.size() == best_.faults.size()) return absl::OkStatus();
    return Try(std::move(candidate)).status();
  }

  // Leaves out stretches of halving length, until none of a single fault can go.
  absl::Status DropFaults() {
    for (size_t chunk = best_.faults.size(); chunk >= 1 && !best_.faults.empty(); chunk /= 2) {
      for (size_t at = 0; at < best_.faults.size() && !Spent();) {
        Plan candidate = best_;
        const auto begin = candidate.faults.begin() + static_cast<std::ptrdiff_t>(at);
        const size_t count = std::min(chunk, candidate.faults.size() - at);
        candidate.faults.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
        WEIR_ASSIGN_OR_RETURN(const bool smaller, Try(std::move(candidate)));
        if (!smaller) at += chunk;
      }
    }
    return absl::OkStatus();
  }

  // The same over records; from the back, since what comes late matters least. Stops where single stretches would cost
  // more runs than are left.
  absl::Status DropRecords() {
    for (uint64_t chunk = CountRecords(best_.kept); chunk >= 1; chunk /= 2) {
      const uint64_t total = CountRecords(best_.kept);
      if (chunk < total && total / chunk > runs_max_ - std::min(runs_, runs_max_)) break;
      for (uint64_t end = total; end > 0 && !Spent();) {
        const uint64_t begin = end > chunk ? end - chunk : 0;
        Plan candidate = best_;
        Cut(candidate.kept, begin, end);
        WEIR_RETURN_IF_ERROR(Try(std::move(candidate)).status());
        end = begin;
      }
    }
    return absl::OkStatus();
  }

  absl::Status TryFault(size_t index, Fault fault) {
    Plan candidate = best_;
    candidate.faults[index] = std::move(fault);
    return Try(std::move(candidate)).status();
  }

  absl::Status SimplifyFaults() {
    for (size_t i = 0; i < best_.faults.size() && !Spent(); ++i) {
      if (best_.faults[i].trigger.delay != Duration()) {
        Fault fault = best_.faults[i];
        fault.trigger.delay = Duration();
        WEIR_RETURN_IF_ERROR(TryFault(i, std::move(fault)));
      }
      if (best_.faults[i].action.silent) {
        Fault fault = best_.faults[i];
        fault.action.silent = false;
        WEIR_RETURN_IF_ERROR(TryFault(i, std::move(fault)));
      }
      if (best_.faults[i].trigger.node) {
        Fault fault = best_.faults[i];
        fault.trigger.node.reset();
        WEIR_RETURN_IF_ERROR(TryFault(i, std::move(fault)));
      }
      const std::map<std::string, uint64_t> where = best_.faults[i].trigger.where;
      for (const auto& [field, value] : where) {
        // Records are named whole, or the story loses its point.
        if (field == "offset" || field == "split") continue;
        Fault fault = best_.faults[i];
        fault.trigger.where.erase(field);
        WEIR_RETURN_IF_ERROR(TryFault(i, std::move(fault)));
      }
      WEIR_RETURN_IF_ERROR(LowerOccurrence(i));
    }
    return absl::OkStatus();
  }

  absl::Status LowerOccurrence(size_t index) {
    while (best_.faults[index].trigger.occurrence > 1 && !Spent()) {
      Fault fault = best_.faults[index];
      const uint64_t before = fault.trigger.occurrence;
      fault.trigger.occurrence = before / 2;
      WEIR_RETURN_IF_ERROR(TryFault(index, std::move(fault)));
      if (best_.faults[index].trigger.occurrence == before) break;
    }
    return absl::OkStatus();
  }

  absl::Status SimplifySchedule() {
    if (best_.schedule.strategy == sim::ScheduleStrategy::kFifo) return absl::OkStatus();
    Plan candidate = best_;
    candidate.schedule = sim::ScheduleOptions();
    return Try(std::move(candidate)).status();
  }

  const Evaluate& evaluate_;
  const uint64_t runs_max_;
  Plan best_;
  const std::vector<KeptRecords> all_records_;
  RunRecord record_;  // of best_
  std::string key_;
  uint64_t runs_ = 0;
  uint64_t steps_ = 0;
};

}  // namespace

absl::StatusOr<ShrinkResult> Shrink(const faults::Plan& plan, std::vector<faults::KeptRecords> records,
                                    const Evaluate& evaluate, const ShrinkOptions& options) {
  return Shrinker(plan, std::move(records), evaluate, options.runs_max).Run();
}

std::string SignatureKey(const std::string& signature) { return signature.substr(0, signature.rfind('/')); }

uint64_t CountRecords(const std::vector<faults::KeptRecords>& records) {
  uint64_t count = 0;
  for (const faults::KeptRecords& split : records) {
    for (const auto& [begin, end] : split.ranges) count += end - begin;
  }
  return count;
}

}  // namespace weir::campaign
