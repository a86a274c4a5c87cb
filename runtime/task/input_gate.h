// Licensed under the Apache License, Version 2.0.
//
// The receiving side of a subtask: one channel for each producing subtask of each input edge, with what has arrived and
// is not processed yet. Messages of a channel are handed out in order; channels take turns, a message each, in the order
// in which they became readable; blocked ones (barrier alignment) are passed over.
#ifndef WEIR_RUNTIME_TASK_INPUT_GATE_H_
#define WEIR_RUNTIME_TASK_INPUT_GATE_H_

#include <deque>
#include <string>
#include <vector>

#include "runtime/env/transport.h"
#include "runtime/stream/buffer_reader.h"
#include "runtime/task/barrier_handler.h"

namespace weir {

struct InputChannel {
  uint32_t index = 0;       // among all channels of the subtask: its name in events
  uint32_t input_edge = 0;  // among the input edges of the vertex
  uint32_t edge = 0;
  SubtaskId producer;
  NodeId node;
  ConnectionId connection;
  bool is_accepted = false;  // the producer has answered
  bool is_closed = true;     // no connection: about to try (again)
  uint32_t consumed = 0;     // buffers for which no credit was returned yet
  std::deque<Message> queue;
  BufferReader reader;
  bool is_reading = false;  // reader is in the middle of a buffer
  bool is_listed = false;   // among the readable ones
};

class InputGate {
 public:
  InputChannel& Add(uint32_t input_edge, uint32_t edge, SubtaskId producer, NodeId node);

  std::vector<InputChannel>& channels() { return channels_; }
  const std::vector<InputChannel>& channels() const { return channels_; }

  void Enqueue(uint32_t channel, Message message);
  // The channel to go on with, or nullptr. It stays the one until Finish.
  InputChannel* Current(const BarrierHandler& barriers);
  // The current channel's message is done with: the next in turn.
  void Finish();
  // Channels that were blocked may be read again.
  void Unblock();

  size_t queued() const;

 private:
  bool HasData(const InputChannel& channel) const { return channel.is_reading || !channel.queue.empty(); }
  void List(InputChannel& channel);

  std::vector<InputChannel> channels_;
  std::deque<uint32_t> readable_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_TASK_INPUT_GATE_H_
