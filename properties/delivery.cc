#include "properties/delivery.h"

#include "absl/strings/str_cat.h"
#include "properties/ledger.h"

namespace weir::properties {
namespace {

// How one finding bears on a promise.
enum class Bearing { kNone, kUnsure, kBroken };

class Delivery : public Property {
 public:
  absl::string_view sometimes() const override {
    return "a recovery replayed at least one record (in at-least-once mode: a duplicate was seen)";
  }
  void Begin(const JobShape& job, const Outside& outside) override {
    job_ = &job;
    ledger_ = &outside.Shared<Ledger>();
    tells_ledger_ = ledger_->Begin(job, outside);
  }
  bool Watches(EventId id) const override { return tells_ledger_ && Ledger::Watches(id); }
  void OnEvent(Instant, NodeId, const Event& event) override { ledger_->OnEvent(event); }
  bool Witnessed() const override {
    return job_->exactly_once ? ledger_->replayed() : ledger_->saw_duplicate();
  }

  Verdict End(const RunEnd& end) override {
    Verdict verdict;
    if (!job_->checkpointing || !job_->ledger) {
      verdict.outcome = Outcome::kNotJudged;
      verdict.message = job_->checkpointing ? "weir.ledger is off" : "the job takes no checkpoints";
      return verdict;
    }
    ledger_->Settle(end);
    const Finding* unsure = nullptr;
    for (const Finding& finding : ledger_->findings()) {
      const Bearing bearing = BearingOf(finding);
      if (bearing == Bearing::kBroken) return Broken(finding);
      if (bearing == Bearing::kUnsure && unsure == nullptr) unsure = &finding;
    }
    if (unsure == nullptr) return verdict;
    verdict.outcome = Outcome::kNotJudged;
    verdict.message =
        absl::StrCat("counts and sums do not tell whether a record was lost on the hop ", unsure->hop,
                     " (checkpoint ", unsure->checkpoint, "); identities are needed");
    verdict.needs_sets = !job_->ledger_sets;
    return verdict;
  }

 protected:
  virtual Bearing BearingOf(const Finding& finding) const = 0;

 private:
  Verdict Broken(const Finding& finding) const {
    Verdict verdict;
    verdict.outcome = Outcome::kViolated;
    verdict.message = ledger_->Describe(finding);
    verdict.signature.property = std::string(id());
    verdict.signature.where = finding.where;
    verdict.signature.kind = !finding.unreadable.empty()   ? "missing"
                             : finding.difference.lost > 0 ? "lost"
                                                           : "duplicated";
    verdict.needs_sets = !job_->ledger_sets && !finding.difference.is_exact;
    return verdict;
  }

  const JobShape* job_ = nullptr;
  Ledger* ledger_ = nullptr;
  bool tells_ledger_ = false;  // two properties read one ledger
};

class ExactlyOnce : public Delivery {
 public:
  absl::string_view id() const override { return "exactly-once"; }
  absl::string_view claim() const override {
    return "every source record takes effect once in every operator's state and in what readers of the sinks "
           "see";
  }
  bool AppliesTo(const JobShape& job) const override { return job.checkpointing && job.exactly_once; }

 private:
  Bearing BearingOf(const Finding& finding) const override {
    if (!finding.unreadable.empty() || finding.difference.lost > 0) return Bearing::kBroken;
    const bool legal = finding.may_be_overshoot || finding.side == Finding::Side::kPlainSink;
    if (finding.difference.surplus > 0 && !legal) return Bearing::kBroken;
    return finding.difference.is_exact ? Bearing::kNone : Bearing::kUnsure;
  }
};

class AtLeastOnce : public Delivery {
 public:
  absl::string_view id() const override { return "at-least-once"; }
  absl::string_view claim() const override {
    return "no source record is lost, in any operator's state or in what readers of the sinks see";
  }
  bool AppliesTo(const JobShape& job) const override { return job.checkpointing; }

 private:
  Bearing BearingOf(const Finding& finding) const override {
    if (!finding.unreadable.empty() || finding.difference.lost > 0) return Bearing::kBroken;
    return finding.difference.is_exact ? Bearing::kNone : Bearing::kUnsure;
  }
};

}  // namespace

std::unique_ptr<Property> MakeExactlyOnce() { return std::make_unique<ExactlyOnce>(); }
std::unique_ptr<Property> MakeAtLeastOnce() { return std::make_unique<AtLeastOnce>(); }

}  // namespace weir::properties
