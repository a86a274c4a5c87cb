#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "properties/checkpoint_books.h"
#include "properties/interleaving.h"
#include "properties/output_invariant.h"
#include "properties/reference_output.h"
#include "runtime/types/bytes.h"
#include "tests/properties/synthetic.h"

namespace weir::properties {
namespace {

// Records are "key amount"; each emits "key total".
class RunningTotal : public SequentialModel {
 public:
  std::vector<KeyedValue> Read(absl::string_view, absl::string_view record) const override {
    const std::vector<std::string> parts = absl::StrSplit(record, ' ');
    return {{parts[0], parts[1]}};
  }
  std::string Step(absl::string_view state, absl::string_view value,
                   std::vector<std::string>* outputs) const override {
    int64_t total = 0;
    int64_t amount = 0;
    (void)absl::SimpleAtoi(state, &total);
    (void)absl::SimpleAtoi(value, &amount);
    outputs->push_back(absl::StrCat(total + amount));
    return outputs->back();
  }
  KeyedValue ReadOutput(absl::string_view record) const override {
    const std::vector<std::string> parts = absl::StrSplit(record, ' ');
    return {parts[0], parts[1]};
  }
};

Explanation Explained(std::vector<std::vector<std::string>> inputs, std::vector<std::string> outputs,
                      bool complete = true, uint64_t steps = 100'000) {
  return Explain(RunningTotal(), {std::move(inputs), std::move(outputs)}, complete, &steps);
}

void AddTwoSplits(FakeOutside* outside) { outside->topics["in"] = {{"a 1", "b 10", "a 2"}, {"a 5", "b 20"}}; }

// `values` are literals.
void Publish(const std::vector<absl::string_view>& values, FakeOutside* outside) {
  for (const absl::string_view value : values) outside->committed["out"].push_back({value, {}});
}

Verdict JudgeReference(const FakeOutside& outside, bool drained, uint64_t steps = 100'000) {
  ReferenceOutputOptions options;
  options.model = [] { return std::make_unique<RunningTotal>(); };
  options.source_topics = {"in"};
  options.sink_topic = "out";
  options.sink_uid = "totals";
  options.steps_max = steps;
  const std::unique_ptr<Property> property = MakeReferenceOutput(options)();
  const JobShape job = SumJob();
  property->Begin(job, outside);
  RunEnd end;
  end.drained = drained;
  return property->End(end);
}

}  // namespace

TEST_CASE("interleaving: any merge that keeps each split's order explains", "[properties][reference]") {
  CHECK(Explained({{"1", "2"}, {"5"}}, {"1", "3", "8"}) == Explanation::kExplained);
  CHECK(Explained({{"1", "2"}, {"5"}}, {"5", "6", "8"}) == Explanation::kExplained);
  CHECK(Explained({{"1", "2"}, {"5"}}, {"1", "6", "8"}) == Explanation::kExplained);
}

TEST_CASE("interleaving: an order that reverses a split does not explain", "[properties][reference]") {
  CHECK(Explained({{"1", "2"}, {"5"}}, {"2", "3", "8"}) == Explanation::kImpossible);
  CHECK(Explained({{"1", "2"}, {"5"}}, {"1", "3", "9"}) == Explanation::kImpossible);
}

TEST_CASE("interleaving: outputs may be missing only while some are pending", "[properties][reference]") {
  CHECK(Explained({{"1", "2"}, {"5"}}, {"1", "3"}, false) == Explanation::kExplained);
  CHECK(Explained({{"1", "2"}, {"5"}}, {"1", "3"}, true) == Explanation::kImpossible);
  CHECK(Explained({{"1", "2"}, {"5"}}, {"1", "8"}, false) ==
        Explanation::kImpossible);  // a hole is no suffix
}

TEST_CASE("interleaving: transactions committed out of order are explained as a multiset",
          "[properties][reference]") {
  CHECK(Explained({{"1", "2", "4"}}, {"7", "1", "3"}) == Explanation::kExplained);
  CHECK(Explained({{"1", "2", "4"}}, {"7", "1", "1"}) == Explanation::kImpossible);
}

TEST_CASE("interleaving: equal values do not make the search explode", "[properties][reference]") {
  const std::vector<std::string> ones(60, "1");
  std::vector<std::string> totals;
  for (int i = 1; i <= 120; ++i) totals.push_back(absl::StrCat(i));
  CHECK(Explained({ones, ones}, totals) == Explanation::kExplained);
  totals[119] = "121";
  CHECK(Explained({ones, ones}, totals) == Explanation::kImpossible);
}

TEST_CASE("interleaving: a search that is not over says so", "[properties][reference]") {
  CHECK(Explained({{"1", "1", "1"}, {"1", "1", "1"}}, {"1", "2", "3", "4", "5", "7"}, true, 5) ==
        Explanation::kGaveUp);
}

TEST_CASE("reference output: judged key by key", "[properties][reference]") {
  FakeOutside outside;
  AddTwoSplits(&outside);
  SECTION("explained") {
    Publish({"a 5", "b 20", "a 6", "b 30", "a 8"}, &outside);
    CHECK(JudgeReference(outside, true).outcome == Outcome::kHeld);
  }
  SECTION("one record differs") {
    Publish({"a 5", "b 20", "a 6", "b 31", "a 8"}, &outside);
    const Verdict verdict = JudgeReference(outside, true);
    CHECK(verdict.outcome == Outcome::kViolated);
    CHECK(verdict.signature.ToString() == "committed-output-equals-reference/totals/differs/");
    CHECK(verdict.message.find("key 'b'") != std::string::npos);
  }
  SECTION("one was committed twice") {
    Publish({"a 5", "b 20", "a 6", "b 30", "b 30", "a 8"}, &outside);
    CHECK(JudgeReference(outside, true).outcome == Outcome::kViolated);
  }
  SECTION("a key without output") {
    Publish({"a 5", "a 6", "a 8"}, &outside);
    CHECK(JudgeReference(outside, true).outcome == Outcome::kViolated);
    CHECK(JudgeReference(outside, false).outcome == Outcome::kHeld);
  }
  SECTION("a key that no input has") {
    Publish({"a 5", "b 20", "a 6", "b 30", "a 8", "c 1"}, &outside);
    CHECK(JudgeReference(outside, true).outcome == Outcome::kViolated);
  }
  SECTION("bounded") {
    Publish({"a 5", "b 20", "a 6", "b 31", "a 8"}, &outside);
    CHECK(JudgeReference(outside, true, 2).outcome == Outcome::kNotJudged);
  }
}

TEST_CASE("output invariant: facts of inputs against facts of outputs", "[properties][invariant]") {
  FakeOutside outside;
  AddTwoSplits(&outside);
  OutputInvariantOptions options;
  options.where = "totals";
  options.expected = [](const Outside&) { return Facts{{"a", "8"}, {"b", "30"}}; };
  Facts observed = {{"a", "8"}, {"b", "30"}};
  bool drained = true;
  const auto judge = [&] {
    options.observed = [&observed](const Outside&) { return observed; };
    const std::unique_ptr<Property> property = MakeOutputInvariant(options)();
    const JobShape job = SumJob();
    property->Begin(job, outside);
    RunEnd end;
    end.drained = drained;
    return property->End(end);
  };
  SECTION("equal") { CHECK(judge().outcome == Outcome::kHeld); }
  SECTION("another value") {
    observed["a"] = "9";
    const Verdict verdict = judge();
    CHECK(verdict.outcome == Outcome::kViolated);
    CHECK(verdict.message == "totals: a should be 8, and is 9 (1 of 2 results differ)");
  }
  SECTION("missing") {
    observed.erase("b");
    CHECK(judge().message.find("b should be 30, and is missing") != std::string::npos);
  }
  SECTION("too many") {
    observed["c"] = "1";
    CHECK(judge().outcome == Outcome::kViolated);
  }
  SECTION("not drained: pending") {
    drained = false;
    observed.clear();
    CHECK(judge().outcome == Outcome::kNotJudged);
  }
}

TEST_CASE("output invariant: the twin needs a fault amid the records", "[properties][invariant]") {
  const JobShape job = SumJob();
  const FakeOutside outside;
  const std::unique_ptr<Property> property = MakeOutputInvariant({})();
  property->Begin(job, outside);
  const auto tell = [&](const Event& event) { Tell(*property, event); };
  tell(events::FaultFired(0));
  tell(events::RecordEmitted(0, 0, 0, 0, 1));
  tell(events::RecordEmitted(0, 1, 0, 0, 1));
  CHECK_FALSE(property->Witnessed());
  tell(events::FaultFired(1));
  CHECK_FALSE(property->Witnessed());
  tell(events::RecordEmitted(0, 2, 0, 0, 1));
  CHECK(property->Witnessed());
}

TEST_CASE("output invariant: a scenario's own twin is asked in place of the general one",
          "[properties][invariant]") {
  FakeOutside outside;
  OutputInvariantOptions options;
  options.sometimes = "something was committed";
  options.seen = [](const Outside& world) { return !world.Committed("out").empty(); };
  const std::unique_ptr<Property> property = MakeOutputInvariant(options)();
  const JobShape job = SumJob();
  property->Begin(job, outside);
  const auto tell = [&](const Event& event) { property->OnEvent(Instant(), NodeId(0), event); };
  tell(events::RecordEmitted(0, 0, 0, 0, 1));
  tell(events::FaultFired(0));
  tell(events::RecordEmitted(0, 1, 0, 0, 1));
  CHECK(property->sometimes() == "something was committed");
  CHECK_FALSE(property->Witnessed());
  Publish({"a 1"}, &outside);
  CHECK(property->Witnessed());
}

TEST_CASE("final state: all subtasks' elements, of the final checkpoint or a later one that is whole",
          "[properties]") {
  const JobShape job = SumJob();
  const std::string source = job.vertices[0].chain[0].uid;
  FakeOutside outside;
  AddTransactions(10, &outside);
  for (const uint64_t checkpoint : {3, 4, 5}) {
    WriteCheckpoint(job, checkpoint, SumState::Correct(job, {checkpoint, checkpoint * 2}), &outside);
  }
  const auto offsets = [&](uint64_t final_checkpoint) {
    std::vector<uint64_t> found;
    const auto elements = FinalState(job, outside, final_checkpoint).List<Bytes>(source, kSplitOffsetsState);
    if (!elements.ok()) return found;
    for (const Bytes& element : *elements) found.push_back(DecodeSplitOffset(element.value).value().offset);
    return found;
  };
  CHECK(offsets(4) == std::vector<uint64_t>{5, 10});
  // Half removed: the one before it. Nothing older than the final one is looked at.
  outside.objects.erase(CheckpointFolder(job, 5) + "/_metadata");
  CHECK(offsets(4) == std::vector<uint64_t>{4, 8});
  CHECK(offsets(5).empty());
  CHECK(FinalState(job, outside, 4).List<Bytes>("nobody", kSplitOffsetsState).status().message() ==
        "no operator has the uid nobody");
  CHECK(FinalState(job, outside, 4).List<Bytes>(source, "no such list")->empty());
}

}  // namespace weir::properties
