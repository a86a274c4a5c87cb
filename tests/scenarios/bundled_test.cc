#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "scenarios/draws.h"
#include "scenarios/records.h"
#include "scenarios/reference/models.h"
#include "scenarios/run.h"
#include "scenarios/transactions.h"
#include "scenarios/workload.h"

namespace weir::scenarios {
namespace {

ScenarioRegistry Bundled() {
  ScenarioRegistry registry;
  AddBundled(registry);
  return registry;
}

std::vector<std::string> Feed(const properties::SequentialModel& model,
                              const std::vector<std::string>& values) {
  std::vector<std::string> outputs;
  std::string state;
  for (const std::string& value : values) state = model.Step(state, value, &outputs);
  return outputs;
}

template <typename T>
std::string Serialized(const T& value) {
  ByteWriter out;
  REQUIRE(TypeOf<T>::Write(out, value));
  return out.Take();
}

}  // namespace

TEST_CASE("bundled: every scenario has a claim, a workload, a job and promises", "[scenarios]") {
  const ScenarioRegistry registry = Bundled();
  std::set<std::string> names;
  for (const Scenario& scenario : registry.all()) {
    INFO(scenario.name());
    names.insert(scenario.name());
    CHECK_FALSE(scenario.claim().empty());
    CHECK_FALSE(scenario.inputs().empty());
    CHECK(scenario.promises().size() >= 4);
    CHECK(CheckSpec(scenario, RunSpec()).ToString() == "OK");
    CHECK(registry.Find(scenario.name()) == &scenario);
  }
  CHECK(names == std::set<std::string>{
                     "account-totals",
                     "buffering-sink",
                     "c1",
                     "count-window-average",
                     "enrichment",
                     "external-database",
                     "fraud-patterns",
                     "log-offsets",
                     "order-dependent-rules",
                     "session-timers",
                     "side-outputs",
                     "ttl-cache",
                     "versioned-rules",
                     "word-count",
                 });
  CHECK(registry.Find("account-total") == nullptr);
}

TEST_CASE("bundled: generated records are functions of seed, split and offset, and pass their own check",
          "[scenarios]") {
  const ScenarioRegistry registry = Bundled();
  for (const Scenario& scenario : registry.all()) {
    for (const Input& input : scenario.inputs()) {
      INFO(scenario.name() << " " << input.name);
      uint64_t differing = 0;
      for (uint64_t offset = 0; offset < 200; ++offset) {
        for (uint32_t split = 0; split < input.splits; ++split) {
          const auto generate = [&](uint64_t seed) {
            std::string generated = "before";
            input.generate(seed, split, offset, &generated);
            REQUIRE(generated.rfind("before", 0) == 0);
            return generated.substr(6);
          };
          const std::string record = generate(7);
          CHECK(record == generate(7));
          // A file holds what people see of a record.
          CHECK(input.parse_line(input.describe ? input.describe(record) : record).value() == record);
          differing += record != generate(8);
        }
      }
      CHECK(differing > 200);
    }
  }
}

TEST_CASE("bundled: the sample files are good inputs", "[scenarios]") {
  const ScenarioRegistry registry = Bundled();
  const std::string data = absl::StrCat(WEIR_SOURCE_DIR, "/scenarios/data/");
  const absl::StatusOr<InputFiles> transactions =
      ReadInputs(*registry.Find("account-totals"), {{"transactions", data + "transactions.jsonl"}});
  REQUIRE(transactions.ok());
  CHECK(transactions->records.at("transactions").size() == 4000);
  const absl::StatusOr<InputFiles> words =
      ReadInputs(*registry.Find("word-count"), {{"text", data + "words.txt"}});
  REQUIRE(words.ok());
  CHECK(words->records.at("text").size() > 150);
  const absl::StatusOr<InputFiles> profiles =
      ReadInputs(*registry.Find("enrichment"),
                 {{"transactions", data + "transactions.jsonl"}, {"profiles", data + "profiles.jsonl"}});
  REQUIRE(profiles.ok());
  CHECK(profiles->records.at("profiles").size() == 165);
  const absl::StatusOr<InputFiles> actions =
      ReadInputs(*registry.Find("fraud-patterns"),
                 {{"actions", data + "actions.jsonl"}, {"patterns", data + "patterns.jsonl"}});
  REQUIRE(actions.ok());
  CHECK(actions->records.at("actions").size() == 1500);
  CHECK(actions->records.at("patterns").size() == 10);
}

TEST_CASE("bundled: the topic of log-offsets grows at a moment that the seed decides", "[scenarios]") {
  const ScenarioRegistry registry = Bundled();
  const Scenario& scenario = *registry.Find("log-offsets");
  std::set<int64_t> percents;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    const RunSpec spec;
    const faults::Plan plan = GeneratePlan(scenario, spec, seed);
    const Workload workload(scenario, spec.inputs, plan);
    CHECK(workload.FirstSplits("transactions") == 3);
    CHECK(workload.Splits("transactions") == 5);
    const int64_t span = plan.options.GetDuration(kWorkloadSpanOption, Duration()).value().nanos();
    percents.insert(workload.Complete("transactions").nanos() * 100 / span);
  }
  CHECK(*percents.begin() >= 9);
  CHECK(*percents.rbegin() <= 90);
  CHECK(percents.size() > 15);
}

TEST_CASE("bundled: lines of a file with one key lie in one split, in order (actions by user)",
          "[scenarios]") {
  const ScenarioRegistry registry = Bundled();
  const Scenario& scenario = *registry.Find("fraud-patterns");
  RunSpec spec;
  spec.inputs =
      ReadInputs(scenario, {{"actions", absl::StrCat(WEIR_SOURCE_DIR, "/scenarios/data/actions.jsonl")}})
          .value();
  const Workload workload(scenario, spec.inputs, GeneratePlan(scenario, spec, 1));
  const std::function<std::string(absl::string_view)>& key_of = scenario.inputs().front().key_of;
  std::map<std::string, std::vector<std::string>> in_file, in_splits;
  for (const std::string& line : spec.inputs.records.at("actions")) in_file[key_of(line)].push_back(line);
  std::map<std::string, std::set<uint32_t>> splits_of;
  for (uint32_t split = 0; split < workload.Splits("actions"); ++split) {
    CHECK(workload.SplitEnd("actions", split) > 300);
    for (uint64_t offset = 0; offset < workload.SplitEnd("actions", split); ++offset) {
      const std::string line(workload.Record("actions", split, offset));
      in_splits[key_of(line)].push_back(line);
      splits_of[key_of(line)].insert(split);
    }
  }
  CHECK(in_file == in_splits);
  for (const auto& [key, splits] : splits_of) CHECK(splits.size() == 1);
}

TEST_CASE("bundled: a bad line is refused with column and reason", "[scenarios]") {
  const ScenarioRegistry registry = Bundled();
  const auto error = [&](const std::string& scenario, const std::string& line) {
    const absl::StatusOr<std::string> parsed = registry.Find(scenario)->inputs().front().parse_line(line);
    return parsed.ok() ? "accepted" : std::string(parsed.status().message());
  };
  CHECK(error("account-totals", R"({"account":"A","amount":5,"more":[1]})") == "accepted");
  const std::string wrong_type = error("account-totals", R"({"account":"A","amount":"five"})");
  CHECK(wrong_type.find("column 25") == 0);
  CHECK(wrong_type.find("amount") != std::string::npos);
  CHECK(error("account-totals", R"({"account":"A"})").find("amount") != std::string::npos);
  CHECK(error("account-totals", R"({"account":"A","amount":5)").find("column ") == 0);
  CHECK(error("account-totals", R"({"account":"A","amount":5.5})") != "accepted");
  CHECK(error("count-window-average", R"({"sensor":3,"value":5})").find("sensor") != std::string::npos);
  CHECK(error("session-timers", R"({"user":"U","at":-1,"amount":5})").find("field 'at'") !=
        std::string::npos);
  CHECK(error("ttl-cache", R"({"key":"K"})").find("client") != std::string::npos);
  CHECK(error("word-count", "caf\xc3\xa9 and \xe2\x82\xac") == "accepted");
  CHECK(error("word-count", "caf\xc3\xa9 \xff") ==
        "column 7: a byte that is not UTF-8; text files must be UTF-8");
  CHECK(error("word-count", "\xc3") == "column 1: a byte that is not UTF-8; text files must be UTF-8");
}

TEST_CASE("bundled: accounts meet in both splits", "[scenarios]") {
  std::set<std::string> accounts[2];
  for (uint32_t split = 0; split < 2; ++split) {
    for (uint64_t offset = 0; offset < 500; ++offset) {
      std::string line;
      GenerateTransaction(3, split, offset, &line);
      accounts[split].insert(ReadSourceLine<Transaction>(line).account);
    }
  }
  std::set<std::string> both;
  for (const std::string& account : accounts[0]) {
    if (accounts[1].count(account) != 0) both.insert(account);
  }
  CHECK(both.size() > 20);
}

TEST_CASE("reference models: what one record after the other gives", "[scenarios][reference]") {
  CHECK(Feed(*MakeRunningTotalModel(), {"5", "-7", "2"}) == std::vector<std::string>{"1 5", "2 -2", "3 0"});
  CHECK(Feed(*MakeCountWindowModel(), {"4", "7", "1", "-4", "9"}) == std::vector<std::string>{"5", "-1"});
  CHECK(Feed(*MakeWordCountModel(), {"", "", ""}) == std::vector<std::string>{"1", "2", "3"});
}

TEST_CASE("reference models: sums wrap instead of overflowing", "[scenarios][reference]") {
  CHECK(Feed(*MakeRunningTotalModel(), {"9223372036854775807", "1"}).back() == "2 -9223372036854775808");
}

TEST_CASE("reference models: they read what the jobs read and write", "[scenarios][reference]") {
  const auto model = MakeRunningTotalModel();
  const auto values = model->Read("transactions", R"({"amount":-3,"account":"A"})");
  REQUIRE(values.size() == 1);
  CHECK(values[0].key == "A");
  CHECK(values[0].value == "-3");
  const auto output = model->ReadOutput(Serialized(AccountTotal{"A", 4, -120}));
  CHECK(output.key == "A");
  CHECK(output.value == "4 -120");
  CHECK(model->ReadOutput("damaged").value.find("unreadable") == 0);
}

TEST_CASE("reference models: words are letters, digits, apostrophes and what is not ASCII",
          "[scenarios][reference]") {
  CHECK(ReferenceWords("The Keeper's 2 books, caf\xc3\xa9!") ==
        std::vector<std::string>{"the", "keeper's", "2", "books", "caf\xc3\xa9"});
  CHECK(ReferenceWords("  -- ").empty());
  CHECK(ReferenceWords("").empty());
}

}  // namespace weir::scenarios
