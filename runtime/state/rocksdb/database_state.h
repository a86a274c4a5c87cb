// Licensed under the Apache License, Version 2.0.
//
// What a RocksDatabase consists of, in the order in which it must be made: RocksDB's objects point at the environment, and
// the environment at the gate.
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_DATABASE_STATE_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_DATABASE_STATE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/cache.h"
#include "rocksdb/db.h"
#include "rocksdb/merge_operator.h"
#include "runtime/state/rocksdb/bridge_env.h"
#include "runtime/state/rocksdb/database.h"
#include "runtime/state/rocksdb/interpose/wait_hook.h"

namespace weir {

struct RocksDatabase::State final : public WaitHandler {
  State(Env& world, RocksOptions its_options, OnJob its_on_job);
  ~State() override = default;

  // --- WaitHandler
  bool RunQueued() override { return env.RunOne(BridgeEnv::Pick::kOldest); }
  void OnStrayWait() override;
  void PassTime() override { env.SleepForMicroseconds(1'000); }
  std::string SessionId() const override { return session_id; }

  rocksdb::ColumnFamilyOptions FamilyOptions(const std::string& name) const;
  void AddFamily(const std::string& name, rocksdb::ColumnFamilyHandle* handle);
  // Memtables of the family that wait for their flush.
  uint64_t FlushesWaiting(rocksdb::ColumnFamilyHandle* family) const;
  std::string PathOf(const std::string& name) const { return options.folder + "/" + name; }
  // What was written to a file of the folder.
  absl::StatusOr<RocksFile> Recorded(const std::string& name) const;
  // Makes the files of a checkpoint from what GetLiveFiles told.
  absl::StatusOr<std::vector<RocksFile>> LinkFiles(const std::vector<std::string>& live,
                                                   uint64_t manifest_bytes, const std::string& folder);
  // Destroys everything of RocksDB's.
  rocksdb::Status Shut();
  // Without settling.
  absl::Status ToStatus(const rocksdb::Status& status) const;

  struct FamilyState {
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    uint64_t unflushed = 0;  // bytes of keys and values since the last flush began
  };

  const RocksOptions options;
  const std::string session_id;
  OnJob on_job;
  EnvGate gate;
  const std::shared_ptr<BridgeFileSystem> files;
  BridgeEnv env;
  const std::shared_ptr<rocksdb::Cache> block_cache;
  const std::shared_ptr<rocksdb::MergeOperator> merge_operator;
  std::unique_ptr<rocksdb::DB> db;
  std::map<uint32_t, FamilyState> families;  // by id
  std::map<std::string, rocksdb::ColumnFamilyHandle*> names;
  uint64_t told = 0;  // jobs that the owner knows of
};

// kDataLoss: `folder` does not hold exactly these.
absl::Status VerifyFolder(LocalStore& disk, const std::string& folder, const std::vector<RocksFile>& files);

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_ROCKSDB_DATABASE_STATE_H_
