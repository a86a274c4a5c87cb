// Licensed under the Apache License, Version 2.0.
//
// Deletes the files of checkpoints that nobody can recover from: subsumed, aborted, or left behind by an earlier leader.
// Those are its folder, and the files that it made for later ones to name too, as far as none that is kept does.
// Works behind the back of everybody else; a folder that resists (the store stays unavailable) is left to the
// next leader, who looks for orphans when it takes over.
#ifndef WEIR_RUNTIME_CHECKPOINT_CHECKPOINT_DISCARDER_H_
#define WEIR_RUNTIME_CHECKPOINT_CHECKPOINT_DISCARDER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "runtime/base/ids.h"
#include "runtime/base/time.h"
#include "runtime/env/durable_store.h"
#include "runtime/env/executor.h"

namespace weir {

class CheckpointDiscarder {
 public:
  struct Options {
    std::string job_id;
    std::string checkpoint_dir;
    Duration retry_delay;
  };
  // Asked again before each pass over a folder: whether nobody can need it. Ids are never used twice, so a folder that
  // was an orphan once stays one.
  using IsOrphan = absl::AnyInvocable<bool(CheckpointId) const>;
  // The same of a shared file, by its key.
  using IsUnnamed = absl::AnyInvocable<bool(const std::string& key) const>;

  // `is_unnamed` null: the job has no shared files.
  CheckpointDiscarder(Options options, ActorId actor, Executor& executor, DurableStore& store,
                      IsOrphan is_orphan, IsUnnamed is_unnamed);

  // Deletes the files of `checkpoint` if it is an orphan. A request for one that is being deleted starts over after it:
  // more files may have come, or be named no longer.
  void Discard(CheckpointId checkpoint);
  // The same for every checkpoint that the object store has a file of.
  void DiscardOrphans();
  bool is_idle() const { return folders_.empty(); }

 private:
  static constexpr uint32_t kTriesMax = 10;  // of a folder; with Flink's delays some seconds of outage
  struct Folder {
    std::vector<std::string> keys;  // still to be deleted, last first
    uint32_t tries = 0;
    bool again = false;
  };

  std::string JobPath() const;
  void Pass(CheckpointId checkpoint);
  void PassShared(CheckpointId checkpoint);
  void DeleteNext(CheckpointId checkpoint);
  void Retry(CheckpointId checkpoint);
  void Finish(CheckpointId checkpoint);
  // Discards whatever checkpoint has a file under the prefix.
  void ListAll(const std::string& prefix, uint32_t tries);

  const Options options_;
  const ActorId actor_;
  Executor& executor_;
  DurableStore& store_;
  IsOrphan is_orphan_;
  IsUnnamed is_unnamed_;
  std::map<CheckpointId, Folder> folders_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_CHECKPOINT_CHECKPOINT_DISCARDER_H_
