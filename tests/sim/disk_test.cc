#include <map>
#include <set>
#include <vector>

#include "tests/sim/sim_fixture.h"

namespace weir::sim {
namespace {

using Strings = std::vector<std::string>;

constexpr size_t kSector = 512;

// One node; a crash and a restart in one word.
class DiskWorld : public TestWorld {
 public:
  explicit DiskWorld(uint64_t seed = 1, DiskOptions disk = {}) : TestWorld(1, With(seed, disk)) {}
  LocalStore& files() { return env(0).disk; }
  void CrashAndRestart() {
    RunFor(Duration::Seconds(1));  // everything has left
    Crash(NodeId(0), CrashMode::kSilent);
    Restart(NodeId(0));
  }

 private:
  static WorldOptions With(uint64_t seed, DiskOptions disk) {
    WorldOptions options = Options();
    options.seed = seed;
    options.disk = disk;
    return options;
  }
};

TEST_CASE("Disk: what was synced, names and bytes, survives every crash", "[sim]") {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    DiskWorld world(seed);
    const std::string bytes(3000, 's');
    REQUIRE(world.files().Append("a/file", bytes).ok());
    REQUIRE(world.files().Sync("a/file").ok());
    REQUIRE(world.files().SyncNames().ok());
    REQUIRE(world.files().Append("a/file", std::string(3000, 'u')).ok());
    world.CrashAndRestart();
    const std::string left = world.files().Read("a/file").value();
    REQUIRE(left.size() >= 3000);
    CHECK(left.substr(0, 3000) == bytes);
    world.CrashAndRestart();
    CHECK(world.files().Read("a/file").value() == left);  // a crash settles everything
  }
}

TEST_CASE("Disk: of unsynced bytes any subset of sectors survives, the rest is zero or missing", "[sim]") {
  std::set<std::string> shapes;  // k kept, z zero, one a sector
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    DiskWorld world(seed);
    REQUIRE(world.files().Write("file", "durable").ok());
    REQUIRE(world.files().Sync("file").ok());
    REQUIRE(world.files().SyncNames().ok());
    REQUIRE(world.files().Append("file", std::string(4 * kSector - 7, 'u')).ok());
    world.CrashAndRestart();
    const std::string left = world.files().Read("file").value();
    REQUIRE(left.substr(0, 7) == "durable");
    REQUIRE((left.size() == 7 || left.size() % kSector == 0));
    std::string shape;
    for (size_t i = 7; i < left.size(); i = (i / kSector + 1) * kSector) {
      const std::string sector = left.substr(i, (i / kSector + 1) * kSector - i);
      const bool is_kept = sector == std::string(sector.size(), 'u');
      REQUIRE((is_kept || sector == std::string(sector.size(), '\0')));
      shape += is_kept ? 'k' : 'z';
    }
    shapes.insert(shape);
    const bool lost = shape.size() < 4 || shape.find('z') != std::string::npos;
    CHECK(world.Count(EventId::kDiskTorn) == (lost ? 1 : 0));
  }
  for (const char* shape : {"", "k", "zk", "kkkk", "zkkk", "kzkk", "kkzk", "zzzk", "zzzz", "kkkz"}) {
    CAPTURE(shape);
    CHECK(shapes.count(shape) == 1);
  }
}

TEST_CASE("Disk: created, deleted and renamed names survive one by one until they are synced", "[sim]") {
  std::set<Strings> outcomes;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    DiskWorld world(seed);
    for (const char* path : {"old", "moved"}) {
      REQUIRE(world.files().Write(path, path).ok());
      REQUIRE(world.files().Sync(path).ok());
    }
    REQUIRE(world.files().SyncNames().ok());
    REQUIRE(world.files().Write("new", "new").ok());
    REQUIRE(world.files().Sync("new").ok());
    REQUIRE(world.files().Delete("old").ok());
    REQUIRE(world.files().Rename("moved", "there").ok());
    world.CrashAndRestart();
    const Strings names = world.files().List("").value();
    outcomes.insert(names);
    // Each whole: under whatever name, the bytes that were synced.
    for (const std::string& name : names) {
      CHECK(world.files().Read(name).value() == (name == "there" ? "moved" : name));
    }
    const std::set<std::string> set(names.begin(), names.end());
    CHECK(set.count("moved") + set.count("there") == 1);
  }
  CHECK(outcomes.size() == 8);
  DiskWorld world;
  REQUIRE(world.files().Write("new", "x").ok());
  REQUIRE(world.files().Sync("new").ok());
  REQUIRE(world.files().Rename("new", "newer").ok());
  REQUIRE(world.files().SyncNames().ok());
  world.CrashAndRestart();
  CHECK(world.files().List("").value() == Strings{"newer"});
}

TEST_CASE("Disk: a write replaces all or, torn, becomes sectors of the new, and once synced it stays",
          "[sim]") {
  const std::string before(2 * kSector, 'b');
  const std::string after(3 * kSector, 'a');
  std::set<std::string> kinds;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    DiskWorld world(seed);
    REQUIRE(world.files().Write("file", before).ok());
    REQUIRE(world.files().Sync("file").ok());
    REQUIRE(world.files().SyncNames().ok());
    REQUIRE(world.files().Write("file", after).ok());
    world.CrashAndRestart();
    const std::string left = world.files().Read("file").value();
    if (left == before) {
      kinds.insert("old");
    } else {
      CHECK(left.find('b') == std::string::npos);
      kinds.insert(left == after ? "new" : "torn");
    }
    REQUIRE(world.files().Write("file", after).ok());
    REQUIRE(world.files().Write("file", before).ok());
    REQUIRE(world.files().Sync("file").ok());
    world.CrashAndRestart();
    CHECK(world.files().Read("file").value() == before);
  }
  CHECK(kinds == std::set<std::string>{"old", "new", "torn"});
}

TEST_CASE("Disk: syncing names makes no content durable, and what was superseded by a synced one is gone",
          "[sim]") {
  std::set<std::string> kinds;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    DiskWorld world(seed);
    REQUIRE(world.files().Write("file", "first").ok());
    REQUIRE(world.files().Sync("file").ok());
    REQUIRE(world.files().SyncNames().ok());
    REQUIRE(world.files().Write("file", "second").ok());
    REQUIRE(world.files().SyncNames().ok());
    if (seed % 2 == 0) {
      REQUIRE(world.files().Write("file", "third").ok());
      REQUIRE(world.files().Sync("file").ok());
      if (seed % 4 == 0) REQUIRE(world.files().SyncNames().ok());
    }
    world.CrashAndRestart();
    const std::string left = world.files().Read("file").value();
    if (seed % 2 == 0) {
      CHECK(left == "third");
    } else {
      kinds.insert(left == "first" || left == "second" ? left : "torn");
    }
  }
  CHECK(kinds == std::set<std::string>{"first", "second", "torn"});
}

TEST_CASE("Disk: a full disk takes what fits and says so, and space comes back", "[sim]") {
  DiskOptions options;
  options.capacity = 1000;
  DiskWorld world(1, options);
  REQUIRE(world.files().Append("a", std::string(700, 'a')).ok());
  CHECK(absl::IsResourceExhausted(world.files().Append("b", std::string(700, 'b'))));
  CHECK(world.files().Read("b").value().size() == 300);
  CHECK(world.disk(NodeId(0)).used() == 1000);
  CHECK(world.files().Write("a", std::string(700, 'c')).ok());  // replaces itself
  CHECK(world.files().Delete("b").ok());
  CHECK(world.disk(NodeId(0)).used() == 700);
  CHECK(world.files().Rename("a", "c").ok());
  CHECK(world.files().Append("d", std::string(300, 'd')).ok());
  CHECK(world.files().Rename("d", "c").ok());
  CHECK(world.disk(NodeId(0)).used() == 300);
  world.disk(NodeId(0)).SetCapacity(100);
  CHECK(absl::IsResourceExhausted(world.files().Append("e", "x")));
}

TEST_CASE("Disk: costs are charged, and multiplied by a slowdown", "[sim]") {
  for (const uint32_t factor : {1u, 5u}) {
    DiskWorld world;
    world.disk(NodeId(0)).SetSlowdown(factor);
    Duration took;
    world.Do(0, [&] {
      const Instant begin = world.env(0).clock.Now();
      REQUIRE(world.files().Append("file", std::string(1000, 'x')).ok());
      REQUIRE(world.files().Sync("file").ok());
      took = world.env(0).clock.Now() - begin;
    });
    CHECK(took == (Duration::Micros(2 + 200 + 1)) * factor);
  }
}

TEST_CASE("Disk: a failing disk fails every call, changes nothing, and may work again", "[sim]") {
  DiskWorld world;
  REQUIRE(world.files().Write("file", "x").ok());
  world.disk(NodeId(0)).SetFailing(true);
  CHECK(absl::IsUnavailable(world.files().Append("file", "y")));
  CHECK(absl::IsUnavailable(world.files().Write("file", "y")));
  CHECK(absl::IsUnavailable(world.files().Read("file").status()));
  CHECK(absl::IsUnavailable(world.files().Sync("file")));
  CHECK(absl::IsUnavailable(world.files().SyncNames()));
  CHECK(absl::IsUnavailable(world.files().Rename("file", "other")));
  CHECK(absl::IsUnavailable(world.files().Delete("file")));
  CHECK(absl::IsUnavailable(world.files().ReadAt("file", 0, 1).status()));
  CHECK(absl::IsUnavailable(world.files().Size("file").status()));
  CHECK(absl::IsUnavailable(world.files().Link("file", "other")));
  CHECK(absl::IsUnavailable(world.files().List("").status()));
  world.disk(NodeId(0)).SetFailing(false);
  CHECK(world.files().Read("file").value() == "x");
}

TEST_CASE("Disk: a bit may flip", "[sim]") {
  DiskWorld world;
  REQUIRE(world.files().Write("file", "abc").ok());
  CHECK(world.disk(NodeId(0)).FlipBit("file", 1, 0));
  CHECK(world.files().Read("file").value() == "acc");
  CHECK(!world.disk(NodeId(0)).FlipBit("file", 3, 0));
  CHECK(!world.disk(NodeId(0)).FlipBit("none", 0, 0));
}

TEST_CASE("Disk: a bit of all that is stored may flip, by its number", "[sim]") {
  DiskWorld world;
  sim::Disk& disk = world.disk(NodeId(0));
  CHECK_FALSE(disk.FlipAnyBit(7));
  REQUIRE(world.files().Write("b", "xyz").ok());
  REQUIRE(world.files().Write("a", "m").ok());
  CHECK(disk.FlipAnyBit(0));
  CHECK(world.files().Read("a").value() == "l");
  CHECK(disk.FlipAnyBit(8 * (4 + 1) + 1));  // modulo the four bytes: the second, so the first of b
  CHECK(world.files().Read("b").value() == "zyz");
}

TEST_CASE("Disk: reads may be short, and are whole again", "[sim]") {
  DiskWorld world;
  REQUIRE(world.files().Write("file", "abcdefg").ok());
  world.disk(NodeId(0)).SetShortReads(true);
  CHECK(world.files().Read("file").value() == "abc");
  CHECK(world.files().ReadAt("file", 3, 4).value() == "de");
  CHECK(world.files().ReadAt("file", 3, 1).value().empty());
  CHECK(world.files().Size("file").value() == 7);
  world.disk(NodeId(0)).SetShortReads(false);
  CHECK(world.files().Read("file").value() == "abcdefg");
}

TEST_CASE("Disk: a linked file takes its space once, and its names survive one by one", "[sim]") {
  std::set<Strings> outcomes;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    DiskWorld world(seed);
    const std::string bytes(1000, 'x');
    REQUIRE(world.files().Write("first", bytes).ok());
    REQUIRE(world.files().Sync("first").ok());
    REQUIRE(world.files().SyncNames().ok());
    REQUIRE(world.files().Link("first", "second").ok());
    CHECK(world.disk(NodeId(0)).used() == 1000);
    REQUIRE(world.files().Delete("first").ok());
    CHECK(world.disk(NodeId(0)).used() == 1000);
    CHECK(world.files().Read("second").value() == bytes);
    world.CrashAndRestart();
    const Strings names = world.files().List("").value();
    outcomes.insert(names);
    CHECK(world.disk(NodeId(0)).used() == (names.empty() ? 0 : 1000));
    for (const std::string& name : names) {
      CHECK(world.files().Read(name).value() == bytes);
      REQUIRE(world.files().Delete(name).ok());
    }
    CHECK(world.disk(NodeId(0)).used() == 0);
  }
  CHECK(outcomes.size() == 4);
  DiskWorld world;
  REQUIRE(world.files().Write("first", "x").ok());
  REQUIRE(world.files().Sync("first").ok());
  REQUIRE(world.files().Link("first", "second").ok());
  REQUIRE(world.files().SyncNames().ok());
  world.CrashAndRestart();
  CHECK(world.files().List("").value() == Strings{"first", "second"});
  CHECK(world.disk(NodeId(0)).FlipBit("first", 0, 0));
  CHECK(world.files().Read("second").value() == "y");
}

TEST_CASE("Disk: reading a part costs that part, and is a place for a fault", "[sim]") {
  class Refuser : public Observer {
   public:
    absl::Status OnEvent(NodeId, const Event& event) override {
      return event.id == EventId::kDiskRead && Field(event, "offset") == 7 ? absl::UnavailableError("no")
                                                                           : absl::OkStatus();
    }
  } refuser;
  DiskWorld world;
  world.AddObserver(&refuser);
  world.Do(0, [&] {
    REQUIRE(world.files().Write("file", std::string(1'000'000, 'x')).ok());
    const Instant begin = world.env(0).clock.Now();
    REQUIRE(world.files().ReadAt("file", 0, 1'000).ok());
    const Instant small = world.env(0).clock.Now();
    REQUIRE(world.files().Read("file").ok());
    CHECK(small - begin == DiskOptions().append_cost + Duration::Micros(1));
    CHECK(world.env(0).clock.Now() - small == DiskOptions().append_cost + Duration::Millis(1));
    CHECK(absl::IsUnavailable(world.files().ReadAt("file", 7, 1).status()));
  });
}

TEST_CASE("Disk: an observer's status fails the operation before it happens", "[sim]") {
  class Refuser : public Observer {
   public:
    absl::Status OnEvent(NodeId, const Event& event) override {
      return event.id == EventId::kDiskWritten ? absl::UnavailableError("no") : absl::OkStatus();
    }
  } refuser;
  DiskWorld world;
  world.AddObserver(&refuser);
  CHECK(absl::IsUnavailable(world.files().Append("file", "x")));
  CHECK(absl::IsNotFound(world.files().Read("file").status()));
}

TEST_CASE("Disk: paths that lead elsewhere are refused", "[sim]") {
  DiskWorld world;
  for (const char* path : {"", "/a", "a/", "a//b", "../a", "a/./b"}) {
    CAPTURE(path);
    CHECK(absl::IsInvalidArgument(world.files().Append(path, "x")));
  }
}

// Random operations with a crash at a random instant, against the promises of local_store.h.
TEST_CASE("Disk: random operations keep what was promised, wherever the crash falls", "[sim]") {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    DiskWorld world(seed);
    const Random random(seed);
    uint64_t draws = 0;
    const auto draw = [&](uint64_t bound) { return random.Draw(DrawSite::kUser, 0, draws++, bound); };
    std::map<std::string, std::string> model;
    std::map<std::string, std::string> promised;  // synced bytes under synced names
    std::map<std::string, std::string> synced;
    struct Step {
      Instant at;
      std::map<std::string, std::string> promised;
    };
    std::vector<Step> steps;
    world.Do(0, [&] {
      for (int i = 0; i < 40; ++i) {
        const std::string name(1, static_cast<char>('a' + draw(3)));
        const uint64_t size = draw(1500);
        const std::string bytes(size, static_cast<char>('A' + i % 26));
        switch (draw(6)) {
          case 0:
          case 1:
            REQUIRE(world.files().Append(name, bytes).ok());
            model[name] += bytes;
            break;
          case 2:
            REQUIRE(world.files().Write(name, bytes).ok());
            model[name] = bytes;
            promised.erase(name);  // not atomic, so nothing is promised until the next sync
            synced.erase(name);
            break;
          case 3:
            if (model.count(name) == 0) break;
            REQUIRE(world.files().Sync(name).ok());
            synced[name] = model[name];
            if (promised.count(name) != 0) promised[name] = model[name];
            break;
          case 4:
            if (model.count(name) == 0) break;
            REQUIRE(world.files().Delete(name).ok());
            model.erase(name);
            promised.erase(name);
            synced.erase(name);
            break;
          default:
            REQUIRE(world.files().SyncNames().ok());
            promised = synced;
        }
        steps.push_back({world.env(0).clock.Now(), promised});
        REQUIRE(world.files().List("").value().size() == model.size());
      }
    });
    const Instant end = steps.back().at;
    const Instant crash = Instant::FromNanos(static_cast<int64_t>(draw(static_cast<uint64_t>(end.nanos()))));
    world.At(crash, [&] { world.Crash(NodeId(0), CrashMode::kSilent); });
    world.RunFor(Duration::Seconds(1));
    world.Restart(NodeId(0));
    std::map<std::string, std::string> kept;
    bool is_between = false;
    for (size_t i = 0; i < steps.size() && steps[i].at <= crash; ++i) {
      kept = steps[i].promised;
      // The operation that was under way may have taken a promise back.
      is_between = i + 1 < steps.size() && steps[i + 1].promised.size() < kept.size();
    }
    if (is_between) continue;
    for (const auto& [name, bytes] : kept) {
      const absl::StatusOr<std::string> left = world.files().Read(name);
      REQUIRE(left.ok());
      CHECK(left->substr(0, bytes.size()) == bytes);
    }
  }
}

}  // namespace
}  // namespace weir::sim
