// Licensed under the Apache License, Version 2.0.
//
// The properties tail of `_metadata` (since version 4): a Java object stream that says whether this
// is a checkpoint or a savepoint, and when it may be discarded. Written here byte for byte as a JVM
// writes it.
#ifndef WEIR_RUNTIME_FORMAT_CHECKPOINT_PROPERTIES_H_
#define WEIR_RUNTIME_FORMAT_CHECKPOINT_PROPERTIES_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace weir {

enum class SnapshotType : uint8_t {
  kCheckpoint,
  kFullCheckpoint,
  kSavepoint,
  kSuspendSavepoint,
  kTerminateSavepoint,
};

enum class CheckpointRetention : uint8_t { kNeverRetain, kRetainOnFailure, kRetainOnCancellation };

struct CheckpointProperties {
  SnapshotType type = SnapshotType::kCheckpoint;
  bool is_native = false;  // savepoints only: the backend's own format instead of the canonical one
  bool discard_cancelled = false;
  bool discard_failed = false;
  bool discard_finished = false;
  bool discard_subsumed = false;
  bool discard_suspended = false;
  bool forced = false;
  bool unclaimed = false;

  bool operator==(const CheckpointProperties&) const = default;
  bool is_savepoint() const { return type >= SnapshotType::kSavepoint; }

  static CheckpointProperties ForCheckpoint(CheckpointRetention retention);
  // `forced`: triggered by a user rather than by the job's own rules.
  static CheckpointProperties ForSavepoint(bool forced, SnapshotType type = SnapshotType::kSavepoint);
};

std::string WriteCheckpointProperties(const CheckpointProperties& properties);
// Nothing if `stream` is not exactly what WriteCheckpointProperties gives for some properties: a
// tail of another release, to be kept as it is.
std::optional<CheckpointProperties> ReadCheckpointProperties(absl::string_view stream);

}  // namespace weir

#endif  // WEIR_RUNTIME_FORMAT_CHECKPOINT_PROPERTIES_H_
