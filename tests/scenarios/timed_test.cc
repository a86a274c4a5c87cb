// What the two scenarios with clocks accept and what they do not.
#include "scenarios/draws.h"
#include "scenarios/run.h"
#include "scenarios/session_timers.h"
#include "scenarios/ttl_cache.h"

namespace weir::scenarios {
namespace {

// Gaps of more than 2,000 end a session: three actions, then two.
const std::vector<UserAction> kActions = {
    {"U", 1'000, 1}, {"U", 900, 2}, {"U", 2'900, 4}, {"U", 6'000, 8}, {"U", 7'000, 16}};
const UserSession kFirst{"U", 1, 3, 7, 1'000, 2'900, (1 * 31 + 2) * 31 + 4};
const UserSession kSecond{"U", 2, 2, 24, 6'000, 7'000, 8 * 31 + 16};

// Where no access takes any time.
Lookup Miss(int64_t entry, int64_t at, int64_t end) { return {false, entry, at, at, end, end}; }
Lookup Hit(int64_t entry, int64_t at, int64_t end) { return {true, entry, at, at, end, 0}; }

}  // namespace

TEST_CASE("session-timers: sessions are consecutive runs without a gap", "[scenarios]") {
  CHECK(FaultOfSessions(kActions, {kFirst, kSecond}).empty());
  CHECK(FaultOfSessions(kActions, {kSecond, kFirst}).empty());  // committed in another order
  CHECK(FaultOfSessions(kActions, {kFirst}).empty());           // the last one is still open
  CHECK(FaultOfSessions({}, {}).empty());
  SECTION("cut anywhere") {
    CHECK(FaultOfSessions(kActions, {{"U", 1, 1, 1, 1'000, 1'000, 1},
                                     {"U", 2, 2, 6, 900, 2'900, 2 * 31 + 4},
                                     {"U", 3, 2, 24, 6'000, 7'000, 8 * 31 + 16}})
              .empty());
  }
  SECTION("one that is closed is missing") {
    CHECK(FaultOfSessions(kActions, {}) == "a session missing behind the 0 committed ones");
    CHECK(FaultOfSessions(kActions, {kSecond}) == "session 2 in place of session 1");
  }
  SECTION("twice") {
    CHECK(FaultOfSessions(kActions, {kFirst, kFirst, kSecond}) == "session 1 in place of session 2");
  }
  SECTION("over a gap") {
    CHECK(FaultOfSessions(kActions, {{"U", 1, 4, 15, 1'000, 6'000, 0}}) == "session 1 with a gap");
  }
  SECTION("an action lost in state") {
    UserSession other = kFirst;
    other.sum -= 2;
    CHECK(FaultOfSessions(kActions, {other, kSecond}) == "session 1 of other actions than the next 3");
  }
  SECTION("in another order") {
    UserSession other = kFirst;
    other.trail = (2 * 31 + 1) * 31 + 4;
    CHECK(FaultOfSessions(kActions, {other, kSecond}) ==
          "session 1 with its amounts in another order, or others");
  }
  SECTION("more actions than there are") {
    UserSession other = kSecond;
    other.count = 3;
    CHECK(FaultOfSessions(kActions, {kFirst, other}) == "session 2 of 3 actions, of which 2 are left");
    CHECK_FALSE(FaultOfSessions({}, {kFirst}).empty());
  }
}

TEST_CASE("ttl-cache: hits before the end of their entry, entries one after the other", "[scenarios]") {
  const bool is_kept = true;
  CHECK(FaultOfLookups({Miss(1, 100, 150), Hit(1, 149, 150), Miss(2, 150, 200)}, is_kept).empty());
  CHECK(FaultOfLookups({}, is_kept).empty());
  SECTION("clocks may go back") {
    CHECK(FaultOfLookups({Miss(1, 100, 150), Hit(1, 20, 150), Miss(2, 170, 220), Hit(2, 90, 220)}, is_kept)
              .empty());
  }
  SECTION("a hit in the last millisecond") {
    CHECK(FaultOfLookups({Miss(1, 100, 150), Hit(1, 150, 150)}, is_kept) ==
          "a hit of entry 1 at 150, although it was to be gone from 150 on");
  }
  SECTION("gone too early") {
    const std::vector<Lookup> lookups = {Miss(1, 100, 150), Miss(2, 149, 199)};
    CHECK(FaultOfLookups(lookups, is_kept) == "entry 1 gone at 149, although it was to be kept until 150");
    CHECK(FaultOfLookups(lookups, false).empty());
  }
  SECTION("numbers") {
    CHECK(FaultOfLookups({Miss(1, 100, 150), Miss(3, 160, 210)}, is_kept) == "no entry 2 before entry 3");
    CHECK(FaultOfLookups({Miss(1, 100, 150), Miss(1, 160, 210)}, is_kept) == "entry 1 made twice");
    CHECK_FALSE(FaultOfLookups({Hit(1, 100, 150)}, is_kept).empty());
    CHECK_FALSE(FaultOfLookups({Miss(1, 100, 150), Hit(1, 120, 151)}, is_kept).empty());
  }
}

// Found with RocksDB, whose disk takes its time: an entry's timestamp was a millisecond later than the clock before it.
TEST_CASE("ttl-cache: a clock that goes on within an access leaves open what lies between its two readings",
          "[scenarios]") {
  const bool is_kept = true;
  // Made between 100 and 102, with a time to live of 50.
  const Lookup made{false, 1, 99, 100, 150, 152};
  const auto hit = [](int64_t asked, int64_t answered) { return Lookup{true, 1, asked, answered, 150, 0}; };
  const auto miss = [](int64_t asked, int64_t answered) {
    return Lookup{false, 2, asked, answered, answered + 50, answered + 51};
  };
  SECTION("a hit is legal if it was asked for before the last moment at which the entry may have ended") {
    CHECK(FaultOfLookups({made, hit(151, 154)}, is_kept).empty());
    CHECK(FaultOfLookups({made, hit(152, 154)}, is_kept) ==
          "a hit of entry 1 at 152, although it was to be gone from 152 on");
  }
  SECTION(
      "a miss is legal if it was answered at or after the first moment at which the entry may have ended") {
    CHECK(FaultOfLookups({made, miss(148, 150)}, is_kept).empty());
    CHECK(FaultOfLookups({made, miss(148, 149)}, is_kept) ==
          "entry 1 gone at 149, although it was to be kept until 150");
  }
}

TEST_CASE("ttl-cache: a hit that is older than its entry shows that a clock jumped", "[scenarios]") {
  CHECK(ShowClockJump({Hit(2, 90, 220), Miss(1, 100, 150), Miss(2, 170, 220)}));
  CHECK_FALSE(ShowClockJump({Miss(1, 100, 150), Hit(1, 100, 150), Miss(2, 170, 220), Hit(2, 171, 220)}));
  CHECK_FALSE(ShowClockJump({Miss(1, 100, 150), Miss(2, 90, 140), Hit(3, 1, 200)}));
}

TEST_CASE("ttl-cache: clocks jump in most campaigns of 50 seeds many times, and show it",
          "[scenarios][run]") {
  ScenarioRegistry registry;
  AddBundled(registry);
  const Scenario& scenario = *registry.Find("ttl-cache");
  uint64_t jumps = 0;
  uint64_t shown = 0;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const RunResult result = Run(scenario, RunSpec(), GeneratePlan(scenario, RunSpec(), seed));
    const auto fired = result.faults_fired.find("clock.jump");
    if (fired != result.faults_fired.end()) jumps += fired->second;
    for (const PropertyResult& property : result.properties) {
      shown += property.id == "output-invariant" && property.witnessed;
    }
  }
  CHECK(jumps > 30);
  CHECK(shown > 5);
}

TEST_CASE("ttl-cache: the time to live is drawn for each seed, and can be set", "[scenarios]") {
  ScenarioRegistry registry;
  AddBundled(registry);
  const Scenario& scenario = *registry.Find("ttl-cache");
  RunSpec spec;
  std::map<std::string, int> drawn;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    ++drawn[GeneratePlan(scenario, spec, seed).options.Get(kTimeToLiveOption).value_or("none")];
  }
  CHECK(drawn.size() == 6);
  CHECK(drawn.count("none") == 0);
  CHECK_FALSE(GeneratePlan(*registry.Find("word-count"), spec, 1).options.Has(kTimeToLiveOption));
  spec.options.Set(kTimeToLiveOption, "7 ms");
  CHECK(GeneratePlan(scenario, spec, 1).options.Get(kTimeToLiveOption) == "7 ms");
  spec.options.Set(kTimeToLiveOption, "soon");
  CHECK(absl::IsInvalidArgument(CheckSpec(scenario, spec)));
}

}  // namespace weir::scenarios
