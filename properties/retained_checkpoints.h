// Licensed under the Apache License, Version 2.0.
//
// What the register and the object store say of retained checkpoints: read for the oracle, beside the engine's own
// readers.
#ifndef WEIR_PROPERTIES_RETAINED_CHECKPOINTS_H_
#define WEIR_PROPERTIES_RETAINED_CHECKPOINTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "properties/property.h"
#include "runtime/format/metadata.h"

namespace weir::properties {

struct RetainedCheckpoint {
  uint64_t id = 0;
  std::string folder;  // in the object store
};

// `record` is what the register holds of the job (Outside::JobRecord); "" names none. kDataLoss if it is no job record.
absl::StatusOr<std::vector<RetainedCheckpoint>> ReadRetained(absl::string_view record);

// A file, and its length as the checkpoint has it.
struct ReferredFile {
  std::string key;
  uint64_t size = 0;
};

// Every file that the checkpoint refers to, `_metadata` first. kNotFound if there is none, kDataLoss if it cannot be read.
absl::StatusOr<std::vector<ReferredFile>> FilesOf(const RetainedCheckpoint& checkpoint,
                                                  const Outside& outside);

// The `_metadata` that was read last, so that properties which look at one checkpoint do not each parse it.
class SharedMetadata : public SharedReading {
 public:
  static constexpr absl::string_view kName = "metadata";
  // ReadMetadata of the object's bytes. Valid until the next call. Failures name `path`.
  const absl::StatusOr<VersionedMetadata>& Read(absl::string_view path, absl::string_view bytes);

 private:
  std::string path_;
  std::string bytes_;
  absl::StatusOr<VersionedMetadata> read_;
};

// Everything that checkpoints of the job own lies under it.
std::string CheckpointsFolder(const JobShape& job);
// The checkpoint for which a file was made, from its name: ".../chk-7/..." or ".../shared/7-...". 0: it does not say.
uint64_t MakerOf(const JobShape& job, absl::string_view key);

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_RETAINED_CHECKPOINTS_H_
