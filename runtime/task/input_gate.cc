#include "runtime/task/input_gate.h"

#include <utility>

#include "runtime/base/check.h"

namespace weir {

InputChannel& InputGate::Add(uint32_t input_edge, uint32_t edge, SubtaskId producer, NodeId node) {
  InputChannel& channel = channels_.emplace_back();
  channel.index = static_cast<uint32_t>(channels_.size() - 1);
  channel.input_edge = input_edge;
  channel.edge = edge;
  channel.producer = producer;
  channel.node = node;
  return channel;
}

void InputGate::List(InputChannel& channel) {
  if (channel.is_listed) return;
  channel.is_listed = true;
  readable_.push_back(channel.index);
}

void InputGate::Enqueue(uint32_t channel, Message message) {
  channels_[channel].queue.push_back(std::move(message));
  List(channels_[channel]);
}

InputChannel* InputGate::Current(const BarrierHandler& barriers) {
  while (!readable_.empty()) {
    InputChannel& channel = channels_[readable_.front()];
    if (HasData(channel) && !barriers.IsBlocked(channel.index)) return &channel;
    channel.is_listed = false;
    readable_.pop_front();
  }
  return nullptr;
}

void InputGate::Finish() {
  WEIR_CHECK(!readable_.empty());
  InputChannel& channel = channels_[readable_.front()];
  readable_.pop_front();
  channel.is_listed = false;
  if (HasData(channel)) List(channel);
}

void InputGate::Unblock() {
  for (InputChannel& channel : channels_) {
    if (HasData(channel)) List(channel);
  }
}

size_t InputGate::queued() const {
  size_t queued = 0;
  for (const InputChannel& channel : channels_) queued += channel.queue.size() + (channel.is_reading ? 1 : 0);
  return queued;
}

}  // namespace weir
