#include "scenarios/reference/models.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "scenarios/records.h"

namespace weir::scenarios {
namespace {

using properties::KeyedValue;
using properties::SequentialModel;

// The whole number that `text` is; 0 if it is empty.
int64_t Number(absl::string_view text) {
  int64_t number = 0;
  WEIR_CHECK(text.empty() || absl::SimpleAtoi(text, &number), "no number: ", text);
  return number;
}

// What stands before and behind the blank of "4 -120"; zeroes for "".
std::pair<int64_t, int64_t> TwoNumbers(absl::string_view text) {
  const size_t blank = text.find(' ');
  if (blank == absl::string_view::npos) return {0, 0};
  return {Number(text.substr(0, blank)), Number(text.substr(blank + 1))};
}

// A committed record that cannot be read is an output of its own kind: no model emits it.
KeyedValue Unreadable(const absl::Status& status) {
  return {"?", absl::StrCat("unreadable: ", status.message())};
}

class RunningTotalModel : public SequentialModel {
 public:
  std::vector<KeyedValue> Read(absl::string_view, absl::string_view record) const override {
    Transaction transaction = ReadSourceLine<Transaction>(record);
    return {{std::move(transaction.account), absl::StrCat(transaction.amount)}};
  }
  std::string Step(absl::string_view state, absl::string_view value,
                   std::vector<std::string>* outputs) const override {
    const auto [count, total] = TwoNumbers(state);
    outputs->push_back(absl::StrCat(count + 1, " ", WrappingAdd(total, Number(value))));
    return outputs->back();
  }
  KeyedValue ReadOutput(absl::string_view record) const override {
    const absl::StatusOr<AccountTotal> total = ReadSinkRecord<AccountTotal>(record);
    if (!total.ok()) return Unreadable(total.status());
    return {total->account, absl::StrCat(total->count, " ", total->total)};
  }
};

class CountWindowModel : public SequentialModel {
 public:
  std::vector<KeyedValue> Read(absl::string_view, absl::string_view record) const override {
    Reading reading = ReadSourceLine<Reading>(record);
    return {{std::move(reading.sensor), absl::StrCat(reading.value)}};
  }
  // The state is the reading that waits for its second.
  std::string Step(absl::string_view state, absl::string_view value,
                   std::vector<std::string>* outputs) const override {
    if (state.empty()) return std::string(value);
    outputs->push_back(absl::StrCat(WrappingAdd(Number(state), Number(value)) / 2));
    return "";
  }
  KeyedValue ReadOutput(absl::string_view record) const override {
    const absl::StatusOr<Average> average = ReadSinkRecord<Average>(record);
    if (!average.ok()) return Unreadable(average.status());
    return {average->sensor, absl::StrCat(average->average)};
  }
};

class WordCountModel : public SequentialModel {
 public:
  std::vector<KeyedValue> Read(absl::string_view, absl::string_view record) const override {
    std::vector<KeyedValue> values;
    for (std::string& word : ReferenceWords(record)) values.push_back({std::move(word), ""});
    return values;
  }
  std::string Step(absl::string_view state, absl::string_view,
                   std::vector<std::string>* outputs) const override {
    outputs->push_back(absl::StrCat(Number(state) + 1));
    return outputs->back();
  }
  KeyedValue ReadOutput(absl::string_view record) const override {
    const absl::StatusOr<WordCount> count = ReadSinkRecord<WordCount>(record);
    if (!count.ok()) return Unreadable(count.status());
    return {count->word, absl::StrCat(count->count)};
  }
};

}  // namespace

std::unique_ptr<SequentialModel> MakeRunningTotalModel() { return std::make_unique<RunningTotalModel>(); }
std::unique_ptr<SequentialModel> MakeCountWindowModel() { return std::make_unique<CountWindowModel>(); }
std::unique_ptr<SequentialModel> MakeWordCountModel() { return std::make_unique<WordCountModel>(); }

std::vector<std::string> ReferenceWords(absl::string_view line) {
  std::vector<std::string> words(1);
  for (const char c : line) {
    const bool is_letter = absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '\'' || (c & 0x80) != 0;
    if (is_letter) {
      words.back() += absl::ascii_tolower(static_cast<unsigned char>(c));
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

}  // namespace weir::scenarios
