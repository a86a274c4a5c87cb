#include "properties/progress.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace weir::properties {
namespace {

using WaitsByWho = std::map<std::string, std::vector<Wait>>;

// The number of "checkpoint 7", or -1.
int64_t CheckpointNumber(absl::string_view who) {
  int64_t number = -1;
  return absl::ConsumePrefix(&who, "checkpoint ") && absl::SimpleAtoi(who, &number) ? number : -1;
}

std::string Start(const WaitsByWho& waits) {
  std::string best;
  int64_t newest = -1;
  for (const auto& [who, entries] : waits) {
    const int64_t number = CheckpointNumber(who);
    if (number > newest) newest = number, best = who;
  }
  if (newest >= 0) return best;
  for (const auto& [who, entries] : waits) {
    if (who == "job" || absl::StartsWith(who, "job ")) return who;
  }
  std::set<std::string> awaited;
  for (const auto& [who, entries] : waits) {
    for (const Wait& wait : entries) awaited.insert(wait.whom);
  }
  for (const auto& [who, entries] : waits) {
    if (awaited.count(who) == 0) return who;
  }
  return waits.begin()->first;  // a circle
}

// Of several waits the one to follow: whose `whom` waits in turn, else the first.
const Wait& Next(const WaitsByWho& waits, const std::vector<Wait>& entries,
                 const std::set<std::string>& seen) {
  for (const Wait& wait : entries) {
    if (waits.count(wait.whom) != 0 && seen.count(wait.whom) == 0) return wait;
  }
  return entries.front();
}

class Progress : public Property {
 public:
  absl::string_view id() const override { return "progress"; }
  absl::string_view claim() const override {
    return "once faults have ended, the job processes and commits every record";
  }
  absl::string_view sometimes() const override { return "a checkpoint completed after a fault had fired"; }
  bool AppliesTo(const JobShape&) const override { return true; }

  void Begin(const JobShape& job, const Outside&) override { checkpointing_ = job.checkpointing; }
  bool Watches(EventId id) const override {
    return id == EventId::kFaultFired || id == EventId::kJobScheduled ||
           id == EventId::kCheckpointCompleted || id == EventId::kRecordEmitted;
  }
  void OnEvent(Instant now, NodeId, const Event& event) override {
    switch (event.id) {
      case EventId::kJobScheduled:
        attempt_since_ = now;
        break;
      case EventId::kFaultFired:
        fault_fired_ = true;
        break;
      case EventId::kCheckpointCompleted:
        recovered_ |= fault_fired_;
        break;
      case EventId::kRecordEmitted:
        // A job without checkpoints shows that it goes on by its records.
        recovered_ |= fault_fired_ && !checkpointing_;
        break;
      default:
        break;
    }
  }
  bool Witnessed() const override { return recovered_; }

  Verdict End(const RunEnd& end) override {
    Verdict verdict;
    if (end.drained) return verdict;
    if (!end.within_budget) return NotJudged("the plan exceeds what the job promised to survive");
    if (end.job_failed) return OfFailedJob(end);
    const std::string cause = ExplainWaits(end.waits);
    return Violated(
        "stuck", absl::StrCat("the job did not finish by ", FormatInstant(end.at), " (", end.stopped_because,
                              "): ", cause.empty() ? "nobody says what it waits for" : cause,
                              end.last_failure.empty() ? "" : "; ", end.last_failure));
  }

 private:
  static Verdict NotJudged(std::string why) {
    Verdict verdict;
    verdict.outcome = Outcome::kNotJudged;
    verdict.message = std::move(why);
    return verdict;
  }
  static Verdict Violated(const char* kind, std::string message) {
    Verdict verdict;
    verdict.outcome = Outcome::kViolated;
    verdict.message = std::move(message);
    verdict.signature = {"progress", "", kind, ""};
    return verdict;
  }

  // A job whose attempts are used up may fail, if it was faults that used them up.
  Verdict OfFailedJob(const RunEnd& end) const {
    const std::string why = end.last_failure.empty() ? "" : absl::StrCat(": ", end.last_failure);
    if (!fault_fired_)
      return Violated("failed", absl::StrCat("the job failed, and no fault had struck", why));
    if (attempt_since_ >= end.calm_since + end.recovery_max) {
      return Violated("failed", absl::StrCat("the job failed by an attempt that began ",
                                             FormatDuration(attempt_since_ - end.calm_since),
                                             " after the last fault", why));
    }
    return NotJudged(absl::StrCat("faults used up the attempts that the restart strategy allows", why));
  }

 private:
  bool checkpointing_ = false;
  Instant attempt_since_;
  bool fault_fired_ = false;
  bool recovered_ = false;
};

}  // namespace

std::string ExplainWaits(const std::vector<Wait>& waits) {
  if (waits.empty()) return "";
  WaitsByWho by_who;
  for (const Wait& wait : waits) by_who[wait.who].push_back(wait);
  std::set<std::string> seen;
  std::string who = Start(by_who);
  std::string text = who;
  while (true) {
    seen.insert(who);
    const Wait& wait = Next(by_who, by_who[who], seen);
    absl::StrAppend(&text, " waits for ", wait.what);
    if (wait.whom.empty()) return text;
    absl::StrAppend(&text, " from ", wait.whom);
    if (by_who.count(wait.whom) == 0) return text;
    if (seen.count(wait.whom) != 0) return absl::StrCat(text, ", which closes the circle");
    absl::StrAppend(&text, ", which");
    who = wait.whom;
  }
}

std::unique_ptr<Property> MakeProgress() { return std::make_unique<Progress>(); }

}  // namespace weir::properties
