#include "runtime/operators/transactional_sink.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "runtime/base/status.h"
#include "runtime/state/operator_list.h"
#include "runtime/types/bytes.h"

namespace weir {
namespace {

constexpr absl::string_view kStateName = "sink-transactions";
constexpr uint8_t kStateVersion = 1;

// Which execution made a transaction: the end of its name, "<subtask>/<attempt>/<number>".
struct Maker {
  uint32_t subtask = 0;
  uint32_t attempt = 0;
};

std::optional<Maker> MakerOf(absl::string_view name, absl::string_view sink_prefix) {
  if (!absl::ConsumePrefix(&name, sink_prefix)) return std::nullopt;
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  Maker maker;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &maker.subtask) ||
      !absl::SimpleAtoi(parts[1], &maker.attempt)) {
    return std::nullopt;
  }
  return maker;
}

}  // namespace

// One element a pending transaction: u8 version, u64 checkpoint, u32 length, name.
absl::Status TransactionalSinkOperator::InitializeState() {
  WEIR_ASSIGN_OR_RETURN(state_, context().operator_state->RegisterList(kStateName, OperatorStateMode::kUnion,
                                                                       TypeOf<Bytes>::Serializer()));
  WEIR_ASSIGN_OR_RETURN(const std::vector<Bytes> restored, OperatorList<Bytes>(state_).Get());
  for (const Bytes& element : restored) {
    ByteReader reader(element.value);
    if (reader.U8() != kStateVersion) reader.Invalidate("unknown version of", kStateName);
    const CheckpointId checkpoint(reader.U64());
    const std::string transaction(reader.Bytes());
    WEIR_RETURN_IF_ERROR(reader.Finish());
    const std::optional<Maker> maker = MakerOf(transaction, SinkPrefix());
    if (!maker)
      return absl::DataLossError(absl::StrCat("'", transaction, "' names no transaction of this sink"));
    restored_.insert(transaction);
    if (IsOwn(maker->subtask)) pending_[{checkpoint, transaction}] = false;
  }
  return absl::OkStatus();
}

std::string TransactionalSinkOperator::SinkPrefix() const {
  return absl::StrCat(context().job_id, "/", context().id.ToHex(), "/");
}

bool TransactionalSinkOperator::IsOwn(uint32_t maker) const {
  return maker % context().parallelism == context().subtask.index;
}

bool TransactionalSinkOperator::IsLeftOver(absl::string_view transaction) const {
  if (restored_.count(std::string(transaction)) != 0) return false;
  const std::optional<Maker> maker = MakerOf(transaction, SinkPrefix());
  return maker && IsOwn(maker->subtask) && maker->attempt < context().attempt.value;
}

// --- Restore: commit what the snapshot names, abort what else is left of those whom this subtask follows.

void TransactionalSinkOperator::OnTopicKnown() {
  restoring_ = 1;
  std::vector<Handle> handles;
  for (const auto& [handle, is_committing] : pending_) handles.push_back(handle);
  for (const Handle& handle : handles) Recover(handle);
  if (task().is_stopped()) return;
  if (is_transactional()) {
    ListLeftOver();
  } else {
    FinishRestore();
  }
}

void TransactionalSinkOperator::FinishRestore() {
  if (--restoring_ == 0) task().Release(HoldKind::kOpen, CheckpointId(), absl::OkStatus());
}

void TransactionalSinkOperator::Recover(const Handle& handle) {
  const OperatorContext& c = context();
  if (!task().Reach(events::TransactionRecovered(StableHash64(handle.second), c.subtask.vertex.value,
                                                 c.subtask.index, c.attempt.value))) {
    return;
  }
  ++restoring_;
  Commit(handle, [this] { FinishRestore(); });
}

void TransactionalSinkOperator::ListLeftOver() {
  context().env->log.OpenTransactions(
      context().actor, SinkPrefix(), [this](absl::StatusOr<std::vector<std::string>> names) {
        if (task().is_stopped()) return;
        if (names.ok()) {
          for (const std::string& name : *names) {
            if (!IsLeftOver(name)) continue;
            ++restoring_;
            AbortLeftOver(name);
          }
          FinishRestore();
        } else if (absl::IsUnavailable(names.status())) {
          task().After(context().options.retry_delay, [this] { ListLeftOver(); });
        } else {
          task().Fail(WithContext(names.status(), DescribeOperator(context())));
        }
        task().Resume();
      });
}

void TransactionalSinkOperator::AbortLeftOver(const std::string& transaction) {
  context().env->log.Abort(context().actor, transaction, [this, transaction](const absl::Status& status) {
    if (task().is_stopped()) return;
    if (absl::IsUnavailable(status)) {
      task().After(context().options.retry_delay, [this, transaction] { AbortLeftOver(transaction); });
    } else {
      // Committed meanwhile by an earlier attempt that is not dead yet: then it was that attempt's to commit.
      FinishRestore();
    }
    task().Resume();
  });
}

// --- Records.

void TransactionalSinkOperator::OnBatchBegun(Batch& batch) {
  if (!is_transactional()) return;
  const OperatorContext& c = context();
  if (current_transaction_.empty()) {
    current_transaction_ = absl::StrCat(SinkPrefix(), c.subtask.index, "/", c.attempt.value, "/", ++begun_);
    next_sequence_ = 0;
    c.env->tracer.Note(events::TransactionBegun(StableHash64(current_transaction_), c.subtask.vertex.value,
                                                c.subtask.index, c.attempt.value));
  }
  batch.transaction = current_transaction_;
  batch.sequence = next_sequence_++;
}

void TransactionalSinkOperator::OnRecord() {
  if (!is_transactional() && context().options.buffer_timeout == Duration()) SendBatch();
  if (is_transactional() || gathered() != 1) return;
  task().After(context().options.buffer_timeout, [this] { SendBatch(); });
}

// --- Two phases.

absl::Status TransactionalSinkOperator::SnapshotState(CheckpointId checkpoint) {
  if (!current_transaction_.empty()) {
    pending_[{checkpoint, std::exchange(current_transaction_, std::string())}] = false;
  }
  FlushFor(checkpoint);
  OperatorList<Bytes> list(state_);
  list.Clear();
  for (const auto& [handle, is_committing] : pending_) {
    ByteWriter element;
    element.U8(kStateVersion);
    element.U64(handle.first.value);
    element.Bytes(handle.second);
    WEIR_RETURN_IF_ERROR(list.Add(Bytes{element.Take()}));
  }
  return absl::OkStatus();
}

bool TransactionalSinkOperator::OnFlushed(CheckpointId checkpoint) {
  const OperatorContext& c = context();
  for (const auto& [handle, is_committing] : pending_) {
    if (handle.first != checkpoint) continue;
    if (!task().Reach(events::TransactionPreCommitted(checkpoint.value, StableHash64(handle.second),
                                                      c.subtask.vertex.value, c.subtask.index,
                                                      c.attempt.value))) {
      return false;
    }
  }
  return true;
}

// The notice is handled when every transaction up to its checkpoint is committed, also one whose commit an older notice
// asked for: with concurrent checkpoints two notices come close together.
void TransactionalSinkOperator::NotifyCheckpointComplete(CheckpointId checkpoint) {
  std::vector<Handle> due;
  for (const auto& [handle, is_committing] : pending_) {
    if (handle.first > checkpoint) continue;
    task().Hold(HoldKind::kNotice, checkpoint);
    waiting_[handle].push_back(checkpoint);
    if (!is_committing) due.push_back(handle);
  }
  for (const Handle& handle : due) {
    Commit(handle, [this, handle] {
      const auto answered = waiting_.extract(handle);
      for (const CheckpointId waiting : answered.mapped()) {
        task().Release(HoldKind::kNotice, waiting, absl::OkStatus());
      }
    });
    if (task().is_stopped()) return;
  }
}

void TransactionalSinkOperator::Commit(const Handle& handle, std::function<void()> then) {
  pending_[handle] = true;
  const OperatorContext& c = context();
  if (!task().Reach(events::TransactionCommitting(handle.first.value, StableHash64(handle.second),
                                                  c.subtask.vertex.value, c.subtask.index,
                                                  c.attempt.value))) {
    return;
  }
  c.env->log.Commit(c.actor, handle.second,
                    [this, handle, then = std::move(then)](const absl::Status& status) {
                      if (task().is_stopped()) return;
                      OnCommitted(handle, then, status);
                      task().Resume();
                    });
}

void TransactionalSinkOperator::OnCommitted(const Handle& handle, const std::function<void()>& then,
                                            const absl::Status& status) {
  const OperatorContext& c = context();
  if (absl::IsUnavailable(status)) {
    task().After(c.options.retry_delay, [this, handle, then] { Commit(handle, then); });
    return;
  }
  if (!status.ok()) {
    task().Fail(WithContext(status, absl::StrCat(DescribeOperator(c), ": commit of ", handle.second)));
    return;
  }
  if (!task().Reach(events::TransactionCommitted(handle.first.value, StableHash64(handle.second),
                                                 c.subtask.vertex.value, c.subtask.index, c.attempt.value))) {
    return;
  }
  pending_.erase(handle);
  then();
}

void TransactionalSinkOperator::AppendWaits(std::vector<Wait>* waits) const {
  LogSinkOperator::AppendWaits(waits);
  for (const auto& [handle, is_committing] : pending_) {
    if (!is_committing) continue;
    waits->push_back({context().task_name,
                      absl::StrCat("the commit of checkpoint ", handle.first.value, "'s transaction"),
                      "the log"});
  }
}

}  // namespace weir
