// Licensed under the Apache License, Version 2.0.
//
// A snapshot of a RocksDB backend in the canonical format. Taking it makes an iterator per column family, each of which
// sees the state of that moment; writing goes through all of them, key group by key group.
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_ROCKS_SNAPSHOT_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_ROCKS_SNAPSHOT_H_

#include <optional>
#include <string>
#include <vector>

#include "runtime/state/canonical_writer.h"
#include "runtime/state/rocksdb/rocks_keyed_backend.h"

namespace weir {

class RocksSnapshotWriter final : public KeyedSnapshotWriter {
 public:
  RocksSnapshotWriter(RocksKeyedBackend& backend, const WitnessOf& witness);

  absl::StatusOr<bool> Write(uint64_t entries) override;
  KeyedSnapshot Take() override { return writer_->Finish(); }

 private:
  // One state, in the order of names.
  struct Source {
    StateMeta meta;
    FamilyIterator entries;
    std::optional<StateSpec> spec;  // with `ttl`: if expired values are left out
    std::optional<TtlPolicy> ttl;
  };
  absl::Status Begin();
  absl::Status WriteKeyGroup(KeyGroup group);

  RocksKeyedBackend& backend_;
  std::vector<Source> sources_;
  CollectedWitness witness_;  // until the first Write
  int64_t now_ = 0;           // wall clock of the moment it was taken
  std::optional<CanonicalWriter> writer_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_ROCKSDB_ROCKS_SNAPSHOT_H_
