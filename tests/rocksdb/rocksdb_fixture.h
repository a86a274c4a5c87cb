// Licensed under the Apache License, Version 2.0.
//
// A node with a database on its disk, in a simulated world.
#ifndef WEIR_TESTS_ROCKSDB_ROCKSDB_FIXTURE_H_
#define WEIR_TESTS_ROCKSDB_ROCKSDB_FIXTURE_H_

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rocksdb/iterator.h"
#include "runtime/state/rocksdb/database.h"
#include "tests/sim/sim_fixture.h"

namespace weir {

using Rows = std::map<std::string, std::string>;
using Files = std::map<std::string, std::string>;  // path -> content

class DatabaseWorld : public sim::TestWorld {
 public:
  explicit DatabaseWorld(uint64_t seed = 1) : TestWorld(1, WithSeed(seed)) {}
  // Its database is destroyed first: the gate needs the process.
  ~DatabaseWorld() { database.reset(); }

  static sim::WorldOptions WithSeed(uint64_t seed) {
    sim::WorldOptions options = Options();
    options.seed = seed;
    return options;
  }
  static RocksOptions Small(std::string folder = "db") {
    RocksOptions options;
    options.identity = "job 1 sum " + folder;
    options.folder = std::move(folder);
    options.write_buffer_bytes = 16 << 10;
    options.target_file_bytes = 16 << 10;
    options.level_base_bytes = 64 << 10;
    return options;
  }

  Env& env() { return TestWorld::env(0); }
  LocalStore& disk() { return env().disk; }
  sim::Disk& medium() { return World::disk(NodeId(0)); }
  RocksDatabase::OnJob CountJobs() {
    return [this] { ++jobs; };
  }

  absl::Status Create(RocksOptions options = Small()) {
    auto made = RocksDatabase::Create(env(), std::move(options), CountJobs());
    if (made.ok()) database = std::move(*made);
    return made.status();
  }
  absl::Status Restore(const std::vector<RocksFile>& files, RocksOptions options) {
    auto made = RocksDatabase::Restore(env(), std::move(options), files, CountJobs());
    if (made.ok()) database = std::move(*made);
    return made.status();
  }
  rocksdb::ColumnFamilyHandle* Family(const std::string& name = "default") {
    return database->Family(name).value();
  }
  absl::Status Put(const std::string& key, const std::string& value, const std::string& family = "default") {
    const absl::StatusOr<rocksdb::ColumnFamilyHandle*> handle = database->Family(family);
    return handle.ok() ? database->Put(*handle, key, value) : handle.status();
  }
  void RunJobs() {
    while (database->jobs() != 0) database->RunJob();
  }
  // kDataLoss and its kin, or OK with everything that is in the family.
  absl::Status Read(Rows* rows, const std::string& family = "default") {
    rows->clear();
    const std::unique_ptr<rocksdb::Iterator> iterator = database->NewIterator(Family(family));
    for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
      (*rows)[iterator->key().ToString()] = iterator->value().ToString();
    }
    return database->Check(*iterator);
  }
  Rows All(const std::string& family = "default") {
    Rows rows;
    REQUIRE(Read(&rows, family).ok());
    return rows;
  }
  Files Contents(const std::string& prefix = "") {
    Files files;
    const std::vector<std::string> paths = disk().List(prefix).value();
    for (const std::string& path : paths) files[path] = disk().Read(path).value();
    return files;
  }

  std::unique_ptr<RocksDatabase> database;
  uint64_t jobs = 0;
};

// Row i of a test, about 110 bytes.
inline std::string Key(int i) { return "key" + std::to_string(100'000 + i); }
inline std::string Value(int i) { return std::string(100, static_cast<char>('a' + i % 26)); }

}  // namespace weir

#endif  // WEIR_TESTS_ROCKSDB_ROCKSDB_FIXTURE_H_
