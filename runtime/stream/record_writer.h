// Licensed under the Apache License, Version 2.0.
//
// The producing side of one edge in one subtask: picks the channel of each record, serialises into it, and tells the
// ledger. A record that goes to several channels (broadcast) counts once: it is due to each of them.
#ifndef WEIR_RUNTIME_STREAM_RECORD_WRITER_H_
#define WEIR_RUNTIME_STREAM_RECORD_WRITER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "runtime/stream/output_channel.h"
#include "runtime/stream/partitioner.h"
#include "runtime/stream/witness_accumulator.h"

namespace weir {

// One edge as its producer sees it.
struct EdgeOutput {
  uint32_t edge = 0;
  Partitioner partitioner = Partitioner::kForward;
  const TypeSerializer* serializer = nullptr;
  std::function<int32_t(const void* record)> key_hash;  // kHash
  uint32_t consumers = 1;                               // parallelism of the consumer
  uint32_t consumer_max_parallelism = 128;              // kHash
  std::string side_output;                              // the tag of what it carries; "": the main output
};

class RecordWriter {
 public:
  // `line` and `witness` outlive it. Channels are numbered from `first_channel` on. `flush_always`: nothing waits for
  // a buffer to fill.
  RecordWriter(EdgeOutput edge, OutputLine& line, WitnessAccumulator& witness, uint32_t first_channel,
               bool flush_always);

  // kInvalidArgument if the value cannot be serialised; kFailedPrecondition if the key selector threw.
  absl::Status Emit(const void* value, const RecordMeta& meta);
  void EmitWatermark(EventTime watermark);
  void EmitIdle(bool is_idle);
  // Flushes every channel and puts the message behind.
  void EmitCheckpointMessage(DataMessage kind, CheckpointId checkpoint);
  void Flush();

  uint32_t edge() const { return edge_.edge; }
  const std::string& side_output() const { return edge_.side_output; }
  const TypeSerializer& serializer() const { return *edge_.serializer; }
  std::vector<OutputChannel>& channels() { return channels_; }
  const std::vector<OutputChannel>& channels() const { return channels_; }
  // The channel that feeds the consumer's subtask `consumer`, or nullptr: this subtask has none to it.
  OutputChannel* ChannelTo(uint32_t consumer);
  // The inverse.
  uint32_t ConsumerOf(size_t channel) const;

 private:
  absl::Status EmitTo(OutputChannel& channel, const void* value, const RecordMeta& meta);
  void EmitElement(absl::string_view element);

  EdgeOutput edge_;
  OutputLine& line_;
  WitnessAccumulator& witness_;
  const uint32_t emitted_row_;
  const bool flush_always_;
  std::vector<OutputChannel> channels_;
  std::vector<uint16_t> channel_of_key_group_;  // kHash
  uint32_t next_ = 0;                           // kRebalance
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STREAM_RECORD_WRITER_H_
