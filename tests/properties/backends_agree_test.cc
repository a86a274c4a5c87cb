#include "properties/backends_agree.h"

#include <catch2/catch.hpp>

#include "tests/properties/synthetic.h"

namespace weir::properties {
namespace {

Verdict Judge(const JobShape& job, const FakeOutside& outside, bool* is_witnessed = nullptr) {
  const auto property = MakeBackendsAgree();
  property->Begin(job, outside);
  const Verdict verdict = property->End(RunEnd());
  if (is_witnessed != nullptr) *is_witnessed = property->Witnessed();
  return verdict;
}

}  // namespace

TEST_CASE("backends-agree: says what the engine found, and who it is about", "[properties]") {
  JobShape job = SumJob();
  FakeOutside outside;
  job.lockstep = true;
  bool is_witnessed = true;
  CHECK(Judge(job, outside, &is_witnessed).outcome == Outcome::kHeld);
  CHECK_FALSE(is_witnessed);  // nothing was compared
  outside.backends.compared = 5;
  CHECK(Judge(job, outside, &is_witnessed).outcome == Outcome::kHeld);
  CHECK(is_witnessed);
  outside.backends.message = "sum: find of state total for key 1: hashmap answers 2, rocksdb answers nothing";
  outside.backends.operator_uid = "sum";
  outside.backends.state = "total";
  const Verdict verdict = Judge(job, outside, &is_witnessed);
  CHECK(verdict.outcome == Outcome::kViolated);
  CHECK(verdict.message == outside.backends.message);
  CHECK(verdict.signature.ToString() == "backends-agree/sum/differs in total/");
  CHECK(is_witnessed);
}

TEST_CASE("backends-agree: is judged in lockstep only, and of keyed state only", "[properties]") {
  JobShape job = SumJob();
  FakeOutside outside;
  outside.backends.compared = 5;
  const auto property = MakeBackendsAgree();
  CHECK_FALSE(property->AppliesTo(job));
  CHECK(property->IsAbout(job));
  CHECK(Judge(job, outside).outcome == Outcome::kNotJudged);
  job.lockstep = true;
  CHECK(property->AppliesTo(job));
  for (VertexShape& vertex : job.vertices) vertex.chain.front().is_keyed = false;
  CHECK_FALSE(property->IsAbout(job));
  CHECK_FALSE(property->AppliesTo(job));
}

}  // namespace weir::properties
