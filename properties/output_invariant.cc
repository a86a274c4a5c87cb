#include "properties/output_invariant.h"

#include <utility>

#include "absl/strings/str_cat.h"

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
    return "a fault fired between the first and the last record of a source";
  }
  bool AppliesTo(const JobShape& job) const override { return job.exactly_once; }

  void Begin(const JobShape&, const Outside& outside) override { outside_ = &outside; }
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
  bool Witnessed() const override { return witnessed_; }

  Verdict End(const RunEnd& end) override {
    Verdict verdict;
    if (!end.drained) {
      verdict.outcome = Outcome::kNotJudged;
      verdict.message = "the run did not drain: results are pending";
      return verdict;
    }
    const Facts expected = options_.expected(*outside_);
    const Facts observed = options_.observed(*outside_);
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
  const Outside* outside_ = nullptr;
  bool began_ = false;
  bool fault_fired_ = false;
  bool witnessed_ = false;
};

}  // namespace

PropertyFactory MakeOutputInvariant(OutputInvariantOptions options) {
  return [options = std::move(options)] { return std::make_unique<OutputInvariant>(options); };
}

}  // namespace weir::properties
