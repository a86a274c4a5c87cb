// A disk that fails, fills up, is slow, or goes away with its process, under a database that is open.
#include <optional>
#include <set>

#include "absl/strings/match.h"
#include "rocksdb/db.h"
#include "runtime/base/check.h"
#include "tests/rocksdb/rocksdb_fixture.h"

namespace weir {
namespace {

// Does something at the n-th event of a kind.
class Striker : public sim::Observer {
 public:
  std::optional<EventId> at;  // none: any disk event that can be aimed at
  uint64_t countdown = 0;     // 0: never
  std::function<absl::Status()> strike;
  uint64_t seen = 0;
  absl::Status OnEvent(NodeId, const Event& event) override {
    const bool is_meant = at ? event.id == *at : IsOfDisk(event.id);
    if (!is_meant) return absl::OkStatus();
    ++seen;
    if (countdown == 0 || --countdown != 0) return absl::OkStatus();
    return strike();
  }
  static bool IsOfDisk(EventId id) {
    return Info(id).aim == Aim::kFault &&
           (absl::StartsWith(Info(id).name, "disk.") || absl::StartsWith(Info(id).name, "state."));
  }
};

void Fill(DatabaseWorld& world, int from, int to) {
  for (int i = from; i < to; ++i) REQUIRE(world.Put(Key(i), Value(i)).ok());
}

// After a failure RocksDB only reads.
void IsReadOnly(DatabaseWorld& world, size_t rows) {
  CHECK(!world.Put("new", "row").ok());
  CHECK(!world.database->Flush().ok());
  CHECK(!world.database->Checkpoint("chk").ok());
  CHECK(world.All().size() == rows);
}

TEST_CASE("RocksDatabase on a failing disk: the flush fails, and all writes from there on", "[rocksdb]") {
  DatabaseWorld world;
  REQUIRE(world.Create().ok());
  Fill(world, 0, 100);
  world.medium().SetFailing(true);
  const absl::Status status = world.database->Flush();
  CHECK(absl::IsUnavailable(status));
  CHECK(absl::StrContains(status.message(), "database db: "));
  CHECK(absl::StrContains(status.message(), ".sst"));
  CHECK(absl::StrContains(status.message(), "disk error"));
  world.medium().SetFailing(false);
  IsReadOnly(world, 100);
  (void)world.database->Close();
}

TEST_CASE("RocksDatabase on a full disk: kResourceExhausted, and no thread that waits for room",
          "[rocksdb]") {
  DatabaseWorld world;
  REQUIRE(world.Create().ok());
  Fill(world, 0, 100);
  world.medium().SetCapacity(world.medium().used() + 700);
  const absl::Status status = world.database->Flush();
  CHECK(absl::IsResourceExhausted(status));
  CHECK(absl::StrContains(status.message(), ".sst"));
  CHECK(absl::StrContains(status.message(), "disk full"));
  world.medium().SetCapacity(1'000'000);
  IsReadOnly(world, 100);
  (void)world.database->Close();
}

TEST_CASE("RocksDatabase: a short read is an error, never the end of a file", "[rocksdb]") {
  DatabaseWorld world;
  REQUIRE(world.Create().ok());
  Fill(world, 0, 100);
  REQUIRE(world.database->Flush().ok());
  world.medium().SetShortReads(true);
  Rows rows;
  const absl::Status status = world.Read(&rows);
  CHECK_FALSE(status.ok());
  CHECK(absl::StrContains(status.message(), "short read: "));
  world.medium().SetShortReads(false);
  CHECK(world.All().size() == 100);
  // The manifest of the checkpoint names a table; its first half would name none.
  const std::vector<RocksFile> files = world.database->Checkpoint("chk").value();
  REQUIRE(world.database->Close().ok());
  world.medium().SetShortReads(true);
  CHECK_FALSE(world.Restore(files, DatabaseWorld::Small("chk")).ok());
  world.medium().SetShortReads(false);
  CHECK(world.Restore(files, DatabaseWorld::Small("chk")).ok());
  CHECK(world.All().size() == 100);
}

TEST_CASE("RocksDatabase: a full or failing disk at open is an error, and nothing is left open",
          "[rocksdb]") {
  DatabaseWorld world;
  world.medium().SetCapacity(10);
  CHECK(absl::IsResourceExhausted(world.Create()));
  world.medium().SetCapacity(1'000'000);
  REQUIRE(RocksDatabase::DeleteFolder(world.disk(), "db").ok());
  world.medium().SetFailing(true);
  CHECK(absl::IsUnavailable(world.Create()));
  world.medium().SetFailing(false);
  CHECK(world.Create().ok());
}

TEST_CASE("RocksDatabase: each operation on the disk may fail, and every failure is told", "[rocksdb]") {
  // From open to close; a failure at any point ends in an error or in all rows.
  std::set<std::string> names;
  uint64_t failures = 0;
  for (uint64_t n = 1;; ++n) {
    CAPTURE(n);
    DatabaseWorld world;
    Striker striker;
    std::string where;
    striker.countdown = n;
    striker.strike = [] { return absl::UnavailableError("struck"); };
    world.AddObserver(&striker);
    absl::Status status = world.Create();
    for (int i = 0; i < 300 && status.ok(); ++i) {
      status = world.Put(Key(i), Value(i), i % 3 == 0 ? "counts" : "default");
      if (i % 50 == 0) world.RunJobs();
    }
    if (status.ok()) status = world.database->Flush();
    const bool is_struck_before_close = striker.countdown == 0;
    if (status.ok()) {
      // What was struck did not matter: an obsolete file that stays, for one.
      striker.countdown = 0;
      CHECK(world.All().size() == 200);
      CHECK(world.All("counts").size() == 100);
    } else {
      ++failures;
      CHECK(absl::IsUnavailable(status));
      CHECK(absl::StrContains(status.message(), "struck"));
    }
    if (world.database != nullptr) (void)world.database->Close();
    if (!is_struck_before_close) break;
  }
  CHECK(failures > 30);
}

TEST_CASE(
    "RocksDatabase: a fault at the start of a flush or compaction fails it, one at the end what follows",
    "[rocksdb]") {
  for (const EventId id : {EventId::kStateFlushStarted, EventId::kStateFlushFinished,
                           EventId::kStateCompactionStarted, EventId::kStateCompactionFinished}) {
    CAPTURE(Info(id).name);
    DatabaseWorld world;
    Striker striker;
    striker.at = id;
    striker.countdown = 1;
    striker.strike = [] { return absl::UnavailableError("struck"); };
    world.AddObserver(&striker);
    REQUIRE(world.Create().ok());
    absl::Status status;
    for (int i = 0; i < 5'000 && status.ok(); ++i) {
      status = world.Put(Key(i), Value(i));
      world.RunJobs();
    }
    CHECK(striker.seen == 1);
    CHECK(absl::IsUnavailable(status));
    CHECK(absl::StrContains(status.message(), "struck"));
    (void)world.database->Close();
  }
}

TEST_CASE("RocksDatabase: a crash at any operation leaves a database that is destroyed without a trace",
          "[rocksdb]") {
  uint64_t struck = 0;
  for (uint64_t n = 1; n < 200; n += 3) {
    CAPTURE(n);
    DatabaseWorld world;
    Striker striker;
    striker.countdown = n;
    striker.strike = [&world] {
      world.Crash(NodeId(0), sim::CrashMode::kSilent);
      return absl::OkStatus();
    };
    world.AddObserver(&striker);
    bool survived = false;
    // The process's own handler, on its own stack, as in a run.
    Env& env = world.env();
    env.executor.Post(world.shell(0).actor, [&] {
      absl::Status status = world.Create();
      for (int i = 0; i < 400 && status.ok(); ++i) {
        status = world.Put(Key(i), Value(i));
        if (i % 50 == 0 && status.ok()) world.RunJobs();
      }
      if (status.ok()) status = world.database->Flush();
      survived = status.ok();
      if (!survived) CHECK(absl::IsAborted(status));
      if (!survived) ++struck;
      const size_t seen = world.digest().Decode().size();
      world.database.reset();
      CHECK(world.digest().Decode().size() == seen);
    });
    world.RunFor(Duration::Seconds(10));
    CHECK(!world.failure().has_value());
    if (survived) break;
    CHECK(!world.IsAlive(NodeId(0)));
    world.Restart(NodeId(0));
    REQUIRE(RocksDatabase::DeleteFolder(world.disk(), "db").ok());
    REQUIRE(world.Create().ok());
  }
  CHECK(struck > 15);
}

TEST_CASE("RocksDatabase: destroyed without Close it touches nothing", "[rocksdb]") {
  DatabaseWorld world;
  REQUIRE(world.Create().ok());
  Fill(world, 0, 200);
  CHECK(world.database->jobs() == 1);
  const Files before = world.Contents();
  const size_t seen = world.digest().Decode().size();
  world.database.reset();
  CHECK(world.digest().Decode().size() == seen);
  CHECK(world.Contents() == before);
}

Duration TimeOf(DatabaseWorld& world, const std::function<void()>& task) {
  Duration took;
  world.Do(0, [&] {
    const Instant begin = world.env().clock.Now();
    task();
    took = world.env().clock.Now() - begin;
  });
  return took;
}

TEST_CASE("RocksDatabase: a slow disk makes a slow flush", "[rocksdb]") {
  DatabaseWorld world;
  REQUIRE(world.Create().ok());
  Fill(world, 0, 100);
  const Duration normal = TimeOf(world, [&] { REQUIRE(world.database->Flush().ok()); });
  CHECK(normal > Duration::Micros(400));
  Fill(world, 0, 100);
  world.medium().SetSlowdown(10);
  const Duration slow = TimeOf(world, [&] { REQUIRE(world.database->Flush().ok()); });
  CHECK(slow > normal * 5);
}

TEST_CASE("RocksDatabase: writers that outrun the flushes run them, and pay", "[rocksdb]") {
  DatabaseWorld world;
  RocksOptions options = DatabaseWorld::Small();
  options.write_buffers_max = 3;
  REQUIRE(world.Create(options).ok());
  const int rows = (16 << 10) / 109 + 1;  // that fill a buffer
  int next = 0;
  const auto fill = [&] {
    Fill(world, next, next + rows);
    next += rows;
  };
  CHECK(TimeOf(world, [&] { fill(), fill(), fill(); }) == Duration());
  CHECK(world.database->LiveTables()->empty());
  CHECK(TimeOf(world, fill) > Duration::Micros(400));
  CHECK(world.database->LiveTables()->size() == 1);
  CHECK(world.All().size() == static_cast<size_t>(next));
}

TEST_CASE("RocksDatabase: where there are too many tables writers are slowed down in simulated time",
          "[rocksdb]") {
  DatabaseWorld world;
  RocksOptions options = DatabaseWorld::Small();
  options.is_compacting = true;
  options.level0_files_compaction = 2;
  options.level0_files_slowdown = 4;
  REQUIRE(world.Create(options).ok());
  for (int round = 0; round < 6; ++round) {
    Fill(world, round * 100, round * 100 + 90);
    REQUIRE(world.database->Flush().ok());
  }
  const Duration took = TimeOf(world, [&] {
    for (int i = 0; i < 100; ++i)
      REQUIRE(world.database->Put(world.Family(), Key(i), std::string(10'000, 'z')).ok());
  });
  CHECK(took > Duration::Millis(1));
  CHECK(world.jobs > 0);
}

// --- Checks that fail under RocksDB, and waits that nobody could end.

// Runs `task` as a handler of the process; the message of the check that ended the run.
std::string FailureOf(DatabaseWorld& world, Task task) {
  world.env().executor.Post(world.shell(0).actor, std::move(task));
  world.RunFor(Duration::Seconds(1));
  return world.failure().value_or("");
}

TEST_CASE("RocksDatabase: a check that fails within RocksDB ends the run, not RocksDB", "[rocksdb]") {
  for (const uint64_t n : {1u, 5u, 20u, 30u, 40u}) {
    CAPTURE(n);
    DatabaseWorld world;
    Striker striker;
    striker.countdown = n;
    striker.strike = []() -> absl::Status {
      WEIR_CHECK(false, "planted");
      return absl::OkStatus();
    };
    world.AddObserver(&striker);
    const std::string failure = FailureOf(world, [&] {
      // Not within an assertion, which would keep what is thrown.
      absl::Status status = world.Create();
      for (int i = 0; i < 200 && status.ok(); ++i) status = world.Put(Key(i), Value(i));
      if (status.ok()) status = world.database->Flush();
      FAIL("went on with " << status.ToString());
    });
    CHECK(absl::StrContains(failure, "planted"));
    world.database.reset();
  }
}

TEST_CASE("RocksDatabase: a wait outside of open and close fails a check, and ends", "[rocksdb]") {
  DatabaseWorld world;
  bool is_back = false;
  const std::string failure = FailureOf(world, [&] {
    REQUIRE(world.Create().ok());
    REQUIRE(world.Put("a", "b").ok());
    const rocksdb::Status status = world.database->db()->Flush(rocksdb::FlushOptions(), world.Family());
    is_back = true;
    CHECK(!status.ok());
    (void)world.database->ToStatus(status);
  });
  CHECK(is_back);
  CHECK(absl::StrContains(failure, "database db: RocksDB waited outside of open and close"));
}

}  // namespace
}  // namespace weir
