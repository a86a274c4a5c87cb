#include "runtime/operators/log_source.h"

#include <algorithm>
#include <utility>

#include "runtime/base/status.h"
#include "runtime/format/split_offsets.h"
#include "runtime/state/operator_list.h"
#include "runtime/types/bytes.h"

namespace weir {

LogSourceOperator::LogSourceOperator(std::string topic, Format format, const TypeSerializer& type)
    : topic_(std::move(topic)), format_(format), value_(type) {}

absl::Status LogSourceOperator::InitializeState() {
  WEIR_ASSIGN_OR_RETURN(offsets_, context().operator_state->RegisterList(kSplitOffsetsState, OffsetsMode(),
                                                                         TypeOf<Bytes>::Serializer()));
  WEIR_ASSIGN_OR_RETURN(const std::vector<Bytes> restored, OperatorList<Bytes>(offsets_).Get());
  for (const Bytes& element : restored) {
    WEIR_ASSIGN_OR_RETURN(const SplitOffset offset, DecodeSplitOffset(element.value));
    if (!TakesRestored(offset.split)) continue;
    Split split;
    split.number = offset.split;
    split.offset = split.fetch_offset = offset.offset;
    splits_.push_back(std::move(split));
  }
  return absl::OkStatus();
}

absl::Status LogSourceOperator::Open() {
  task().Hold(HoldKind::kOpen, CheckpointId());
  AskForPartitions();
  return absl::OkStatus();
}

void LogSourceOperator::AskForPartitions() {
  context().env->log.Partitions(context().actor, topic_, [this](absl::StatusOr<uint32_t> partitions) {
    if (task().is_stopped()) return;
    if (partitions.ok()) {
      BeginSplits(*partitions);
      task().Release(HoldKind::kOpen, CheckpointId(), absl::OkStatus());
    } else if (absl::IsUnavailable(partitions.status())) {
      task().After(context().options.retry_delay, [this] { AskForPartitions(); });
    } else {
      task().Fail(
          WithContext(partitions.status(), absl::StrCat(DescribeOperator(context()), ": topic ", topic_)));
    }
    task().Resume();
  });
}

bool LogSourceOperator::TakesRestored(uint32_t) const { return true; }

bool LogSourceOperator::TakesNew(uint32_t split) const {
  return !context().is_restored && split % context().parallelism == context().subtask.index;
}

bool LogSourceOperator::Has(uint32_t split) const {
  return std::any_of(splits_.begin(), splits_.end(), [split](const Split& s) { return s.number == split; });
}

void LogSourceOperator::BeginSplits(uint32_t partitions) {
  const OperatorContext& c = context();
  size_t begun = is_open_ ? splits_.size() : 0;
  for (uint32_t split = 0; split < partitions; ++split) {
    if (Has(split) || !TakesNew(split)) continue;
    splits_.emplace_back();
    splits_.back().number = split;
  }
  is_open_ = true;
  for (; begun < splits_.size(); ++begun) {
    const Split& split = splits_[begun];
    if (c.is_restored) {
      c.env->tracer.Note(events::SplitRewound(split.number, split.offset, c.subtask.vertex.value,
                                              c.subtask.index, c.attempt.value));
    }
    Fetch(begun);
  }
  UpdateIdle();
  if (DiscoversPartitions()) task().After(c.options.discovery_interval, [this] { Discover(); });
}

void LogSourceOperator::Discover() {
  context().env->log.Partitions(context().actor, topic_, [this](absl::StatusOr<uint32_t> partitions) {
    if (task().is_stopped()) return;
    if (partitions.ok()) {
      BeginSplits(*partitions);
    } else if (absl::IsUnavailable(partitions.status())) {
      task().After(context().options.retry_delay, [this] { Discover(); });
    } else {
      task().Fail(
          WithContext(partitions.status(), absl::StrCat(DescribeOperator(context()), ": topic ", topic_)));
    }
    task().Resume();
  });
}

void LogSourceOperator::Fetch(size_t index) {
  Split& split = splits_[index];
  if (split.is_fetching || split.is_resting || split.has_end || !split.behind.empty()) return;
  split.is_fetching = true;
  context().env->log.Fetch(context().actor, topic_, split.number, split.fetch_offset,
                           context().options.fetch_records, [this, index](absl::StatusOr<LogBatch> fetched) {
                             if (task().is_stopped()) return;
                             OnFetched(index, std::move(fetched));
                             task().Resume();
                           });
}

void LogSourceOperator::OnFetched(size_t index, absl::StatusOr<LogBatch> fetched) {
  Split& split = splits_[index];
  split.is_fetching = false;
  if (!fetched.ok() && !absl::IsUnavailable(fetched.status())) {
    task().Fail(
        WithContext(fetched.status(), absl::StrCat(DescribeOperator(context()), ": topic ", topic_, " split ",
                                                   split.number, " offset ", split.fetch_offset)));
    return;
  }
  if (!fetched.ok()) {
    Rest(index, context().options.retry_delay);
    return;
  }
  // Less than was asked for: there is no more yet. Asking at once would fetch record by record.
  const bool is_caught_up = fetched->records.size() < context().options.fetch_records;
  split.fetch_offset = fetched->next_offset;
  split.has_end = fetched->at_end;
  split.behind = std::move(fetched->records);
  if (is_caught_up && !split.has_end) Rest(index, context().options.source_poll_interval);
  if (HasNext(split)) Fetch(index);
  UpdateIdle();
}

void LogSourceOperator::Rest(size_t index, Duration delay) {
  splits_[index].is_resting = true;
  task().After(delay, [this, index] {
    splits_[index].is_resting = false;
    Fetch(index);
  });
}

bool LogSourceOperator::HasNext(Split& split) {
  if (split.left > 0) return true;
  split.batch = std::exchange(split.behind, LogRecords());
  split.next = split.batch.begin();
  split.left = split.batch.size();
  if (split.left > 0) return true;
  if (split.has_end && !split.is_at_end) {
    split.is_at_end = true;
    const OperatorContext& c = context();
    c.env->tracer.Note(
        events::SplitAtEnd(split.number, c.subtask.vertex.value, c.subtask.index, c.attempt.value));
  }
  return false;
}

bool LogSourceOperator::EmitNext(Split& split) {
  const OperatorContext& c = context();
  const LogRecord record = *split.next;
  c.env->executor.Charge(c.options.record_cost);
  if (!task().Reach(events::RecordEmitted(split.number, split.offset, c.subtask.vertex.value, c.subtask.index,
                                          c.attempt.value))) {
    return false;
  }
  RecordMeta meta;
  if (c.options.ledger != LedgerMode::kOff) {
    meta.identity = SourceIdentityOf(uid_hash(), split.number, split.offset);
    c.witness->AddAt(WitnessRole::kSource, kNoEdge, split.number, meta.identity);
  }
  Begin(meta);
  const void* value = &text_;
  if (format_ == Format::kText) {
    text_.assign(record.value.data(), record.value.size());
  } else {
    ByteReader reader(record.value);
    value_.type().Deserialize(reader, value_.get());
    if (absl::Status status = reader.Finish(); !status.ok()) {
      FailRecord(WithContext(
          status, absl::StrCat("topic ", topic_, " split ", split.number, " offset ", split.offset)));
      return false;
    }
    value = value_.get();
  }
  ++split.next;
  --split.left;
  ++split.offset;
  Forward(value, meta);
  return true;
}

uint32_t LogSourceOperator::EmitRecords(uint32_t limit) {
  uint32_t emitted = 0;
  size_t dry = 0;  // splits in a row without a record
  while (emitted < limit && dry < splits_.size()) {
    Split& split = splits_[next_];
    if (!HasNext(split)) {
      Fetch(next_);
      next_ = (next_ + 1) % splits_.size();
      ++dry;
      continue;
    }
    dry = 0;
    if (task().is_blocked() || task().is_stopped() || !EmitNext(split)) break;
    ++emitted;
    // Another split's turn after each batch, so that splits advance together.
    if (!HasNext(split) || split.left == split.batch.size()) {
      Fetch(next_);
      next_ = (next_ + 1) % splits_.size();
    }
  }
  UpdateIdle();
  return emitted;
}

void LogSourceOperator::UpdateIdle() {
  if (!is_open_) return;
  const bool is_idle =
      std::all_of(splits_.begin(), splits_.end(), [](const Split& s) { return s.is_at_end; });
  if (is_idle != is_idle_) EmitIdle(is_idle_ = is_idle);
}

absl::Status LogSourceOperator::SnapshotState(CheckpointId) {
  OperatorList<Bytes> list(offsets_);
  list.Clear();
  for (const Split& split : splits_) {
    WEIR_RETURN_IF_ERROR(list.Add(Bytes{EncodeSplitOffset({split.number, split.offset})}));
  }
  return absl::OkStatus();
}

void LogSourceOperator::AppendWaits(std::vector<Wait>* waits) const {
  if (!is_open_) {
    waits->push_back(
        {context().task_name, absl::StrCat("the number of splits of topic ", topic_), "the log"});
  }
  for (const Split& split : splits_) {
    if (!(split.is_fetching || split.is_resting) || split.left > 0) continue;
    waits->push_back(
        {context().task_name, absl::StrCat("records of topic ", topic_, " split ", split.number), "the log"});
  }
}

}  // namespace weir
