#include "runtime/operators/log_sink.h"

#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/status.h"

namespace weir {
namespace {

// More unanswered batches than this stop the input: a slow log pushes back.
constexpr size_t kInFlightMax = 4;

}  // namespace

LogSinkOperator::LogSinkOperator(std::string topic, const TypeSerializer& type)
    : topic_(std::move(topic)), type_(type) {}

absl::Status LogSinkOperator::Open() {
  task().Hold(HoldKind::kOpen, CheckpointId());
  AskForPartitions();
  return absl::OkStatus();
}

void LogSinkOperator::AskForPartitions() {
  context().env->log.Partitions(context().actor, topic_, [this](absl::StatusOr<uint32_t> partitions) {
    if (task().is_stopped()) return;
    if (partitions.ok()) {
      partition_ = context().subtask.index % *partitions;
      is_topic_known_ = true;
      OnTopicKnown();
    } else if (absl::IsUnavailable(partitions.status())) {
      task().After(context().options.retry_delay, [this] { AskForPartitions(); });
    } else {
      task().Fail(
          WithContext(partitions.status(), absl::StrCat(DescribeOperator(context()), ": topic ", topic_)));
    }
    task().Resume();
  });
}

void LogSinkOperator::ProcessElement(uint32_t, const void* value, const RecordMeta& meta) {
  Begin(meta);
  if (context().sink_witness != nullptr) context().sink_witness->Add(0, meta.identity);
  if (gathered_.size() == 0) OnBatchBegun(batch_);
  if (!type_.Serialize(value, gathered_.Begin())) return FailRecord(UnwritableError());
  gathered_.End(meta.identity);
  if (gathered_.size() >= context().options.sink_batch_records) {
    OnBatchFull();
  } else {
    OnRecord();
  }
}

void LogSinkOperator::SendBatch() {
  if (gathered_.size() == 0) return;
  batch_.records = gathered_.Take();
  const uint64_t number = ++last_number_;
  in_flight_[number] = std::exchange(batch_, Batch());
  if (in_flight_.size() >= kInFlightMax && !is_blocking_) {
    is_blocking_ = true;
    task().Block();
  }
  Append(number);
}

void LogSinkOperator::Append(uint64_t number) {
  const Batch& batch = in_flight_.at(number);
  Log::Done done = [this, number](const absl::Status& status) {
    if (task().is_stopped()) return;
    OnAppended(number, status);
    task().Resume();
  };
  Log& log = context().env->log;
  if (batch.transaction.empty()) {
    log.Append(context().actor, topic_, partition_, batch.records, std::move(done));
  } else {
    log.AppendInTransaction(context().actor, batch.transaction, batch.sequence, topic_, partition_,
                            batch.records, std::move(done));
  }
}

void LogSinkOperator::OnAppended(uint64_t number, const absl::Status& status) {
  if (absl::IsUnavailable(status)) {
    task().After(context().options.retry_delay, [this, number] { Append(number); });
    return;
  }
  if (!status.ok()) {
    task().Fail(WithContext(status, absl::StrCat(DescribeOperator(context()), ": append to topic ", topic_)));
    return;
  }
  in_flight_.erase(number);
  if (is_blocking_ && in_flight_.size() < kInFlightMax) {
    is_blocking_ = false;
    task().Unblock();
  }
  ReleaseFlushed();
}

void LogSinkOperator::FlushFor(CheckpointId checkpoint) {
  SendBatch();
  flushing_[checkpoint] = last_number_;
  task().Hold(HoldKind::kSnapshot, checkpoint);
  ReleaseFlushed();
}

bool LogSinkOperator::ReleaseFlushed() {
  while (!flushing_.empty()) {
    const auto [checkpoint, last] = *flushing_.begin();
    if (!in_flight_.empty() && in_flight_.begin()->first <= last) return true;
    flushing_.erase(flushing_.begin());
    if (!OnFlushed(checkpoint)) return false;
    task().Release(HoldKind::kSnapshot, checkpoint, absl::OkStatus());
  }
  return true;
}

void LogSinkOperator::AppendWaits(std::vector<Wait>* waits) const {
  if (!is_topic_known_) {
    waits->push_back(
        {context().task_name, absl::StrCat("the number of partitions of topic ", topic_), "the log"});
  }
  if (!in_flight_.empty()) {
    waits->push_back(
        {context().task_name,
         absl::StrCat("the acknowledgement of ", in_flight_.size(), " appends to topic ", topic_),
         "the log"});
  }
}

void PlainSinkOperator::OnTopicKnown() { task().Release(HoldKind::kOpen, CheckpointId(), absl::OkStatus()); }

void PlainSinkOperator::OnRecord() {
  if (context().options.buffer_timeout == Duration()) return SendBatch();
  if (has_timer_) return;
  has_timer_ = true;
  task().After(context().options.buffer_timeout, [this] {
    has_timer_ = false;
    SendBatch();
  });
}

absl::Status PlainSinkOperator::SnapshotState(CheckpointId checkpoint) {
  FlushFor(checkpoint);
  return absl::OkStatus();
}

}  // namespace weir
