#include "properties/output_invariant.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "properties/checkpoint_books.h"

namespace weir::properties {
namespace {

class OutputInvariant : public Property {
 public:
  explicit OutputInvariant(OutputInvariantOptions options) : options_(std::move(options)) {}

  absl::string_view id() const override { return "output-invariant"; }
  absl::string_view claim() const override {
    return "the final result is that of a run without faults, whatever the parallelism, buffers and schedule";
  }
  absl::string_view sometimes() const override {
    if (options_.seen != nullptr) return options_.sometimes;
    return "a fault fired between the first and the last record of a source";
  }
  bool AppliesTo(const JobShape& job) const override { return job.exactly_once; }

  void Begin(const JobShape& job, const Outside& outside) override {
    job_ = &job;
    outside_ = &outside;
  }
  bool Watches(EventId id) const override {
    return id == EventId::kRecordEmitted || id == EventId::kFaultFired;
  }
  void OnEvent(Instant, NodeId, const Event& event) override {
    switch (event.id) {
      case EventId::kRecordEmitted:
        witnessed_ |= began_ && fault_fired_;
        began_ = true;
        break;
      case EventId::kFaultFired:
        fault_fired_ |= began_;
        break;
      default:
        break;
    }
  }
  bool Witnessed() const override { return options_.seen != nullptr ? options_.seen(*outside_) : witnessed_; }

  Verdict End(const RunEnd& end) override {
    Verdict verdict;
    if (!end.drained) {
      verdict.outcome = Outcome::kNotJudged;
      verdict.message = "the run did not drain: results are pending";
      return verdict;
    }
    const Facts expected = options_.expected(*outside_);
    const Facts observed =
        options_.observed_with_state
            ? options_.observed_with_state(*outside_, FinalState(*job_, *outside_, end.final_checkpoint))
            : options_.observed(*outside_);
    uint64_t differing = 0;
    std::string first;
    const auto differs = [&](const std::string& about, absl::string_view should, absl::string_view is) {
      if (++differing == 1) first = absl::StrCat(about, " should be ", should, ", and is ", is);
    };
    for (const auto& [about, should] : expected) {
      const auto is = observed.find(about);
      if (is == observed.end()) {
        differs(about, should, "missing");
      } else if (is->second != should) {
        differs(about, should, is->second);
      }
    }
    for (const auto& [about, is] : observed) {
      if (expected.count(about) == 0) differs(about, "absent", is);
    }
    if (differing == 0) return verdict;
    verdict.outcome = Outcome::kViolated;
    verdict.message = absl::StrCat(options_.where, ": ", first, " (", differing, " of ", expected.size(),
                                   " results differ)");
    verdict.signature = {"output-invariant", options_.where, "differs", ""};
    return verdict;
  }

 private:
  const OutputInvariantOptions options_;
  const JobShape* job_ = nullptr;
  const Outside* outside_ = nullptr;
  bool began_ = false;
  bool fault_fired_ = false;
  bool witnessed_ = false;
};

// The checkpoints that have metadata, from `least` on, newest first.
std::vector<uint64_t> CheckpointsFrom(const JobShape& job, const Outside& outside, uint64_t least) {
  std::vector<uint64_t> checkpoints;
  const std::string prefix = absl::StrCat(job.checkpoint_dir, "/", job.job_id, "/chk-");
  for (const std::string& key : outside.Objects(prefix)) {
    absl::string_view rest = key;
    uint64_t checkpoint = 0;
    if (absl::ConsumePrefix(&rest, prefix) && absl::ConsumeSuffix(&rest, "/_metadata") &&
        absl::SimpleAtoi(rest, &checkpoint) && checkpoint >= least) {
      checkpoints.push_back(checkpoint);
    }
  }
  std::sort(checkpoints.rbegin(), checkpoints.rend());
  return checkpoints;
}

}  // namespace

// The checkpoint itself may be subsumed already, and one that came after it may be half removed.
absl::Status FinalState::Visit(absl::string_view uid, absl::string_view state,
                               absl::FunctionRef<void()> begin,
                               absl::FunctionRef<absl::Status(ByteReader&)> read) const {
  std::string id;
  for (const VertexShape& vertex : job_.vertices) {
    for (const OperatorShape& op : vertex.chain) {
      if (op.uid == uid) id = op.id;
    }
  }
  if (id.empty()) return absl::NotFoundError(absl::StrCat("no operator has the uid ", uid));
  absl::Status status = absl::NotFoundError(absl::StrCat("no checkpoint from ", checkpoint_, " on"));
  for (const uint64_t checkpoint : CheckpointsFrom(job_, outside_, checkpoint_)) {
    begin();
    status = VisitOperatorList(job_, outside_, checkpoint, id, state, read);
    if (status.ok()) return status;
  }
  return status;
}

PropertyFactory MakeOutputInvariant(OutputInvariantOptions options) {
  return [options = std::move(options)] { return std::make_unique<OutputInvariant>(options); };
}

}  // namespace weir::properties
