// Licensed under the Apache License, Version 2.0.
//
// A snapshot of a RocksDB backend as the files of its database: Flink's incremental checkpoint. Taking it flushes and
// links the files of that moment into a folder of their own, and decides which tables are in the object store already.
// Writing reads the others, one a step, and compares each with what it was when it was made.
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_NATIVE_SNAPSHOT_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_NATIVE_SNAPSHOT_H_

#include <string>
#include <vector>

#include "runtime/state/rocksdb/rocks_keyed_backend.h"

namespace weir {

class NativeSnapshotWriter final : public KeyedSnapshotWriter {
 public:
  NativeSnapshotWriter(RocksKeyedBackend& backend, const CheckpointRequest& request,
                       const WitnessOf& witness);
  ~NativeSnapshotWriter() override;

  absl::StatusOr<bool> Write(uint64_t entries) override;
  KeyedSnapshot Take() override;

 private:
  absl::Status Begin(const CheckpointRequest& request, const WitnessOf& witness);

  RocksKeyedBackend& backend_;
  const std::string folder_;
  std::vector<RocksFile> files_;
  std::vector<bool> is_stored_;  // by file: the object store has it already
  size_t next_ = 0;              // in files_
  KeyedSnapshot snapshot_;
  const absl::Status status_;  // of taking it; set last
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_ROCKSDB_NATIVE_SNAPSHOT_H_
