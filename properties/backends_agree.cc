#include "properties/backends_agree.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace weir::properties {
namespace {

class BackendsAgree : public Property {
 public:
  absl::string_view id() const override { return kBackendsAgree; }
  absl::string_view claim() const override {
    return "another backend that is told the same gives the same answer to every access of keyed state";
  }
  absl::string_view sometimes() const override { return "the answers of two backends were compared"; }
  bool AppliesTo(const JobShape& job) const override { return job.lockstep && IsAbout(job); }
  bool IsAbout(const JobShape& job) const override {
    return std::any_of(job.vertices.begin(), job.vertices.end(),
                       [](const VertexShape& vertex) { return vertex.chain.front().is_keyed; });
  }

  void Begin(const JobShape& job, const Outside& outside) override {
    job_ = &job;
    outside_ = &outside;
  }

  Verdict End(const RunEnd&) override {
    Verdict verdict;
    if (!job_->lockstep) {
      verdict.outcome = Outcome::kNotJudged;
      verdict.message = "weir.state.lockstep is off";
      return verdict;
    }
    const BackendAnswers answers = outside_->Backends();
    was_compared_ = answers.compared > 0;
    if (answers.message.empty()) return verdict;
    verdict.outcome = Outcome::kViolated;
    verdict.message = answers.message;
    verdict.signature = {std::string(kBackendsAgree), answers.operator_uid, "differs", ""};
    if (!answers.state.empty()) absl::StrAppend(&verdict.signature.kind, " in ", answers.state);
    return verdict;
  }

  bool Witnessed() const override { return was_compared_; }

 private:
  const JobShape* job_ = nullptr;
  const Outside* outside_ = nullptr;
  bool was_compared_ = false;
};

}  // namespace

std::unique_ptr<Property> MakeBackendsAgree() { return std::make_unique<BackendsAgree>(); }

}  // namespace weir::properties
