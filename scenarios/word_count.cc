#include "scenarios/word_count.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "properties/output_invariant.h"
#include "properties/reference_output.h"
#include "runtime/api/api.h"
#include "runtime/env/random.h"
#include "runtime/types/java_string.h"
#include "scenarios/general_promises.h"
#include "scenarios/records.h"
#include "scenarios/reference/models.h"

namespace weir::scenarios {
namespace {

int64_t Sum(const int64_t& older, const int64_t& newer) { return older + newer; }
constexpr ReducingStateDescriptor<int64_t> kCount{"count", Sum};

constexpr absl::string_view kVocabulary[] = {
    "anchor", "barrel", "bell",   "boat", "book",  "bridge",  "candle", "channel", "clerk",   "cloth",
    "crane",  "dice",   "door",   "flag", "flood", "flour",   "fog",    "granary", "harbour", "ink",
    "keeper", "lamp",   "ledger", "line", "mate",  "morning", "number", "page",    "paper",   "quay",
    "rope",   "salt",   "ship",   "slip", "stair", "storm",   "table",  "tide",    "water",   "winter"};

bool IsLetter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '\'' ||
         static_cast<unsigned char>(c) >= 0x80;
}

struct SplitIntoWords {
  void FlatMap(const std::string& line, Collector<std::string>& out) {
    for (auto at = line.begin(); at != line.end();) {
      const auto begin = std::find_if(at, line.end(), IsLetter);
      at = std::find_if_not(begin, line.end(), IsLetter);
      if (begin != at) out.Collect(absl::AsciiStrToLower(std::string(begin, at)));
    }
  }
};

class CountWords : public KeyedProcessFunction<std::string, std::string, WordCount> {
 public:
  void Open(RuntimeContext& context) { count_ = context.GetState(kCount); }

  void ProcessElement(const std::string& word, Context&, Collector<WordCount>& out) {
    count_.Add(1);
    out.Collect({word, *count_.Get()});
  }

 private:
  ReducingState<int64_t> count_;
};

void BuildJob(StreamExecutionEnvironment& env) {
  env.EnableCheckpointing(absl::Seconds(1));
  env.AddSource(TextLogSource("text"))
      .Uid("text")
      .FlatMap<SplitIntoWords>()
      .Uid("words")
      .KeyBy([](const std::string& word) { return word; })
      .Process<CountWords>()
      .Uid("count")
      .AddSink(TransactionalSink<WordCount>("counts"))
      .Uid("counts");
}

void GenerateLine(uint64_t seed, uint32_t split, uint64_t offset, std::string* to) {
  const Random random(seed);
  const uint64_t key = Mix(StableHash64("text"), split);
  const uint64_t words = random.DrawBetween(DrawSite::kWorkload, key, offset * 16, 0, 6);
  for (uint64_t i = 1; i <= words; ++i) {
    const uint64_t word = random.Draw(DrawSite::kWorkload, key, offset * 16 + i, std::size(kVocabulary));
    absl::StrAppend(to, i == 1 ? "" : " ", kVocabulary[word]);
  }
}

// How many bytes from the front on are whole characters.
size_t TextPrefix(absl::string_view line) {
  size_t good = 0;
  while (good < line.size()) {
    size_t length = 1;
    while (length <= 4 && !IsText(line.substr(good, length))) ++length;
    if (length > 4) break;
    good = std::min(line.size(), good + length);
  }
  return good;
}

// Text is UTF-8: words travel as Java's strings.
absl::StatusOr<std::string> ParseTextLine(absl::string_view line) {
  if (IsText(line)) return std::string(line);
  return absl::InvalidArgumentError(
      absl::StrCat("column ", TextPrefix(line) + 1, ": a byte that is not UTF-8; text files must be UTF-8"));
}

Input TextInput() {
  Input input;
  input.name = "text";
  input.records = 400;
  input.generate = GenerateLine;
  input.parse_line = ParseTextLine;
  input.file_kind = Input::FileKind::kText;
  return input;
}

std::string TimesFact(int64_t times) { return absl::StrCat(times, times == 1 ? " time" : " times"); }

properties::Facts ExpectedCounts(const properties::Outside& outside) {
  std::map<std::string, int64_t> counts;
  for (uint32_t split = 0; split < outside.Splits("text"); ++split) {
    for (absl::string_view line : outside.SourceRecords("text", split)) {
      for (const std::string& word : ReferenceWords(line)) ++counts[word];
    }
  }
  properties::Facts facts;
  for (const auto& [word, count] : counts) facts[absl::StrCat("word ", word)] = TimesFact(count);
  return facts;
}

properties::Facts CommittedCounts(const properties::Outside& outside) {
  std::map<std::string, int64_t> counts;
  for (const LogRecord& record : outside.Committed("counts")) {
    const absl::StatusOr<WordCount> count = ReadSinkRecord<WordCount>(record.value);
    if (!count.ok()) return {{"a record of counts", "unreadable"}};
    int64_t& greatest = counts[count->word];
    greatest = std::max(greatest, count->count);
  }
  properties::Facts facts;
  for (const auto& [word, count] : counts) facts[absl::StrCat("word ", word)] = TimesFact(count);
  return facts;
}

}  // namespace

Scenario WordCounts() {
  properties::ReferenceOutputOptions reference;
  reference.model = MakeWordCountModel;
  reference.source_topics = {"text"};
  reference.sink_topic = "counts";
  reference.sink_uid = "counts";
  return Scenario("word-count")
      .Claim("how often each word of a text occurs, counted in state; one line becomes many records")
      .Job(BuildJob)
      .AddInput(TextInput())
      .Promises({ExactlyOncePromise(), AtLeastOncePromise(), ProgressPromise(), CheckpointFilesSafePromise(),
                 PromiseOf(properties::MakeOutputInvariant({"counts", ExpectedCounts, CommittedCounts})),
                 PromiseOf(properties::MakeReferenceOutput(reference))});
}

}  // namespace weir::scenarios
