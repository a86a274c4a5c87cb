// The same calls give the same bytes: again in this process, whatever ran before, in other processes with other
// surroundings and allocators, and (by a literal) in every build.
#include <cstdio>
#include <filesystem>

#include "absl/strings/str_format.h"
#include "rocksdb/version.h"
#include "rocksdb/write_batch.h"
#include "runtime/base/stable_hash.h"
#include "tests/rocksdb/rocksdb_fixture.h"

namespace weir {
namespace {

// Draws by position, for a workload that is one.
class Sequence {
 public:
  explicit Sequence(uint64_t seed) : random_(seed) {}
  uint64_t Next(uint64_t bound) { return random_.Draw(DrawSite::kUser, 0, count_++, bound); }

 private:
  Random random_;
  uint64_t count_ = 0;
};

void WriteOne(RocksDatabase& database, Sequence& draw) {
  static const std::string kFamilies[] = {"default", "counts", "lists"};
  rocksdb::ColumnFamilyHandle* family = database.Family(kFamilies[draw.Next(3)]).value();
  const std::string key = "key" + std::to_string(draw.Next(1'000));
  const size_t length = 20 + static_cast<size_t>(draw.Next(80));
  const std::string value(length, static_cast<char>('a' + draw.Next(26)));
  switch (draw.Next(8)) {
    case 0:
      REQUIRE(database.Delete(family, key).ok());
      return;
    case 1: {
      rocksdb::WriteBatch batch;
      REQUIRE(batch.Put(family, key, value).ok());
      REQUIRE(batch.Merge(database.Family("lists").value(), key, value).ok());
      REQUIRE(database.Write(&batch).ok());
      return;
    }
    case 2: {
      std::string found;
      REQUIRE(database.Get(family, key, &found).ok());
      return;
    }
    case 3:
      REQUIRE(database.Merge(database.Family("lists").value(), key, value).ok());
      return;
    default:
      REQUIRE(database.Put(family, key, value).ok());
  }
}

// Two databases at once, one of them restored later elsewhere; every file that is left at the end.
uint64_t Fingerprint(uint64_t seed, uint64_t* tables) {
  DatabaseWorld world(seed);
  Sequence draw(seed);
  const auto make = [&](const std::string& folder) {
    return RocksDatabase::Create(world.env(), DatabaseWorld::Small(folder), [] {}).value();
  };
  std::unique_ptr<RocksDatabase> first = make("first");
  std::unique_ptr<RocksDatabase> second = make("second");
  std::unique_ptr<RocksDatabase> third;
  for (int i = 0; i < 6'000; ++i) {
    RocksDatabase* at = draw.Next(2) == 0 ? first.get() : second.get();
    WriteOne(*at, draw);
    if (draw.Next(20) == 0) at->RunJob();
    if (third != nullptr) {
      WriteOne(*third, draw);
      if (draw.Next(20) == 0) third->RunJob();
    }
    if (i == 3'000) {
      const std::vector<RocksFile> files = first->Checkpoint("chk").value();
      for (const RocksFile& file : files) {
        const std::string bytes = RocksDatabase::ReadFile(world.disk(), "chk", file).value();
        REQUIRE(world.disk().Write("third/" + file.name, bytes).ok());
      }
      third = RocksDatabase::Restore(world.env(), DatabaseWorld::Small("third"), files, [] {}).value();
    }
  }
  REQUIRE(second->Flush().ok());
  *tables = first->LiveTables()->size() + second->LiveTables()->size() + third->LiveTables()->size();
  REQUIRE(first->Close().ok());
  REQUIRE(third->Close().ok());
  uint64_t hash = world.digest().Decode().size();
  for (const auto& [path, content] : world.Contents()) {
    hash = Mix(hash, Mix(StableHash64(path), StableHash64(content)));
  }
  return hash;
}

TEST_CASE("RocksDB: equal calls give equal bytes, run after run", "[rocksdb]") {
  uint64_t tables = 0;
  const uint64_t once = Fingerprint(1, &tables);
  CHECK(tables > 10);
  CHECK(Fingerprint(2, &tables) != once);
  // Whatever the runs before left in this thread.
  CHECK(Fingerprint(1, &tables) == once);
  DatabaseWorld other(9);
  REQUIRE(other.Create().ok());
  for (int i = 0; i < 777; ++i) REQUIRE(other.Put(Key(i), Value(i)).ok());
  CHECK(Fingerprint(1, &tables) == once);
}

#if ROCKSDB_MAJOR == 7 && ROCKSDB_MINOR == 8
TEST_CASE("RocksDB: the bytes are the same in every build", "[rocksdb]") {
  // Of gcc and clang, optimised or not, sanitised or not. Another value is right after a change of options, of the
  // simulated disk's costs, or of this workload, and wrong otherwise.
  uint64_t tables = 0;
  CHECK(absl::StrFormat("%016x", Fingerprint(1, &tables)) == "5c90e4582868a169");
}
#endif

TEST_CASE("RocksDB: prints a fingerprint for another process", "[.fingerprint]") {
  uint64_t tables = 0;
  std::printf("fingerprint %016llx\n", static_cast<unsigned long long>(Fingerprint(1, &tables)));
}

std::string FingerprintOfProcess(const std::string& surroundings) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string command = surroundings + " '" + program + "' '[.fingerprint]'";
  std::FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string output;
  char buffer[4096];
  for (size_t got = 0; (got = fread(buffer, 1, sizeof buffer, pipe)) != 0;) output.append(buffer, got);
  CAPTURE(command, output);
  REQUIRE(pclose(pipe) == 0);
  const size_t at = output.find("fingerprint ");
  REQUIRE(at != std::string::npos);
  return output.substr(at + 12, 16);
}

TEST_CASE("RocksDB: the bytes are the same in every process, whatever its surroundings and allocator",
          "[rocksdb]") {
  uint64_t tables = 0;
  const std::string here = absl::StrFormat("%016x", Fingerprint(1, &tables));
  for (const std::string& surroundings :
       std::vector<std::string>{"", "PADDING=" + std::string(5'000, 'x'), "env -i",
                                "MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=1024", "MALLOC_PERTURB_=165",
                                "GLIBC_TUNABLES=glibc.malloc.tcache_count=0:glibc.malloc.top_pad=1048576",
                                "MALLOC_TOP_PAD_=64 LD_BIND_NOW=1", "setarch -R"}) {
    CAPTURE(surroundings);
    CHECK(FingerprintOfProcess(surroundings) == here);
  }
}

}  // namespace
}  // namespace weir
