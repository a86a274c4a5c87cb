#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "nlohmann/json.hpp"
#include "reports/json_report.h"
#include "reports/text_report.h"

namespace weir::reports {
namespace {

using campaign::CampaignResult;

CampaignResult Result() {
  CampaignResult result;
  result.scenarios = {"account-totals"};
  result.seeds_requested = 1000;
  result.first_seed = 5;
  result.wall = Duration::Millis(2500);
  campaign::Summary& summary = result.summary;
  summary.verdict = "violated";
  summary.runs = 1000;
  summary.properties.push_back(
      {"account-totals", "exactly-once", "every record counts once", false, 998, 2, 0, 870, false, {}, {}});
  summary.properties.push_back({"account-totals",
                                "output-invariant",
                                "the same",
                                true,
                                900,
                                100,
                                0,
                                1000,
                                false,
                                {12, "account A-1 should be 3"},
                                {}});
  summary.properties.push_back({"account-totals",
                                "progress",
                                "it ends",
                                false,
                                997,
                                0,
                                3,
                                0,
                                true,
                                {},
                                {8, "the state is too large"}});
  summary.failures.push_back(
      {"account-totals", 7, "exactly-once", "record 3 was lost", "exactly-once/sum/lost/upload",
       std::string(32, 'b'), "failures/account-totals-7/plan.json", "failures/account-totals-7/shrunk.json"});
  summary.failures_total = 2;
  summary.faults["crash.task-manager"] = 812;
  summary.coverage.Add(EventId::kCheckpointCompleted, 31);
  summary.coverage_runs = 62;
  summary.totals.events = 12'345'678;
  summary.totals.simulated = Duration::Seconds(5000);
  summary.digest = StableHash128("x");
  return result;
}

TEST_CASE("report.json: the fields of the contract", "[reports]") {
  CampaignRequest request;
  request.options.Set("parallelism.default", "2");
  request.faults = "crash,disk.full";
  const auto json = nlohmann::json::parse(JsonReport(Result(), request), nullptr, false);
  REQUIRE(!json.is_discarded());
  CHECK(json["weir"] == "0.1.0");
  CHECK(json["scenarios"] == nlohmann::json({"account-totals"}));
  CHECK(json["options"]["parallelism.default"] == "2");
  CHECK(json["verdict"] == "violated");
  CHECK(json["seeds"] == nlohmann::json({{"requested", 1000}, {"run", 1000}, {"first", 5}}));
  CHECK(json["properties"][0]["id"] == "exactly-once");
  CHECK(json["properties"][0]["expected"] == "held");
  CHECK(json["properties"][0]["violated"] == 2);
  CHECK(json["properties"][0]["witnessed"] == 870);
  CHECK_FALSE(json["properties"][0].contains("example"));
  CHECK(json["properties"][1]["expected"] == "broken");
  CHECK(json["properties"][1]["example"] ==
        nlohmann::json({{"seed", 12}, {"message", "account A-1 should be 3"}}));
  CHECK(json["properties"][2]["vacuous"] == true);
  CHECK(json["properties"][2]["not_judged_example"] ==
        nlohmann::json({{"seed", 8}, {"message", "the state is too large"}}));
  CHECK(json["failures"][0]["seed"] == 7);
  CHECK(json["failures"][0]["plan"] == "failures/account-totals-7/plan.json");
  CHECK(json["faults"]["crash.task-manager"] == 812);
  CHECK(json["faults_idle"] == nlohmann::json({"disk.full"}));
  CHECK(json["totals"]["events"] == 12'345'678);
  CHECK(json["totals"]["simulated_seconds"] == 5000.0);
  CHECK(json["totals"]["wall_seconds"] == 2.5);
  CHECK(json["digest"] == StableHash128("x").ToHex());
  CHECK(json["coverage"]["events"]["checkpoint.completed"] == 31);
  const auto& silent = json["coverage"]["silent"];
  CHECK(std::find(silent.begin(), silent.end(), "checkpoint.completed") == silent.end());
  CHECK(std::find(silent.begin(), silent.end(), "checkpoint.aborted") != silent.end());
}

TEST_CASE("closing screen: what happened, and the lines to copy", "[reports]") {
  CampaignRequest request;
  request.faults = "net,crash,disk.full";
  const std::string text = TextReport(Result(), request, "build/release/weir", "out");
  CHECK(text.find("VIOLATED: account-totals, 1,000 runs from seed 5 on") != std::string::npos);
  CHECK(text.find("broken, as it must: output-invariant of account-totals, seed 12\n           account A-1 "
                  "should be 3") != std::string::npos);
  CHECK(text.find("warning: progress of account-totals proves nothing") != std::string::npos);
  CHECK(text.find("warning: of --faults, net, disk.full struck in no run\n") != std::string::npos);
  CHECK(text.find("not judged in 3 runs: progress of account-totals, seed 8\n           the state is too "
                  "large\n") != std::string::npos);
  CHECK(text.find("crash.task-manager 812") != std::string::npos);
  CHECK(text.find("1 h 23 min simulated in 2.5 s (2,000 times as fast)") != std::string::npos);
  CHECK(text.find("build/release/weir replay --plan out/failures/account-totals-7/plan.json\n") !=
        std::string::npos);
  CHECK(text.find("record 3 was lost") != std::string::npos);
  CHECK(text.find("2 runs failed in all") != std::string::npos);
}

TEST_CASE("closing screen: the list of faults breaks between its elements, never in a number", "[reports]") {
  CampaignResult result = Result();
  result.summary.faults.clear();
  for (const char* kind : {"broadcast.reorder", "crash.job-manager", "crash.task", "crash.task-manager",
                           "net.cut", "net.delay", "store.lost-response"}) {
    result.summary.faults[kind] = 1'234'567;
  }
  const std::string text = TextReport(result, CampaignRequest(), "weir", "out");
  const size_t begin = text.find("  faults ");
  for (absl::string_view line :
       absl::StrSplit(text.substr(begin, text.find("  checkpoints ") - begin), '\n')) {
    CHECK(line.size() <= 100);
    if (!line.empty()) CHECK((absl::EndsWith(line, "1,234,567") || absl::EndsWith(line, "1,234,567,")));
  }
}

TEST_CASE("numbers for people: commas and rough times", "[reports]") {
  CHECK(WithCommas(0) == "0");
  CHECK(WithCommas(999) == "999");
  CHECK(WithCommas(1000) == "1,000");
  CHECK(WithCommas(12'345'678) == "12,345,678");
  CHECK(Roughly(Duration::Millis(35)) == "35 ms");
  CHECK(Roughly(Duration::Millis(14'230)) == "14.2 s");
  CHECK(Roughly(Duration::Seconds(192)) == "3 min 12 s");
  CHECK(Roughly(Duration::Seconds(7500)) == "2 h 5 min");
  CHECK(Roughly(Duration::Seconds(60 * 60 * 75)) == "3 days 3 h");
}

}  // namespace
}  // namespace weir::reports
