// Licensed under the Apache License, Version 2.0.
//
// Two backends in lockstep: every registration, access, timer, snapshot and restore goes to the *leader*, the backend that
// the job is configured with, and then to the *follower*, of another kind, and all answers are compared. The job sees the
// leader alone; the follower lives on a node of its own and leaves no mark. The first difference goes into the report.
//
//   accesses   what is read is compared as the bytes of the state's serializers; what is written is seen by the next read
//   order      of map entries, of keys, of timers: promised by every backend, so compared
//   snapshots  the canonical streams, entry by entry. If the leader's snapshot consists of files, a backend of its kind is
//              made from these files, and that one's stream counts: so each snapshot is restored once, too
//   restores   the follower reads the same stream, or that of such a backend made from the files
//
// What is free to differ is written in docs/judging.md.
#ifndef WEIR_RUNTIME_STATE_LOCKSTEP_LOCKSTEP_KEYED_BACKEND_H_
#define WEIR_RUNTIME_STATE_LOCKSTEP_LOCKSTEP_KEYED_BACKEND_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/state/lockstep/comparison.h"
#include "runtime/state/lockstep/lockstep_stores.h"

namespace weir {

class LockstepKeyedBackend final : public KeyedStateBackend {
 public:
  struct Options {
    LockstepPlace place;
    LockstepReport* report = nullptr;  // outlives the backend
    Comparison::OnDifference on_difference;
    // Makes a backend like the leader, empty, beside the world. Null if the leader's snapshots are always streams.
    std::function<LockstepSide()> another_leader;
  };

  // `leader` and `follower` are new.
  LockstepKeyedBackend(LockstepSide leader, LockstepSide follower, Options options);

  absl::StatusOr<ValueStore*> RegisterValue(const StateSpec& spec) override;
  absl::StatusOr<ListStore*> RegisterList(const StateSpec& spec) override;
  absl::StatusOr<MapStore*> RegisterMap(const StateSpec& spec) override;
  absl::StatusOr<TimerQueue*> RegisterTimers(const std::string& name,
                                             const TypeSerializer* name_space) override;
  std::vector<KeyRef> KeysOf(absl::string_view state, absl::string_view name_space) override;
  size_t entry_count() const override;
  std::unique_ptr<KeyedSnapshotWriter> Snapshot(const WitnessOf& witness) override;
  std::unique_ptr<KeyedSnapshotWriter> SnapshotForCheckpoint(const CheckpointRequest& request,
                                                             const WitnessOf& witness) override;
  absl::Status Restore(const KeyedHandle& handle, absl::string_view bytes,
                       const RestoreWitness& witness) override;
  absl::Status RestoreFiles(const KeyedHandle& handle, const BytesOfFile& bytes_of,
                            const RestoreWitness& witness) override;
  void NotifyCheckpointComplete(CheckpointId checkpoint) override;
  void NotifyCheckpointAborted(CheckpointId checkpoint) override;
  void Close() override;

 protected:
  void OnKeyLeft() override;
  void OnKeyEntered() override;

 private:
  class SnapshotWriter;
  template <typename Lockstep, typename Store>
  absl::StatusOr<Store*> Register(const StateSpec& spec,
                                  absl::StatusOr<Store*> (KeyedStateBackend::*method)(const StateSpec&));
  std::unique_ptr<KeyedSnapshotWriter> Paired(std::unique_ptr<KeyedSnapshotWriter> ours);
  // The follower gets what came from files. Before its first use after a restore.
  void EndRestore();
  // The follower did as the leader, which succeeded.
  void CompareStatus(absl::string_view state, absl::string_view operation, const absl::Status& follower);
  void CompareSnapshots(const KeyedSnapshot& leader, KeyedSnapshotWriter& follower);
  // The stream of a backend that is made from the files. nullopt: some of these were never seen here.
  std::optional<absl::StatusOr<KeyedSnapshot>> StreamOfFiles(const KeyedSnapshot& snapshot);

  // Before the backends, which read the clocks of states with a time to live.
  std::map<std::string, std::unique_ptr<LockstepState>, std::less<>> states_;
  LockstepSide leader_;
  LockstepSide follower_;
  const Options options_;
  const std::unique_ptr<Comparison> comparison_;
  std::map<std::string, std::unique_ptr<LockstepTimerQueue>, std::less<>> queues_;
  std::optional<LockstepSide> from_files_;     // while it restores from files
  std::map<std::string, std::string> tables_;  // bytes of the leader's tables, by name
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_LOCKSTEP_LOCKSTEP_KEYED_BACKEND_H_
