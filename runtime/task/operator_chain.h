// Licensed under the Apache License, Version 2.0.
//
// The operators of one subtask with their contexts and state backends, wired one into the next and the last into the
// record writers. Orders are Flink's: tail first to restore, open, snapshot and notify; head first to prepare and close.
#ifndef WEIR_RUNTIME_TASK_OPERATOR_CHAIN_H_
#define WEIR_RUNTIME_TASK_OPERATOR_CHAIN_H_

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/checkpoint/operator_snapshot.h"
#include "runtime/operators/stream_operator.h"
#include "runtime/task/job_graph.h"
#include "runtime/task/snapshot_storage.h"
#include "runtime/task/state_download.h"

namespace weir {

struct ChainSnapshot {
  std::vector<OperatorSnapshot> operators;
  std::vector<SnapshotFile> files;
  // Of each of `operators`, until Finish has placed it.
  std::vector<absl::StatusOr<OperatorStateSnapshot>> operator_states;
  // The keyed state, not written yet: WriteKeyed it to its end, then Finish.
  std::unique_ptr<KeyedSnapshotWriter> keyed;
  size_t keyed_operator = 0;  // in `operators`
  std::string unique;         // of the names of files
  CheckpointId checkpoint;
};

class OperatorChain {
 public:
  // `vertex` outlives it. `common` is what the contexts of all operators share. `witness` is the vertex's.
  OperatorChain(const JobVertex& vertex, const JobConfig& config, const OperatorContext& common,
                WitnessAccumulator& witness, const std::vector<RecordWriter*>& writers);

  size_t size() const { return stages_.size(); }
  StreamOperator& head() { return *stages_.front().op; }
  // Not null if the head is a source.
  SourceOperator* source() { return source_; }
  bool is_keyed() const { return keyed_ != nullptr; }

  // `files`: what lies behind every handle of `state`. Before Open. An error names operator, state and place; it may
  // come as late as in Open, where states are asked for.
  absl::Status Restore(const std::vector<OperatorSnapshot>& state, const StateDownload::Files& files);
  absl::Status Open();
  void OnRunning();
  absl::Status PrepareSnapshot(CheckpointId checkpoint);
  // The synchronous part, whose failure is the task's; keyed state remains to be written, and all of it to be placed.
  // `unique` makes file names that are never used twice.
  absl::StatusOr<ChainSnapshot> Snapshot(CheckpointId checkpoint, absl::string_view unique,
                                         absl::string_view checkpoints_path);
  // KeyedSnapshotWriter::Write. REQUIRES: snapshot->keyed. As in Finish, an error names operator and state, and is the
  // checkpoint's.
  absl::StatusOr<bool> WriteKeyed(ChainSnapshot* snapshot, uint64_t entries) const;
  // Puts all state where it belongs. REQUIRES: no snapshot->keyed, or written to its end.
  absl::Status Finish(ChainSnapshot* snapshot) const;
  void NotifyComplete(CheckpointId checkpoint);
  void NotifyAborted(CheckpointId checkpoint);
  void Dispose();
  // After Dispose, nothing of it on the stack and no snapshot left: gives back what it has on the node's disk.
  void Close();
  void AppendWaits(std::vector<Wait>* waits) const;

 private:
  struct Stage {
    const OperatorNode* node = nullptr;
    OperatorContext context;
    OperatorStateBackend state;
    std::unique_ptr<WitnessAccumulator> sink_witness;
    std::unique_ptr<StreamOperator> op;
  };
  absl::Status RestoreStage(Stage& stage, const SubtaskState& state, const StateDownload::Files& files);
  absl::Status RestoreKeyed(const KeyedHandle& handle, const StateDownload::Files& files);
  absl::Status RestoreOperatorState(Stage& stage, const OperatorHandle& handle,
                                    const StateDownload::Files& files);
  absl::Status SnapshotStage(Stage& stage, CheckpointId checkpoint, absl::string_view checkpoints_path,
                             ChainSnapshot* snapshot);
  absl::Status FinishOperatorState(size_t index, ChainSnapshot* snapshot) const;
  absl::Status FinishKeyed(ChainSnapshot* snapshot) const;
  absl::Status CheckSizeOf(const KeyedSnapshot& keyed) const;
  absl::StatusOr<KeyedHandle> PlaceKeyed(KeyedSnapshot keyed, ChainSnapshot* snapshot) const;
  OperatorWitness WitnessIn(const Stage& stage) const;
  absl::Status RestoreWitness(Stage& stage, const OperatorWitness& witness);

  std::deque<Stage> stages_;  // head first
  const SnapshotStorage storage_;
  std::unique_ptr<KeyedStateBackend> keyed_;
  WitnessAccumulator& witness_;
  SourceOperator* source_ = nullptr;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_TASK_OPERATOR_CHAIN_H_
