#include <unistd.h>

#include <filesystem>

#include "rocksdb/write_batch.h"
#include "tests/rocksdb/rocksdb_fixture.h"

namespace weir {
namespace {

size_t Threads() {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) count += entry.exists();
  return count;
}

TEST_CASE("RocksDatabase: puts, merges, deletes and reads, by family", "[rocksdb]") {
  DatabaseWorld world;
  REQUIRE(world.Create().ok());
  REQUIRE(world.Put("a", "1").ok());
  REQUIRE(world.Put("b", "2").ok());
  REQUIRE(world.Put("a", "other", "counts").ok());
  REQUIRE(world.database->Merge(world.Family(), "list", "x").ok());
  REQUIRE(world.database->Merge(world.Family(), "list", "y").ok());
  REQUIRE(world.database->Delete(world.Family(), "b").ok());
  std::string value;
  CHECK(world.database->Get(world.Family(), "a", &value).value());
  CHECK(value == "1");
  CHECK(!world.database->Get(world.Family(), "b", &value).value());
  CHECK(value == "1");
  CHECK(world.All() == Rows{{"a", "1"}, {"list", "x,y"}});
  CHECK(world.All("counts") == Rows{{"a", "other"}});
  CHECK(world.database->FamilyNames() == std::vector<std::string>{"counts", "default"});
  rocksdb::WriteBatch batch;
  REQUIRE(batch.Put(world.Family("counts"), "c", "3").ok());
  REQUIRE(batch.Delete(world.Family("counts"), "a").ok());
  REQUIRE(world.database->Write(&batch).ok());
  CHECK(world.All("counts") == Rows{{"c", "3"}});
  CHECK(world.database->Close().ok());
}

TEST_CASE("RocksDatabase: flushes begin at so many bytes, and jobs run when they are told to", "[rocksdb]") {
  DatabaseWorld world;
  REQUIRE(world.Create().ok());
  REQUIRE(Threads() == 1);
  int i = 0;
  while (world.jobs == 0) {
    REQUIRE(world.Put(Key(i), Value(i)).ok());
    ++i;
  }
  CHECK(i == (16 << 10) / 109 + 1);
  CHECK(world.database->jobs() == 1);
  CHECK(world.database->LiveTables()->empty());
  CHECK(world.Count(EventId::kStateFlushStarted) == 0);
  world.RunJobs();
  CHECK(world.database->LiveTables()->size() == 1);
  CHECK(world.Count(EventId::kStateFlushFinished) == 1);
  for (; i < 2'000; ++i) {
    REQUIRE(world.Put(Key(i), Value(i)).ok());
    world.RunJobs();
  }
  CHECK(world.Count(EventId::kStateCompactionFinished) > 0);
  CHECK(world.All().size() == 2'000);
  CHECK(Threads() == 1);
  CHECK(world.database->Close().ok());
  CHECK(Threads() == 1);
}

}  // namespace
}  // namespace weir
