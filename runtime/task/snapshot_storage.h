// Licensed under the Apache License, Version 2.0.
//
// Where the bytes of a snapshot go, by state.backend (or state.checkpoint-storage):
//
//   hashmap / filesystem   into a file of the object store; up to state.storage.fs.memory-threshold bytes into the
//                          handle itself, which saves a file
//   jobmanager ("memory")  into the handle, so inside the acknowledgement and `_metadata`; each is limited to
//                          weir.memory.max-state-size, since the job manager holds them all
#ifndef WEIR_RUNTIME_TASK_SNAPSHOT_STORAGE_H_
#define WEIR_RUNTIME_TASK_SNAPSHOT_STORAGE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "runtime/env/durable_store.h"
#include "runtime/format/state_handle.h"
#include "runtime/task/job_config.h"

namespace weir {

// A file that a snapshot made, not stored yet.
struct SnapshotFile {
  std::string name;  // within the folder of the checkpoint
  Blob blob;
  bool is_shared = false;  // `name` is the whole key: a file that later checkpoints may name too
};

class SnapshotStorage {
 public:
  explicit SnapshotStorage(const JobConfig& config);

  // Files up to this size lie in the handle.
  uint64_t inline_max() const;
  // kResourceExhausted: so many bytes, the ledger's not among them, are too much for the job manager's memory.
  absl::Status CheckSize(uint64_t bytes) const;
  // The handle of one state stream; its file, if it has one, is added to `files`. `name` is never used twice.
  // REQUIRES: CheckSize allows it.
  StreamHandle Place(const std::string& name, std::string bytes, uint64_t unbilled,
                     std::vector<SnapshotFile>* files) const;

 private:
  const bool is_in_memory_;
  const uint64_t inline_max_;
  const uint64_t memory_max_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_TASK_SNAPSHOT_STORAGE_H_
