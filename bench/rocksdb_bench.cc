// links: weir::rocksdb weir::sim weir::base
//
// RocksDB inside the simulated world, with what a run pays for it: disk, charges, digest. Opening and closing a database,
// accesses, and a checkpoint with the database made from it.
#include <sys/resource.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rocksdb/iterator.h"
#include "runtime/base/check.h"
#include "runtime/base/stable_hash.h"
#include "runtime/state/rocksdb/database.h"
#include "sim/world.h"

namespace weir {
namespace {

double UserSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec) * 1e-6;
}

void Print(const std::string& which, double value, const char* unit) {
  std::printf("bench\trocksdb in the world\t%s\t%.3f\t%s\n", which.c_str(), value, unit);
}

// Lends its Env.
class Node : public Process {
 public:
  explicit Node(Env& its_env) : env(its_env) {}
  Env& env;
};

class Bench {
 public:
  Bench() : world_(sim::WorldOptions{}), node_(world_.AddNode("node")) {
    world_.Start(node_, [](Env& env) { return std::make_unique<Node>(env); });
  }
  Env& env() { return static_cast<Node*>(world_.process(node_))->env; }
  static RocksOptions Options(const std::string& folder) {
    RocksOptions options;
    options.folder = options.identity = folder;
    return options;
  }
  std::unique_ptr<RocksDatabase> Create(const std::string& folder) {
    return RocksDatabase::Create(env(), Options(folder), [] {}).value();
  }
  void Delete(const std::string& folder) { WEIR_CHECK(RocksDatabase::DeleteFolder(env().disk, folder).ok()); }

 private:
  sim::World world_;
  const NodeId node_;
};

// Calls `body` until 200 ms have passed; microseconds a call.
template <typename Body>
double MicrosOf(Body body) {
  body();
  uint64_t calls = 0;
  const double begin = UserSeconds();
  while (UserSeconds() - begin < 0.2) {
    for (int i = 0; i < 10; ++i) body();
    calls += 10;
  }
  return (UserSeconds() - begin) * 1e6 / static_cast<double>(calls);
}

void MeasureOpening(int families) {
  Bench bench;
  Print("open and close, empty, " + std::to_string(families) + " families", MicrosOf([&] {
          std::unique_ptr<RocksDatabase> database = bench.Create("db");
          for (int i = 1; i < families; ++i) WEIR_CHECK(database->Family("state" + std::to_string(i)).ok());
          WEIR_CHECK(database->Close().ok());
          database.reset();
          bench.Delete("db");
        }),
        "us");
}

std::string Key(uint64_t i) { return "key" + std::to_string(Mix(i, 1) % 10'000'000); }

void MeasureAccess() {
  constexpr uint64_t kRows = 100'000;
  Bench bench;
  std::unique_ptr<RocksDatabase> database = bench.Create("db");
  rocksdb::ColumnFamilyHandle* family = database->Family("state").value();
  const std::string value(100, 'v');
  double begin = UserSeconds();
  const auto print = [&](const char* which) {
    Print(which, (UserSeconds() - begin) * 1e9 / kRows, "ns");
    begin = UserSeconds();
  };
  for (uint64_t i = 0; i < kRows; ++i) WEIR_CHECK(database->Put(family, Key(i), value).ok());
  print("put, in memory");
  std::string found;
  for (uint64_t i = 0; i < kRows; ++i) WEIR_CHECK(database->Get(family, Key(i), &found).value());
  print("get, in memory");
  WEIR_CHECK(database->Flush().ok());
  print("flush, a row");
  for (uint64_t i = 0; i < kRows; ++i) WEIR_CHECK(database->Get(family, Key(i), &found).value());
  print("get, from tables");
  const std::unique_ptr<rocksdb::Iterator> iterator = database->NewIterator(family);
  uint64_t rows = 0;
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) ++rows;
  WEIR_CHECK(rows > kRows / 2);
  print("scan, a row");
}

void MeasureCheckpoint() {
  Bench bench;
  std::unique_ptr<RocksDatabase> database = bench.Create("db");
  uint64_t row = 0;
  std::vector<RocksFile> files;
  Print("100 rows and a checkpoint", MicrosOf([&] {
          bench.Delete("chk");
          rocksdb::ColumnFamilyHandle* family = database->Family("state").value();
          for (int i = 0; i < 100; ++i) WEIR_CHECK(database->Put(family, Key(row++), "value").ok());
          files = database->Checkpoint("chk").value();
          while (database->jobs() != 0) database->RunJob();
        }),
        "us");
  Print("a database made from one of " + std::to_string(files.size()) + " files, and closed", MicrosOf([&] {
          for (const RocksFile& file : files) {
            const std::string bytes = RocksDatabase::ReadFile(bench.env().disk, "chk", file).value();
            WEIR_CHECK(bench.env().disk.Write("new/" + file.name, bytes).ok());
          }
          WEIR_CHECK(
              RocksDatabase::Restore(bench.env(), Bench::Options("new"), files, [] {}).value()->Close().ok());
          bench.Delete("new");
        }),
        "us");
}

}  // namespace
}  // namespace weir

int main() {
  weir::MeasureOpening(2);
  weir::MeasureOpening(8);
  weir::MeasureAccess();
  weir::MeasureCheckpoint();
  return 0;
}
