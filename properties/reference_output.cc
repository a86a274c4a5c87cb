#include "properties/reference_output.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "properties/interleaving.h"
#include "properties/replay_watch.h"

namespace weir::properties {
namespace {

constexpr size_t kOutputsShown = 5;

class ReferenceOutput : public Property {
 public:
  explicit ReferenceOutput(ReferenceOutputOptions options)
      : options_(std::move(options)), model_(options_.model()) {}

  absl::string_view id() const override { return "committed-output-equals-reference"; }
  absl::string_view claim() const override {
    return "what was committed for each key is what a sequential reference gives for some legal order of the "
           "inputs";
  }
  absl::string_view sometimes() const override { return "a recovery replayed at least one record"; }
  bool AppliesTo(const JobShape& job) const override { return job.checkpointing && job.exactly_once; }

  void Begin(const JobShape&, const Outside& outside) override { outside_ = &outside; }
  bool Watches(EventId id) const override { return ReplayWatch::Watches(id); }
  void OnEvent(Instant, NodeId, const Event& event) override { replay_watch_.OnEvent(event); }
  bool Witnessed() const override { return replay_watch_.replayed(); }

  Verdict End(const RunEnd& end) override {
    Verdict verdict;
    uint64_t steps = options_.steps_max;
    std::string gave_up;
    for (const auto& [key, history] : Histories()) {
      switch (Explain(*model_, history, end.drained, &steps)) {
        case Explanation::kExplained:
          break;
        case Explanation::kGaveUp:
          if (gave_up.empty()) gave_up = key;
          break;
        case Explanation::kImpossible:
          return Broken(key, history);
      }
    }
    if (gave_up.empty()) return verdict;
    verdict.outcome = Outcome::kNotJudged;
    verdict.message = absl::StrCat("the search for a legal order took more than ", options_.steps_max,
                                   " steps, at key '", gave_up, "'");
    return verdict;
  }

 private:
  std::map<std::string, KeyHistory> Histories() const {
    std::map<std::string, KeyHistory> histories;
    size_t lanes = 0;
    for (const std::string& topic : options_.source_topics) lanes += outside_->Splits(topic);
    const auto of = [&](const std::string& key) -> KeyHistory& {
      KeyHistory& history = histories[key];
      history.inputs.resize(lanes);
      return history;
    };
    size_t lane = 0;
    for (const std::string& topic : options_.source_topics) {
      for (uint32_t split = 0; split < outside_->Splits(topic); ++split, ++lane) {
        for (absl::string_view record : outside_->SourceRecords(topic, split)) {
          for (KeyedValue& value : model_->Read(topic, record)) {
            of(value.key).inputs[lane].push_back(std::move(value.value));
          }
        }
      }
    }
    for (const LogRecord& record : outside_->Committed(options_.sink_topic)) {
      KeyedValue output = model_->ReadOutput(record.value);
      of(output.key).outputs.push_back(std::move(output.value));
    }
    return histories;
  }

  Verdict Broken(const std::string& key, const KeyHistory& history) const {
    size_t inputs = 0;
    for (const std::vector<std::string>& lane : history.inputs) inputs += lane.size();
    std::vector<std::string> shown = history.outputs;
    const bool cut = shown.size() > kOutputsShown;
    if (cut) shown.erase(shown.begin(), shown.end() - static_cast<int64_t>(kOutputsShown));
    Verdict verdict;
    verdict.outcome = Outcome::kViolated;
    verdict.message = absl::StrCat(
        options_.sink_uid, ": no order of the ", inputs, " inputs of key '", key, "' gives the ",
        history.outputs.size(), " records committed for it: ", cut ? "... " : "", absl::StrJoin(shown, ", "));
    verdict.signature = {"committed-output-equals-reference", options_.sink_uid, "differs", ""};
    return verdict;
  }

  const ReferenceOutputOptions options_;
  const std::unique_ptr<SequentialModel> model_;
  const Outside* outside_ = nullptr;
  ReplayWatch replay_watch_;
};

}  // namespace

PropertyFactory MakeReferenceOutput(ReferenceOutputOptions options) {
  return [options = std::move(options)] { return std::make_unique<ReferenceOutput>(options); };
}

}  // namespace weir::properties
