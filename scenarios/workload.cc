#include "scenarios/workload.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/base/user_code.h"
#include "runtime/env/random.h"
#include "scenarios/draws.h"

namespace weir::scenarios {
namespace {

// Calls generate(offset) for the offsets of the ranges; what it throws gets input and record in front.
template <typename Generate>
absl::Status ForEachOffset(const Input& input, uint32_t split,
                           const std::vector<std::pair<uint64_t, uint64_t>>& ranges, Generate generate) {
  uint64_t offset = 0;
  const absl::Status status = CallUserCode([&] {
    for (const auto& [from, to] : ranges) {
      for (offset = from; offset < to; ++offset) generate(offset);
    }
    return absl::OkStatus();
  });
  return WithContext(status, [&] {
    return absl::StrCat("input ", input.name, ": record ", offset, " of split ", split,
                        " could not be generated");
  });
}

}  // namespace

Workload::Workload(const Scenario& scenario, const InputFiles& files, const faults::Plan& plan)
    : seed_(plan.workload_seed) {
  const Duration span = plan.options.GetDuration(kWorkloadSpanOption, Duration()).value_or(Duration());
  for (const Input& input : scenario.inputs()) {
    Topic topic;
    topic.input = &input;
    const auto file = files.records.find(input.name);
    if (file != files.records.end()) topic.file = &file->second;
    const auto dealt = files.dealt.find(input.name);
    if (dealt != files.dealt.end()) topic.file_splits = &dealt->second;
    const int64_t generated =
        plan.options.GetInt(kWorkloadRecordsOption, static_cast<int64_t>(input.records)).value_or(0);
    const uint64_t total = topic.file != nullptr ? topic.file->size() : static_cast<uint64_t>(generated);
    uint64_t longest = 0;
    for (uint32_t s = 0; s < input.splits; ++s) {
      Split split;
      split.size =
          topic.file_splits != nullptr ? (*topic.file_splits)[s].size() : SplitSize(total, input.splits, s);
      split.ranges = {{0, split.size}};
      longest = std::max(longest, split.size);
      topic.splits.push_back(std::move(split));
    }
    if (input.late_splits > 0) {
      const uint64_t percent =
          Random(seed_).DrawBetween(DrawSite::kWorkload, StableHash64(input.name), 0, 10, 90);
      topic.complete = Instant() + span * static_cast<int64_t>(percent) / 100;
    }
    topic.interval = span / static_cast<int64_t>(std::max<uint64_t>(1, longest));
    topics_.emplace_back(input.name, std::move(topic));
  }
  std::sort(topics_.begin(), topics_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const faults::KeptRecords& kept : plan.kept) {
    const auto it = std::find_if(topics_.begin(), topics_.end(),
                                 [&](const auto& named) { return named.first == kept.topic; });
    if (it == topics_.end() || kept.split >= it->second.splits.size()) continue;
    Split& split = it->second.splits[kept.split];
    const uint64_t end = split.size;
    split.ranges.clear();
    split.size = 0;
    for (auto [from, to] : kept.ranges) {
      to = std::min(to, end);
      if (from >= to) continue;
      split.ranges.emplace_back(from, to);
      split.size += to - from;
    }
  }
}

const Workload::Topic& Workload::Find(absl::string_view topic) const {
  for (const auto& [name, found] : topics_) {
    if (name == topic) return found;
  }
  WEIR_CHECK(false, "no input ", topic);
  return topics_.front().second;
}

uint32_t Workload::Splits(absl::string_view topic) const {
  return static_cast<uint32_t>(Find(topic).splits.size());
}

uint32_t Workload::FirstSplits(absl::string_view topic) const {
  return Splits(topic) - Find(topic).input->late_splits;
}

uint64_t Workload::SplitEnd(absl::string_view topic, uint32_t split) const {
  return Find(topic).splits[split].size;
}

const std::vector<absl::string_view>& Workload::Records(absl::string_view topic, uint32_t split) const {
  const Topic& found = Find(topic);
  Split& of = found.splits[split];
  if (of.records.empty()) Fill(found, split, of);
  return of.records;
}

absl::string_view Workload::Record(absl::string_view topic, uint32_t split, uint64_t offset) const {
  const std::vector<absl::string_view>& records = Records(topic, split);
  WEIR_CHECK(offset < records.size(), topic, "[", split, "] ends at ", records.size());
  return records[offset];
}

absl::Status Workload::CheckGenerator(const Input& input) {
  if (!input.generate) {
    return absl::FailedPreconditionError(absl::StrCat(
        "input ", input.name, " is not generated: give its records by --input ", input.name, "=FILE"));
  }
  std::string record;
  return ForEachOffset(input, 0, {{0, 1}}, [&](uint64_t offset) { input.generate(1, 0, offset, &record); });
}

void Workload::Fill(const Topic& topic, uint32_t number, Split& split) const {
  split.records.reserve(split.size);
  if (topic.file == nullptr) return Generate(topic, number, split);
  for (const auto& [from, to] : split.ranges) {
    for (uint64_t original = from; original < to; ++original) {
      const uint64_t line = topic.file_splits != nullptr ? (*topic.file_splits)[number][original]
                                                         : original * topic.splits.size() + number;
      split.records.push_back((*topic.file)[line]);
    }
  }
}

void Workload::Generate(const Topic& topic, uint32_t number, Split& split) const {
  std::vector<size_t> ends;  // of the records in `generated`, which moves as long as it grows
  ends.reserve(split.size);
  const absl::Status status = ForEachOffset(*topic.input, number, split.ranges, [&](uint64_t offset) {
    topic.input->generate(seed_, number, offset, &split.generated);
    ends.push_back(split.generated.size());
    // Most are as long as the first.
    if (ends.size() == 1) split.generated.reserve(split.generated.size() * split.size);
  });
  if (!status.ok()) throw RunAborted(std::string(status.message()));
  size_t begin = 0;
  for (const size_t end : ends) {
    split.records.push_back(absl::string_view(split.generated).substr(begin, end - begin));
    begin = end;
  }
}

std::string Workload::Describe(absl::string_view topic, uint32_t split, uint64_t offset) const {
  const absl::string_view record = Record(topic, split, offset);
  const Input& input = *Find(topic).input;
  return input.describe ? input.describe(record) : std::string(record);
}

Duration Workload::Interval(absl::string_view topic) const { return Find(topic).interval; }

uint64_t Workload::TotalRecords() const {
  uint64_t total = 0;
  for (const auto& [name, topic] : topics_) {
    for (const Split& split : topic.splits) total += split.size;
  }
  return total;
}

std::vector<std::string> Workload::Topics() const {
  std::vector<std::string> names;
  for (const auto& [name, topic] : topics_) names.push_back(name);
  return names;
}

}  // namespace weir::scenarios
