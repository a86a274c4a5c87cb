// Licensed under the Apache License, Version 2.0.
//
// Writes a topic of the log: subtask i into partition i % partitions. What transactional and plain sinks share: records
// are gathered into batches, appended, and appended again after a failure until the log has answered.
//
// Invariants:
//  1. Batches are numbered from 1 in the order in which they were filled; in_flight_ holds those that are not
//     acknowledged yet.
//  2. A checkpoint's hold is released when every batch filled before its barrier is acknowledged.
#ifndef WEIR_RUNTIME_OPERATORS_LOG_SINK_H_
#define WEIR_RUNTIME_OPERATORS_LOG_SINK_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/operators/stream_operator.h"

namespace weir {

class LogSinkOperator : public StreamOperator {
 public:
  LogSinkOperator(std::string topic, const TypeSerializer& type);

  absl::Status Open() override;
  void ProcessElement(uint32_t input, const void* value, const RecordMeta& meta) override;
  void AppendWaits(std::vector<Wait>* waits) const override;

 protected:
  struct Batch {
    std::string transaction;  // "": append plainly
    uint64_t sequence = 0;    // within the transaction
    LogRecords records;       // none as long as it is being filled
  };

  // The number of partitions is known. Release the hold (kOpen) when the sink may run.
  virtual void OnTopicKnown() = 0;
  // A batch begins with its first record.
  virtual void OnBatchBegun(Batch&) {}
  // A batch is full enough; the default sends it.
  virtual void OnBatchFull() { SendBatch(); }
  virtual void OnRecord() {}
  // Every batch up to `checkpoint`'s barrier is acknowledged. False: the task has stopped.
  virtual bool OnFlushed(CheckpointId checkpoint) = 0;

  const std::string& topic() const { return topic_; }
  // How many records were gathered for the next batch.
  size_t gathered() const { return gathered_.size(); }
  // Sends what was gathered, if anything.
  void SendBatch();
  // Sends, and holds the checkpoint until all is acknowledged; OnFlushed may come at once.
  void FlushFor(CheckpointId checkpoint);

 private:
  void AskForPartitions();
  void Append(uint64_t number);
  void OnAppended(uint64_t number, const absl::Status& status);
  bool ReleaseFlushed();

  const std::string topic_;
  const TypeSerializer& type_;
  uint32_t partition_ = 0;
  bool is_topic_known_ = false;
  Batch batch_;                // being filled, with what is
  LogRecordsWriter gathered_;  // here
  uint64_t last_number_ = 0;
  std::map<uint64_t, Batch> in_flight_;
  std::map<CheckpointId, uint64_t> flushing_;  // the last batch before the checkpoint's barrier
  bool is_blocking_ = false;
};

// Appends at once, visible at once. At least once: everything that came before a barrier is in the log before the
// checkpoint is acknowledged; what came after it is written again after a recovery.
class PlainSinkOperator : public LogSinkOperator {
 public:
  using LogSinkOperator::LogSinkOperator;
  absl::Status SnapshotState(CheckpointId checkpoint) override;

 protected:
  void OnTopicKnown() override;
  void OnRecord() override;
  bool OnFlushed(CheckpointId) override { return true; }

 private:
  bool has_timer_ = false;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_LOG_SINK_H_
