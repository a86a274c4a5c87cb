// Licensed under the Apache License, Version 2.0.
//
// The asynchronous part of a subtask's checkpoints: stores the files of each snapshot, tries again while the store is
// unavailable, and says when all is there. Files of an aborted or failed one are deleted, also those whose fate was not
// known when it was aborted. Acknowledged files belong to the job manager.
//
//   Begin -> (all stored, all holds released) -> owner's OnSnapshotStored, forgotten
//         -> Abort, or a store that refuses (OnSnapshotFailed)   -> files deleted, forgotten
#ifndef WEIR_RUNTIME_TASK_SNAPSHOT_UPLOADS_H_
#define WEIR_RUNTIME_TASK_SNAPSHOT_UPLOADS_H_

#include <map>
#include <string>
#include <vector>

#include "runtime/env/env.h"
#include "runtime/task/operator_chain.h"

namespace weir {

class SnapshotUploads {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual bool OwnerIsStopped() const = 0;
    // Every file is stored; holds may be left. False: stop.
    virtual bool OnFilesStored(CheckpointId checkpoint) = 0;
    virtual void OnSnapshotStored(CheckpointId checkpoint, std::vector<OperatorSnapshot> snapshots) = 0;
    virtual void OnSnapshotFailed(CheckpointId checkpoint, const absl::Status& cause) = 0;
  };
  // `env` and `owner` outlive it.
  SnapshotUploads(Env& env, Owner& owner, Duration retry_delay)
      : env_(env), owner_(owner), retry_delay_(retry_delay) {}

  void set_actor(ActorId actor) { actor_ = actor; }
  // `holds`: parts besides the files that must be done first; each ends by a Release.
  void Begin(CheckpointId checkpoint, const std::string& folder, ChainSnapshot snapshot, uint32_t holds);
  void Release(CheckpointId checkpoint);
  // No such upload: no effect.
  void Abort(CheckpointId checkpoint);
  bool Has(CheckpointId checkpoint) const { return uploads_.count(checkpoint) != 0; }
  void AppendWaits(const std::string& who, std::vector<Wait>* waits) const;

 private:
  enum class FileState : uint8_t { kSending, kStored, kGone };
  struct File {
    std::string key;
    Blob blob;
    FileState state = FileState::kSending;
  };
  struct Upload {
    std::vector<OperatorSnapshot> snapshots;
    std::vector<File> files;
    uint32_t missing = 0;
    uint32_t holds = 0;
    bool is_aborted = false;
  };
  void Put(CheckpointId checkpoint, size_t file);
  void OnPut(CheckpointId checkpoint, size_t file, const absl::Status& status);
  void Delete(CheckpointId checkpoint, size_t file);
  void TryFinish(CheckpointId checkpoint);

  Env& env_;
  Owner& owner_;
  const Duration retry_delay_;
  ActorId actor_;
  std::map<CheckpointId, Upload> uploads_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_TASK_SNAPSHOT_UPLOADS_H_
