// The commutativity report: functions run alone, on elements made again from a workload.
#include "scenarios/commutativity.h"

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "runtime/api/api.h"

namespace weir::scenarios {

struct Limit {
  std::string name;
  int64_t amount = 0;
};
WEIR_FIELDS(Limit, name, amount);

namespace {

constexpr MapStateDescriptor<std::string, int64_t> kLimits{"limits"};

// Topics of text, by split.
class Topics : public properties::Outside {
 public:
  std::map<std::string, std::vector<std::vector<std::string>>, std::less<>> topics;

  uint32_t Splits(absl::string_view topic) const override {
    return static_cast<uint32_t>(topics.find(topic)->second.size());
  }
  uint64_t SplitEnd(absl::string_view topic, uint32_t split) const override {
    return topics.find(topic)->second[split].size();
  }
  const std::vector<absl::string_view>& SourceRecords(absl::string_view topic,
                                                      uint32_t split) const override {
    const std::vector<std::string>& records = topics.find(topic)->second[split];
    return views_[{std::string(topic), split}] = {records.begin(), records.end()};
  }
  LogRecordsView Committed(absl::string_view) const override { return {}; }
  std::optional<absl::string_view> Object(absl::string_view) const override { return std::nullopt; }
  std::vector<std::string> Objects(absl::string_view) const override { return {}; }
  std::string JobRecord() const override { return ""; }
  std::map<std::string, std::string> Database() const override { return {}; }
  WallTime WallClock(NodeId) const override { return {}; }

 private:
  mutable std::map<std::pair<std::string, uint32_t>, std::vector<absl::string_view>> views_;
};

using Update = std::function<void(const Limit&, BroadcastState<std::string, int64_t>&)>;

class Limiter : public KeyedBroadcastProcessFunction<std::string, std::string, Limit, std::string> {
 public:
  explicit Limiter(Update update) : update_(std::move(update)) {}
  void ProcessElement(const std::string& text, ReadOnlyContext&, Collector<std::string>& out) {
    out.Collect(text);
  }
  void ProcessBroadcastElement(const Limit& limit, Context& context, Collector<std::string>&) {
    update_(limit, context.GetBroadcastState(kLimits));
  }

 private:
  Update update_;
};

// "name=amount", or nothing that counts.
class Parse {
 public:
  void FlatMap(const std::string& line, Collector<Limit>& out) {
    const size_t at = line.find('=');
    int64_t amount = 0;
    if (at == std::string::npos || !absl::SimpleAtoi(line.substr(at + 1), &amount)) return;
    out.Collect(Limit{line.substr(0, at), amount});
  }
};

std::string ReportOn(const std::vector<std::vector<std::string>>& lines, Update update) {
  Topics outside;
  outside.topics["limits"] = lines;
  outside.topics["payments"] = {{"ignored"}, {}};
  StreamExecutionEnvironment env;
  env.SetParallelism(2);
  auto limits =
      env.AddSource(TextLogSource("limits")).Uid("limits").FlatMap(Parse()).Uid("parse").Broadcast(kLimits);
  env.AddSource(TextLogSource("payments"))
      .Uid("payments")
      .KeyBy([](const std::string& text) { return text; })
      .Connect(limits)
      .Process(Limiter(std::move(update)))
      .Uid("limiter");
  const auto graph = env.BuildJobGraph();
  REQUIRE(graph.ok());
  for (const JobVertex& vertex : graph->vertices) {
    if (vertex.chain.front().uid == "limiter") {
      return ExplainDifferingCopies(*graph, outside, vertex.chain.front().id.ToHex(), "limits");
    }
  }
  return "no such operator";
}

void LastWriterWins(const Limit& limit, BroadcastState<std::string, int64_t>& limits) {
  limits.Put(limit.name, limit.amount);
}

TEST_CASE("commutativity: the smallest pair of two producers is named, and the function blamed",
          "[scenarios][commutativity]") {
  // The pair (a=1, a=2) of split 0 is no less small, but no network swaps it; b never meets another value.
  const std::string report =
      ReportOn({{"a=1", "no limit", "a=2", "b=4"}, {"b=4", "c=5", "a=3", "a=9"}}, LastWriterWins);
  CHECK(report ==
        "the update function of limiter is not commutative: "
        "{\"name\":\"a\",\"amount\":1} (record 0 of split 0 of limits) then "
        "{\"name\":\"a\",\"amount\":3} (record 2 of split 1 of limits) leaves 3 under \"a\" of limits, the "
        "other order "
        "leaves 1; the function, not the engine, is at fault");
}

TEST_CASE("commutativity: a function that commutes is not blamed", "[scenarios][commutativity]") {
  const std::string report = ReportOn(
      {{"a=1", "a=2"}, {"a=3", "b=4"}}, [](const Limit& limit, BroadcastState<std::string, int64_t>& limits) {
        limits.Put(limit.name, std::max(limit.amount, limits.Get(limit.name).value_or(0)));
      });
  CHECK(absl::StrContains(report, "no two of the first 4 elements explain it"));
  CHECK(absl::StrContains(report, "the engine may be at fault"));
}

TEST_CASE("commutativity: one producer alone can only be told from adversarial order",
          "[scenarios][commutativity]") {
  const std::string report =
      ReportOn({{"a=1", "b=2"}, {"c=3", "b=7", "b=7", "c=4"}}, [](const Limit& limit, auto& limits) {
        if (limit.name == "c") limits.Put(limit.name, limit.amount);
      });
  CHECK(absl::StrContains(report,
                          "{\"name\":\"c\",\"amount\":3} (record 0 of split 1 of limits) then "
                          "{\"name\":\"c\",\"amount\":4} (record 3 of split 1 of limits)"));
  CHECK(absl::StrContains(report, "only adversarial reordering swaps them"));
}

TEST_CASE("commutativity: an order that matters only after others is found, too",
          "[scenarios][commutativity]") {
  // Who comes first once there are two has a place of its own.
  const std::string report = ReportOn({{"a=1", "c=3"}, {"b=2", "d=4"}}, [](const Limit& limit, auto& limits) {
    if (limits.size() >= 2) {
      if (!limits.Contains("third")) limits.Put("third", limit.amount);
    } else {
      limits.Put(limit.name, limit.amount);
    }
  });
  CHECK(absl::StrContains(report, "after the element before them, {\"name\":\"b\",\"amount\":2}"));
  CHECK(absl::StrContains(report, "then {\"name\":\"c\",\"amount\":3}"));
  CHECK(absl::StrContains(report, "leaves 2 under \"b\" of limits, the other order leaves nothing"));
}

TEST_CASE("commutativity: nothing to try is said", "[scenarios][commutativity]") {
  CHECK(absl::StrContains(ReportOn({{}, {}}, LastWriterWins), "nobody can say"));
  CHECK(absl::StrContains(ReportOn({{"a=1"}, {"no limit"}}, LastWriterWins), "nobody can say"));
}

}  // namespace
}  // namespace weir::scenarios
