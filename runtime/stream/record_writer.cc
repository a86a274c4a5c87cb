#include "runtime/stream/record_writer.h"

#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/base/user_code.h"
#include "runtime/types/key_hash.h"

namespace weir {

RecordWriter::RecordWriter(EdgeOutput edge, OutputLine& line, WitnessAccumulator& witness,
                           uint32_t first_channel, bool flush_always)
    : edge_(std::move(edge)),
      line_(line),
      witness_(witness),
      emitted_row_(witness.AddRow(WitnessRole::kEmitted, edge_.edge)),
      flush_always_(flush_always),
      next_(line.subtask.index % edge_.consumers) {
  const uint32_t count = edge_.partitioner == Partitioner::kForward ? 1 : edge_.consumers;
  for (uint32_t i = 0; i < count; ++i) channels_.emplace_back(line, first_channel + i);
  if (edge_.partitioner == Partitioner::kHash) {
    WEIR_CHECK(edge_.key_hash != nullptr, "edge ", edge_.edge, " has no key");
    const uint32_t groups = edge_.consumer_max_parallelism;
    for (uint32_t group = 0; group < groups; ++group) {
      channel_of_key_group_.push_back(
          static_cast<uint16_t>(SubtaskFor(KeyGroup(static_cast<uint16_t>(group)), groups, edge_.consumers)));
    }
  }
}

OutputChannel* RecordWriter::ChannelTo(uint32_t consumer) {
  if (edge_.partitioner == Partitioner::kForward) {
    return consumer == line_.subtask.index ? &channels_[0] : nullptr;
  }
  return consumer < channels_.size() ? &channels_[consumer] : nullptr;
}

uint32_t RecordWriter::ConsumerOf(size_t channel) const {
  return edge_.partitioner == Partitioner::kForward ? line_.subtask.index : static_cast<uint32_t>(channel);
}

absl::Status RecordWriter::Emit(const void* value, const RecordMeta& meta) {
  absl::Status status;
  switch (edge_.partitioner) {
    case Partitioner::kForward:
      status = EmitTo(channels_[0], value, meta);
      break;
    case Partitioner::kHash: {
      int32_t hash = 0;
      status = CallUserCode([&] {
        hash = edge_.key_hash(value);
        return absl::OkStatus();
      });
      if (__builtin_expect(!status.ok(), 0)) {
        status = WithContext(status, "key selector");
        break;
      }
      const KeyGroup group = KeyGroupFor(hash, edge_.consumer_max_parallelism);
      status = EmitTo(channels_[channel_of_key_group_[group.value]], value, meta);
      break;
    }
    case Partitioner::kRebalance: {
      OutputChannel& channel = channels_[next_];
      next_ = next_ + 1 == channels_.size() ? 0 : next_ + 1;
      status = EmitTo(channel, value, meta);
      break;
    }
    case Partitioner::kBroadcast:
      for (OutputChannel& channel : channels_) {
        status = EmitTo(channel, value, meta);
        if (!status.ok()) break;
      }
      break;
  }
  if (__builtin_expect(status.ok(), 1)) witness_.Add(emitted_row_, meta.identity);
  return status;
}

absl::Status RecordWriter::EmitTo(OutputChannel& channel, const void* value, const RecordMeta& meta) {
  if (!channel.WriteRecord(*edge_.serializer, value, meta)) return UnwritableError();
  if (flush_always_) channel.Flush();
  return absl::OkStatus();
}

void RecordWriter::EmitElement(absl::string_view element) {
  for (OutputChannel& channel : channels_) {
    channel.WriteElement(element, nullptr);
    if (flush_always_) channel.Flush();
  }
}

void RecordWriter::EmitWatermark(EventTime watermark) {
  ByteWriter element;
  element.U32(0);
  element.U8(static_cast<uint8_t>(ElementTag::kWatermark));
  element.I64(watermark.millis);
  EmitElement(element.bytes());
}

void RecordWriter::EmitIdle(bool is_idle) {
  ByteWriter element;
  element.U32(0);
  element.U8(static_cast<uint8_t>(ElementTag::kStatus));
  element.I32(is_idle ? -1 : 0);
  EmitElement(element.bytes());
}

void RecordWriter::EmitCheckpointMessage(DataMessage kind, CheckpointId checkpoint) {
  for (OutputChannel& channel : channels_) channel.WriteEvent(EncodeCheckpointMessage(kind, checkpoint));
}

void RecordWriter::Flush() {
  for (OutputChannel& channel : channels_) channel.Flush();
}

}  // namespace weir
