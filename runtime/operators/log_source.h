// Licensed under the Apache License, Version 2.0.
//
// Reads a topic of the log. Its splits are the topic's partitions; subtask i of n reads those with split % n == i, or,
// after a restore, those whose offsets it was given. Offsets are operator state, one element a split
// (format/split_offsets.h); record and offset move together, since nothing runs between them. At the end of its splits
// a source stays alive, idle.
#ifndef WEIR_RUNTIME_OPERATORS_LOG_SOURCE_H_
#define WEIR_RUNTIME_OPERATORS_LOG_SOURCE_H_

#include <deque>
#include <string>
#include <vector>

#include "runtime/operators/stream_operator.h"

namespace weir {

class LogSourceOperator : public SourceOperator {
 public:
  enum class Format : uint8_t {
    kSerialized,  // a record's value is what `type` writes
    kText,        // a record's value is a line of text, a std::string
  };
  LogSourceOperator(std::string topic, Format format, const TypeSerializer& type);

  absl::Status InitializeState() override;
  absl::Status Open() override;
  uint32_t EmitRecords(uint32_t limit) override;
  absl::Status SnapshotState(CheckpointId checkpoint) override;
  void AppendWaits(std::vector<Wait>* waits) const override;

 protected:
  // What happens to the offsets after a rescale.
  virtual OperatorStateMode OffsetsMode() const { return OperatorStateMode::kSplitDistribute; }
  // Whether this subtask reads a split whose offset was restored, or one that no offset is known of.
  virtual bool TakesRestored(uint32_t split) const;
  virtual bool TakesNew(uint32_t split) const;
  // New partitions may come: the log is asked again and again.
  virtual bool DiscoversPartitions() const { return false; }
  const std::string& topic() const { return topic_; }

 private:
  struct Split {
    uint32_t number = 0;
    uint64_t offset = 0;  // of the next record to emit
    LogRecords batch;     // fetched
    LogRecords::Iterator next;
    size_t left = 0;    // from `next` on
    LogRecords behind;  // the batch after that
    uint64_t fetch_offset = 0;
    bool is_fetching = false;
    bool is_resting = false;  // until it asks again
    bool has_end = false;     // fetch_offset is the end
    bool is_at_end = false;
  };

  void AskForPartitions();
  // Begins every split below `partitions` that is this subtask's and not begun yet.
  void BeginSplits(uint32_t partitions);
  void Discover();
  bool Has(uint32_t split) const;
  void Fetch(size_t index);
  void OnFetched(size_t index, absl::StatusOr<LogBatch> fetched);
  // Asks no more before `delay` has passed.
  void Rest(size_t index, Duration delay);
  // Makes `batch` hold something to emit, if there is anything.
  bool HasNext(Split& split);
  bool EmitNext(Split& split);
  void UpdateIdle();

  const std::string topic_;
  const Format format_;
  ErasedValue value_;  // the record, of one format
  std::string text_;   // or the other
  OperatorStateBackend::Elements* offsets_ = nullptr;
  std::deque<Split> splits_;  // which stay where they are when there are more: `next` points into them
  size_t next_ = 0;           // whose turn it is
  bool is_open_ = false;
  bool is_idle_ = false;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_LOG_SOURCE_H_
