// Licensed under the Apache License, Version 2.0.
//
// What outlives every job manager: the value of the replicated register under "<job id>/checkpoints". One value holds
// everything that must change together, so one compare-and-set decides it:
//
//   epoch            the leadership term that wrote it. A new leader writes its own first of all; from then on every
//                    compare-and-set of an older leader meets another version and fails. This is the fence.
//   write            grows with each write of an epoch, so no two writes are equal and a lost response can be resolved
//                    by reading: it is ours, or it is not there.
//   attempt          the last execution attempt begun; attempts are never used twice, whoever leads
//   parallelism      that the attempt goes on with; 0: as the job was configured. A new leader goes on with it too
//   last_checkpoint  the highest checkpoint id handed out; ids are never used twice
//   retained         the completed checkpoints, ascending. The last one is what recovery takes.
//   failed           the restart strategy is exhausted; nobody runs this job again
#ifndef WEIR_RUNTIME_CHECKPOINT_JOB_RECORD_H_
#define WEIR_RUNTIME_CHECKPOINT_JOB_RECORD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/base/ids.h"

namespace weir {

// A completed checkpoint as the register knows it. `path` is its folder in the object store: "<dir>/<job id>/chk-<n>".
struct CheckpointPointer {
  CheckpointId id;
  std::string path;
  bool operator==(const CheckpointPointer&) const = default;
};

struct JobRecord {
  uint64_t epoch = 0;
  uint64_t write = 0;
  Attempt attempt;
  uint32_t parallelism = 0;
  CheckpointId last_checkpoint;
  std::vector<CheckpointPointer> retained;
  bool failed = false;
  bool operator==(const JobRecord&) const = default;

  std::string Encode() const;
  // Empty bytes are the record of a job that never ran. kDataLoss if the bytes are anything else than Encode's.
  static absl::StatusOr<JobRecord> Decode(absl::string_view bytes);
};

std::string JobRecordKey(absl::string_view job_id);

// Where things lie in the object store: the one place that knows, for writers and readers alike.
std::string CheckpointPath(absl::string_view checkpoint_dir, absl::string_view job_id,
                           CheckpointId checkpoint);
std::string MetadataPath(absl::string_view checkpoint_path);
// The common prefix of all checkpoints of a job.
std::string CheckpointsPrefix(absl::string_view checkpoint_dir, absl::string_view job_id);
// The checkpoint that a key under CheckpointsPrefix belongs to; 0 if none.
CheckpointId CheckpointOfKey(absl::string_view prefix, absl::string_view key);

// Files that several checkpoints may name: the common prefix of all of a job, and of those that checkpoint `creator`
// made. `job_path`: "<dir>/<job id>".
std::string SharedPrefix(absl::string_view job_path);
std::string SharedPrefix(absl::string_view job_path, CheckpointId creator);
// Who made the file of this key; 0 if it is none under SharedPrefix(job_path).
CheckpointId CreatorOfShared(absl::string_view job_path, absl::string_view key);

}  // namespace weir

#endif  // WEIR_RUNTIME_CHECKPOINT_JOB_RECORD_H_
