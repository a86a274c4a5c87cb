// The data plane of a subtask: connections, credit, and the slices in which input is processed.
#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/task/subtask_impl.h"

namespace weir {

// --- Connections to producers.

void SubtaskImpl::Connect(uint32_t index) {
  InputChannel& channel = gate_.channels()[index];
  channel.is_closed = false;
  channel.connection = env_.transport.Connect(actor_, channel.node, kDataPort, &input_ports_[index]);
  PartitionRequest request;
  request.producer = channel.producer;
  request.edge = channel.edge;
  request.consumer = descriptor_.subtask.index;
  request.attempt = descriptor_.attempt;
  env_.transport.Send(channel.connection, Message{request.Encode(), {}});
}

void SubtaskImpl::OnInputClosed(uint32_t index, const absl::Status& reason) {
  if (is_stopped()) return;
  InputChannel& channel = gate_.channels()[index];
  channel.is_closed = true;
  if (channel.is_accepted) {
    return Fail(
        absl::CancelledError(absl::StrCat(ChannelName(channel), " broke: ", std::string(reason.message()))));
  }
  // The producer is not there yet, or its answer was lost: then it will not serve the channel again and fails itself.
  if (env_.clock.Now() + config_.retry_delay > connect_deadline_) {
    return Fail(absl::DeadlineExceededError(absl::StrCat(ChannelName(channel), " could not be opened within ",
                                                         FormatDuration(config_.partition_request_timeout),
                                                         ": ", std::string(reason.message()))));
  }
  env_.executor.After(actor_, config_.retry_delay, [this, index] {
    if (!is_stopped()) Connect(index);
  });
}

void SubtaskImpl::OnInput(uint32_t index, Message message) {
  if (is_stopped()) return;
  InputChannel& channel = gate_.channels()[index];
  if (message.body.empty())
    return Fail(absl::DataLossError(absl::StrCat("empty message on ", ChannelName(channel))));
  if (static_cast<DataMessage>(message.body[0]) == DataMessage::kAccepted) {
    channel.is_accepted = true;
    return;
  }
  gate_.Enqueue(index, std::move(message));
  Resume();
}

// --- Connections from consumers. Their events are the task manager's: what they change is posted.

ConnectionHandler* SubtaskImpl::AttachConsumer(ConnectionId connection, uint32_t edge, uint32_t consumer) {
  if (is_stopped()) return nullptr;
  for (RecordWriter& writer : writers_) {
    if (writer.edge() != edge) continue;
    OutputChannel* const channel = writer.ChannelTo(consumer);
    for (OutputPort& port : output_ports_) {
      if (port.channel != channel || port.was_asked_for) continue;
      port.connection = connection;
      port.is_attaching = true;
      port.was_asked_for = true;
      PostSlice();
      return &port;
    }
  }
  return nullptr;
}

void SubtaskImpl::OnCredit(OutputPort& port, const Message& message) {
  if (is_stopped()) return;
  ByteReader in(message.body);
  const uint8_t kind = in.U8();
  const uint32_t credits = in.U32();
  if (kind != static_cast<uint8_t>(DataMessage::kCredit) || !in.Finish().ok()) {
    port.closed = absl::DataLossError("a message that is not credit");
  } else {
    port.credits += credits;
  }
  PostSlice();
}

void SubtaskImpl::OnOutputClosed(OutputPort& port, const absl::Status& reason) {
  if (is_stopped()) return;
  port.closed = reason.ok() ? absl::UnavailableError("closed") : reason;
  PostSlice();
}

void SubtaskImpl::ServePorts() {
  for (OutputPort& port : output_ports_) {
    if (port.closed.has_value()) {
      return Fail(absl::CancelledError(
          absl::StrCat(ChannelName(port), " broke: ", std::string(port.closed->message()))));
    }
    if (port.is_attaching) {
      port.is_attaching = false;
      port.channel->Attach(port.connection);
    }
    if (port.credits > 0) port.channel->AddCredits(std::exchange(port.credits, 0));
  }
}

// --- Slices.

void SubtaskImpl::PostSlice() {
  if (is_slice_posted_ || is_stopped()) return;
  is_slice_posted_ = true;
  env_.executor.Post(actor_, [this] {
    is_slice_posted_ = false;
    if (!is_stopped()) RunSlice();
  });
}

void SubtaskImpl::Resume() {
  if (!is_stopped() && !is_slice_posted_ && !is_in_slice_) RunSlice();
}

void SubtaskImpl::RunSlice() {
  is_in_slice_ = true;
  ServePorts();
  uint32_t budget = config_.slice_records;
  if (phase_ == Phase::kRunning && !is_stopped()) {
    if (SourceOperator* const source = chain_->source()) {
      if (!is_blocked()) budget -= source->EmitRecords(budget);
    } else {
      ProcessInput(&budget);
    }
  }
  is_in_slice_ = false;
  if (is_stopped()) return;
  Settle();
  if (budget == 0 && !is_blocked()) PostSlice();
}

// What a handler leaves to be done.
void SubtaskImpl::Settle() {
  if ((line_.blocked != 0) != was_blocked_) {
    was_blocked_ = !was_blocked_;
    env_.tracer.Note(was_blocked_ ? events::OutputBlocked(V(), I(), A())
                                  : events::OutputUnblocked(V(), I(), A()));
  }
  if (!line_.has_partial || has_flush_timer_ || config_.buffer_timeout == Duration()) return;
  has_flush_timer_ = true;
  line_.has_partial = false;
  env_.executor.After(actor_, config_.buffer_timeout, [this] {
    if (is_stopped()) return;
    has_flush_timer_ = false;
    for (RecordWriter& writer : writers_) writer.Flush();
    Settle();
  });
}

void SubtaskImpl::ProcessInput(uint32_t* budget) {
  while (*budget > 0 && !is_blocked() && !is_stopped()) {
    InputChannel* const channel = gate_.Current(*barriers_);
    if (channel == nullptr) {
      if (!MayEmptyPool()) return;
      --*budget;
      (void)HandOut(std::nullopt);
      continue;
    }
    if (!channel->is_reading) {
      Message message = std::move(channel->queue.front());
      channel->queue.pop_front();
      if (static_cast<DataMessage>(message.body[0]) != DataMessage::kBuffer) {
        gate_.Finish();
        if (EmptyChannel(*channel)) ProcessEvent(*channel, message);
        continue;
      }
      channel->is_reading = true;
      channel->reader.Open(std::move(message));
    }
    ProcessBuffer(*channel, budget);
  }
}

void SubtaskImpl::ProcessBuffer(InputChannel& channel, uint32_t* budget) {
  BufferReader::Element element;
  while (!channel.reader.AtEnd()) {
    if (*budget == 0 || is_blocked() || is_stopped()) return;
    if (!channel.reader.Next(&element))
      return Fail(WithContext(channel.reader.status(), ChannelName(channel)));
    switch (element.tag) {
      case ElementTag::kTimestampedRecord:
      case ElementTag::kRecord:
        if (reorderer_ != nullptr && input_edges_[channel.input_edge].is_broadcast) {
          if (!HoldBack(channel, element, budget)) return;
          break;
        }
        --*budget;
        if (!ProcessRecord(channel, element)) return;
        break;
      case ElementTag::kWatermark:
        if (!EmptyChannel(channel)) return;
        ApplyWatermark(valve_->OnWatermark(channel.index, element.watermark));
        break;
      case ElementTag::kStatus:
        if (!EmptyChannel(channel)) return;
        ApplyWatermark(valve_->OnStatus(channel.index, element.is_idle));
        break;
    }
  }
  channel.is_reading = false;
  gate_.Finish();
  if (!is_stopped()) ReturnCredit(channel);
}

bool SubtaskImpl::ProcessRecord(InputChannel& channel, const BufferReader::Element& element) {
  env_.executor.Charge(record_cost_);
  if (!Reach(events::RecordReceived(V(), I(), A()))) return false;
  InputEdge& edge = input_edges_[channel.input_edge];
  ErasedValue& value = edge.value;
  ByteReader reader(element.value);
  value.type().Deserialize(reader, value.get());
  if (__builtin_expect(!reader.AtEnd(), 0)) {
    Fail(WithContext(reader.Finish(), ChannelName(channel)));
    return false;
  }
  StreamOperator& head = chain_->head();
  if (chain_->is_keyed()) {
    head.SetKeyContext(edge.input, value.get());
    if (is_stopped()) return false;
  }
  if (edge.is_broadcast) {
    witness_.AddCopy(edge.row, element.meta.identity);
  } else {
    witness_.Add(edge.row, element.meta.identity);
  }
  head.ProcessElement(edge.input, value.get(), element.meta);
  return !is_stopped();
}

// --- The order of broadcast elements. False: stop.

void SubtaskImpl::ChooseBroadcastOrder() {
  const bool has_broadcast = std::any_of(input_edges_.begin(), input_edges_.end(),
                                         [](const InputEdge& edge) { return edge.is_broadcast; });
  if (!has_broadcast) return;
  const auto order =
      static_cast<BroadcastOrder>(env_.tracer.Choose(events::BroadcastOrderChosen(V(), I(), A(), 0), 3));
  if (order == BroadcastOrder::kAsTheyCome) return;
  constexpr uint32_t kWindows = BroadcastReorderer::kWindowMax - BroadcastReorderer::kWindowMin + 1;
  const uint32_t window = BroadcastReorderer::kWindowMin +
                          env_.tracer.Choose(events::BroadcastWindowChosen(V(), I(), A(), 0), kWindows);
  reorderer_ = std::make_unique<BroadcastReorderer>(order, window);
}

bool SubtaskImpl::HoldBack(InputChannel& channel, const BufferReader::Element& element, uint32_t* budget) {
  reorderer_->Add({channel.index, element.meta, std::string(element.value)});
  if (!reorderer_->is_full()) return true;
  --*budget;
  return HandOut(std::nullopt);
}

bool SubtaskImpl::HandOut(std::optional<uint32_t> channel) {
  const uint32_t offered = reorderer_->Offer(channel);
  const Event choice = events::BroadcastElementChosen(V(), I(), A(), reorderer_->taken(), 0);
  const BroadcastReorderer::Element held =
      reorderer_->Take(offered == 1 ? 0 : env_.tracer.Choose(choice, offered));
  BufferReader::Element element;
  element.meta = held.meta;
  element.value = held.value;
  return ProcessRecord(gate_.channels()[held.channel], element);
}

// Nothing else can be read. Another producer's elements may be on their way, in buffers that are not full yet: held back
// that long, they are among those to choose from. Broadcast streams are thin, so without it there would seldom be two.
bool SubtaskImpl::MayEmptyPool() {
  if (reorderer_ == nullptr) return false;
  if (reorderer_->empty()) {
    is_hold_over_ = false;
    return false;
  }
  if (is_hold_over_ || has_hold_timer_) return is_hold_over_;
  has_hold_timer_ = true;
  After(config_.buffer_timeout + Duration::Millis(1), [this] {
    has_hold_timer_ = false;
    is_hold_over_ = true;
  });
  return false;
}

// Before anything of the channel is handled that is no record. A window at most, so the budget does not mind.
bool SubtaskImpl::EmptyChannel(const InputChannel& channel) {
  if (reorderer_ == nullptr) return true;
  while (reorderer_->Has(channel.index)) {
    if (!HandOut(channel.index)) return false;
  }
  return true;
}

void SubtaskImpl::ReturnCredit(InputChannel& channel) {
  ++channel.consumed;
  if (channel.consumed * 2 < config_.channel_credits) return;
  env_.transport.Send(channel.connection, Message{EncodeCredit(channel.consumed), {}});
  channel.consumed = 0;
}

void SubtaskImpl::ApplyWatermark(const WatermarkValve::Change& change) {
  if (change.watermark.has_value()) {
    env_.tracer.Note(
        events::WatermarkAdvanced(V(), I(), A(), static_cast<uint64_t>(change.watermark->millis)));
    chain_->head().ProcessWatermark(*change.watermark);
  }
  if (change.is_idle.has_value() && !is_stopped()) chain_->head().ProcessIdle(*change.is_idle);
}

void SubtaskImpl::ProcessEvent(InputChannel& channel, const Message& message) {
  ByteReader in(message.body);
  const auto kind = static_cast<DataMessage>(in.U8());
  const CheckpointId checkpoint(in.U64());
  if ((kind != DataMessage::kBarrier && kind != DataMessage::kCancelMarker) || !in.Finish().ok()) {
    return Fail(absl::DataLossError(absl::StrCat("unknown message on ", ChannelName(channel))));
  }
  OnBarrier(channel, kind, checkpoint);
}

}  // namespace weir
