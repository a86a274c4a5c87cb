// Licensed under the Apache License, Version 2.0.
//
// Writes a topic of the log exactly once, by two-phase commit (Flink's TwoPhaseCommitSinkFunction):
//
//   begin        with the first record after a barrier
//   pre-commit   at the barrier: everything is appended and acknowledged by the log before the checkpoint is
//                acknowledged; the transaction's name is part of the snapshot
//   commit       at the notice that the checkpoint is complete, for it and every older one; asked for until the log's
//                answer is known
//   restore      the transactions of the snapshot are committed (again); every other transaction that an earlier
//                attempt left open is aborted, before the subtask runs
//
// Who does that, whatever the parallelism was and is: what subtask i once made belongs to subtask i mod parallelism. The
// transactions of a snapshot are union state, so that their owner sees them wherever they lay, and so that nobody aborts
// what is pending for somebody else. What an attempt of the same or a later number made is never aborted: whoever aborts
// may be the one that was replaced.
//
// Nothing commits anywhere else: not in Close, not in a destructor. A commit that the log refuses (the transaction
// expired) fails the task. Without checkpointing the sink appends plainly, as nothing would ever commit.
//
// Names: <job>/<operator id>/<subtask>/<attempt>/<number>, so unique for ever.
#ifndef WEIR_RUNTIME_OPERATORS_TRANSACTIONAL_SINK_H_
#define WEIR_RUNTIME_OPERATORS_TRANSACTIONAL_SINK_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/operators/log_sink.h"

namespace weir {

class TransactionalSinkOperator : public LogSinkOperator {
 public:
  using LogSinkOperator::LogSinkOperator;

  absl::Status InitializeState() override;
  absl::Status SnapshotState(CheckpointId checkpoint) override;
  void NotifyCheckpointComplete(CheckpointId checkpoint) override;
  void AppendWaits(std::vector<Wait>* waits) const override;

 protected:
  void OnTopicKnown() override;
  void OnBatchBegun(Batch& batch) override;
  void OnRecord() override;
  bool OnFlushed(CheckpointId checkpoint) override;

 private:
  using Handle =
      std::pair<CheckpointId, std::string>;  // the checkpoint it was pre-committed for, and its name
  bool is_transactional() const { return context().options.is_checkpointed; }
  // "<job>/<operator id>/": of every transaction of this sink.
  std::string SinkPrefix() const;
  // Whether this subtask follows the one that once had this index.
  bool IsOwn(uint32_t maker) const;
  // Whether this subtask is to abort what is open under that name.
  bool IsLeftOver(absl::string_view transaction) const;
  void FinishRestore();
  void ListLeftOver();
  void AbortLeftOver(const std::string& transaction);
  void Recover(const Handle& handle);
  // Asks until the answer is known, then calls `then`.
  void Commit(const Handle& handle, std::function<void()> then);
  void OnCommitted(const Handle& handle, const std::function<void()>& then, const absl::Status& status);

  OperatorStateBackend::Elements* state_ = nullptr;
  std::set<std::string> restored_;  // names that the snapshot calls pending, of any owner
  std::map<Handle, bool> pending_;  // own, pre-committed; true: the commit was asked for
  std::map<Handle, std::vector<CheckpointId>> waiting_;  // whose notices wait for this commit
  std::string current_transaction_;                      // "": none has begun since the last barrier
  uint64_t next_sequence_ = 0;
  uint64_t begun_ = 0;
  uint32_t restoring_ = 0;  // answers missing before the sink may run
};

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_TRANSACTIONAL_SINK_H_
