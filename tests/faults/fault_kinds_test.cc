#include "faults/fault_kinds.h"

#include <catch2/catch.hpp>

namespace weir::faults {
namespace {

TEST_CASE("fault kinds: the table is in the order of the enumeration", "[faults]") {
  REQUIRE(FaultKinds().size() == 19);
  for (size_t i = 0; i < FaultKinds().size(); ++i) {
    const FaultKindInfo& info = FaultKinds()[i];
    CHECK(static_cast<size_t>(info.kind) == i);
    CHECK(FindFaultKind(info.name) == info.kind);
    CHECK(info.name.substr(0, info.group.size()) == info.group);
  }
}

TEST_CASE("fault specification: a group stands for its kinds", "[faults]") {
  const absl::StatusOr<FaultSpec> spec = FaultSpec::Parse("crash,net.delay");
  REQUIRE(spec.ok());
  CHECK(spec->kinds.size() == 4);
  CHECK(spec->kinds.count(FaultKind::kCrashTask) == 1);
  CHECK(spec->kinds.count(FaultKind::kNetCut) == 0);
}

TEST_CASE("fault specification: all, none", "[faults]") {
  CHECK(FaultSpec::Parse("all")->kinds.size() == FaultKinds().size());
  CHECK(FaultSpec::Parse("none")->kinds.empty());
}

TEST_CASE("fault specification: a parameter is kept", "[faults]") {
  const absl::StatusOr<FaultSpec> spec = FaultSpec::Parse("crash,crash.task-manager:2500000");
  REQUIRE(spec.ok());
  CHECK(spec->kinds.at(FaultKind::kCrashTaskManager) == 2'500'000);
  CHECK(!spec->kinds.at(FaultKind::kCrashJobManager).has_value());
}

TEST_CASE("fault kinds: a clock jumps on or back by one number", "[faults]") {
  CHECK(ClockJump(5000) == Duration::Seconds(5));
  CHECK(ClockJump(kClockBackward + 5000) == Duration() - Duration::Seconds(5));
  CHECK(ClockJump(0) == Duration());
  CHECK(ClockJump(kClockBackward) == Duration());
}

TEST_CASE("fault specification: a parameter whose values have names takes either", "[faults]") {
  CHECK(FaultSpec::Parse("broadcast.reorder:adversarial")->kinds.at(FaultKind::kBroadcastReorder) == 2);
  CHECK(FaultSpec::Parse("broadcast.reorder:legal")->kinds.at(FaultKind::kBroadcastReorder) == 1);
  CHECK(FaultSpec::Parse("crash,broadcast.reorder:2")->kinds.at(FaultKind::kBroadcastReorder) == 2);
  CHECK_FALSE(FaultSpec::Parse("broadcast")->kinds.at(FaultKind::kBroadcastReorder).has_value());
}

TEST_CASE("fault specification: what is wrong is named", "[faults]") {
  const auto message = [](absl::string_view spec) {
    const absl::StatusOr<FaultSpec> parsed = FaultSpec::Parse(spec);
    REQUIRE(!parsed.ok());
    CHECK(parsed.status().code() == absl::StatusCode::kInvalidArgument);
    return std::string(parsed.status().message());
  };
  CHECK(message("net.dely") == "unknown fault 'net.dely'; did you mean 'net.delay'?");
  CHECK(message("crahs") == "unknown fault 'crahs'; did you mean 'crash'?");
  CHECK(message("pause:3") == "faults: 'pause' takes no parameter, but got '3'");
  CHECK(message("crash:3") == "faults: 'crash' is a group and takes no parameter");
  CHECK(message("net.delay:fast") ==
        "faults: the parameter of 'net.delay' is a whole number (extra latency in microseconds), "
        "not 'fast'");
  for (const char* value : {"advers", "0", "3", ""}) {
    CHECK(message(absl::StrCat("broadcast.reorder:", value)) ==
          absl::StrCat("faults: the parameter of 'broadcast.reorder' is legal or adversarial, not '", value,
                       "'"));
  }
  CHECK(message("crash,,net") == "faults: an empty element; separate names by single commas");
  CHECK(message("") == "faults: an empty element; separate names by single commas");
  CHECK(message("all,net") == "faults: 'all' stands alone, not in a list");
}

}  // namespace
}  // namespace weir::faults
