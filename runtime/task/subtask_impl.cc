#include "runtime/task/subtask_impl.h"

#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/base/status.h"

namespace weir {
namespace {

WitnessAccumulator MakeWitness(const JobGraph& graph, const TaskDescriptor& descriptor) {
  const JobVertex& vertex = graph.vertices[descriptor.subtask.vertex.value];
  const uint32_t index = descriptor.subtask.index;
  if (!vertex.chain.front().is_keyed) return WitnessAccumulator(graph.config.ledger, index, 1);
  const KeyGroupRange range = RangeFor(index, vertex.max_parallelism, vertex.parallelism);
  return WitnessAccumulator(graph.config.ledger, range.first, range.size());
}

}  // namespace

std::unique_ptr<Subtask> Subtask::Create(const JobGraph& graph, TaskDescriptor descriptor, Env& env,
                                         TaskListener& listener) {
  return std::make_unique<SubtaskImpl>(graph, std::move(descriptor), env, listener);
}

std::string PartitionRequest::Encode() const {
  ByteWriter out;
  out.U32(producer.vertex.value);
  out.U32(producer.index);
  out.U32(edge);
  out.U32(consumer);
  out.U32(attempt.value);
  return out.Take();
}

absl::StatusOr<PartitionRequest> PartitionRequest::Decode(absl::string_view bytes) {
  ByteReader in(bytes);
  PartitionRequest request;
  request.producer.vertex = VertexId(in.U32());
  request.producer.index = in.U32();
  request.edge = in.U32();
  request.consumer = in.U32();
  request.attempt = Attempt(in.U32());
  if (absl::Status status = in.Finish(); !status.ok()) return status;
  return request;
}

SubtaskImpl::SubtaskImpl(const JobGraph& graph, TaskDescriptor descriptor, Env& env, TaskListener& listener)
    : graph_(graph),
      vertex_(graph.vertices[descriptor.subtask.vertex.value]),
      config_(graph.config),
      descriptor_(std::move(descriptor)),
      env_(env),
      listener_(listener),
      name_(graph.SubtaskName(descriptor_.subtask)),
      actor_(env.executor.AddActor(this)),
      record_cost_(config_.record_cost * static_cast<int64_t>(vertex_.chain.size())),
      witness_(MakeWitness(graph, descriptor_)),
      download_(env, actor_, config_.retry_delay),
      uploads_(env, *this, config_.retry_delay) {
  uploads_.set_actor(actor_);
  CreateInputs();
  CreateOutputs();
  std::vector<RecordWriter*> writers;
  for (RecordWriter& writer : writers_) writers.push_back(&writer);
  chain_ = std::make_unique<OperatorChain>(vertex_, config_, CommonContext(), witness_, std::move(writers));
}

void SubtaskImpl::CreateInputs() {
  WEIR_CHECK(descriptor_.producers.size() == vertex_.inputs.size(), name_);
  for (uint32_t i = 0; i < vertex_.inputs.size(); ++i) {
    const JobEdge& edge = graph_.edges[vertex_.inputs[i]];
    const bool is_broadcast = edge.partitioner == Partitioner::kBroadcast;
    const uint32_t row =
        is_broadcast ? witness_.AddCopyRow(edge.index) : witness_.AddRow(WitnessRole::kApplied, edge.index);
    input_edges_.push_back({edge.input, is_broadcast, row, ErasedValue(*edge.serializer)});
    for (uint32_t producer = 0; producer < descriptor_.producers[i].size(); ++producer) {
      if (edge.partitioner == Partitioner::kForward && producer != descriptor_.subtask.index) continue;
      gate_.Add(i, edge.index, SubtaskId{edge.from, producer}, descriptor_.producers[i][producer]);
    }
  }
  const uint32_t channels = static_cast<uint32_t>(gate_.channels().size());
  for (uint32_t channel = 0; channel < channels; ++channel) input_ports_.emplace_back(this, channel);
  barriers_ = BarrierHandler::Create(config_.mode, channels);
  valve_ = std::make_unique<WatermarkValve>(channels);
}

void SubtaskImpl::CreateOutputs() {
  line_.transport = &env_.transport;
  line_.tracer = &env_.tracer;
  line_.subtask = descriptor_.subtask;
  line_.attempt = descriptor_.attempt;
  line_.buffer_bytes = config_.buffer_bytes;
  line_.credits = config_.channel_credits;
  line_.with_lane = config_.ledger != LedgerMode::kOff;
  uint32_t channels = 0;
  for (const uint32_t output : vertex_.outputs) {
    const JobEdge& edge = graph_.edges[output];
    const JobVertex& consumer = graph_.vertices[edge.to.value];
    EdgeOutput out{edge.index,           edge.partitioner,         edge.serializer, edge.key_hash,
                   consumer.parallelism, consumer.max_parallelism, edge.side_output};
    RecordWriter& writer = writers_.emplace_back(std::move(out), line_, witness_, channels,
                                                 config_.buffer_timeout == Duration());
    for (OutputChannel& channel : writer.channels()) output_ports_.emplace_back(this, &writer, &channel);
    channels += static_cast<uint32_t>(writer.channels().size());
  }
}

OperatorContext SubtaskImpl::CommonContext() const {
  OperatorContext context;
  context.env = &env_;
  context.actor = actor_;
  context.task = const_cast<SubtaskImpl*>(this);
  context.job_id = descriptor_.job_id;
  context.task_name = name_;
  context.subtask = descriptor_.subtask;
  context.attempt = descriptor_.attempt;
  context.parallelism = vertex_.parallelism;
  context.max_parallelism = vertex_.max_parallelism;
  context.is_restored = descriptor_.restored.has_value();
  context.restored_checkpoint = descriptor_.restored;
  OperatorOptions& options = context.options;
  options.is_checkpointed = config_.checkpointing;
  options.ledger = config_.ledger;
  options.retry_delay = config_.retry_delay;
  options.buffer_timeout = config_.buffer_timeout;
  options.watermark_interval = config_.watermark_interval;
  options.source_poll_interval = config_.source_poll_interval;
  options.discovery_interval = config_.discovery_interval;
  options.fetch_records = config_.fetch_records;
  options.sink_batch_records = config_.sink_batch_records;
  options.record_cost = record_cost_;
  return context;
}

void SubtaskImpl::PostGuarded(Task task) {
  if (is_stopped()) return;
  env_.executor.Post(actor_, [this, task = std::move(task)]() mutable {
    if (!is_stopped()) task();
  });
}

// --- Deployment.

void SubtaskImpl::Deploy() {
  WEIR_CHECK(phase_ == Phase::kCreated, name_);
  phase_ = Phase::kRestoring;
  PostGuarded([this] {
    connect_deadline_ = env_.clock.Now() + config_.partition_request_timeout;
    for (const InputChannel& channel : gate_.channels()) Connect(channel.index);
    BeginRestore();
  });
}

void SubtaskImpl::BeginRestore() {
  download_.Start(descriptor_.restored_state, [this](const StateDownload::Files& files) {
    if (!is_stopped()) OnRestored(files);
  });
}

void SubtaskImpl::OnRestored(const StateDownload::Files& files) {
  if (absl::Status status = chain_->Restore(descriptor_.restored_state, files); !status.ok())
    return Fail(status);
  uint64_t bytes = 0;
  for (const auto& [path, content] : files) bytes += content->size();
  if (descriptor_.restored.has_value() &&
      !Reach(events::StateRestored(V(), I(), A(), descriptor_.restored->value, bytes))) {
    return;
  }
  OpenOperators();
}

void SubtaskImpl::OpenOperators() {
  phase_ = Phase::kOpening;
  Hold(HoldKind::kOpen, CheckpointId());
  if (absl::Status status = chain_->Open(); !status.ok()) return Fail(status);
  Release(HoldKind::kOpen, CheckpointId(), absl::OkStatus());
}

void SubtaskImpl::BeginRunning() {
  if (!Reach(events::SubtaskRunning(V(), I(), A()))) return;
  phase_ = Phase::kRunning;
  chain_->OnRunning();
  ChooseBroadcastOrder();
  listener_.OnRunning(descriptor_.subtask, descriptor_.attempt);
  if (!is_stopped()) PostSlice();
}

// --- The end.

void SubtaskImpl::Fail(const absl::Status& cause) {
  if (is_stopped()) return;
  env_.tracer.Note(events::SubtaskFailed(V(), I(), A()));
  Stop();
  listener_.OnFailed(descriptor_.subtask, descriptor_.attempt, WithContext(cause, name_));
}

void SubtaskImpl::Cancel() {
  if (phase_ == Phase::kOver) return;
  if (!is_stopped()) env_.tracer.Note(events::SubtaskCancelled(V(), I(), A()));
  Stop();
}

void SubtaskImpl::Close() {
  WEIR_CHECK(is_stopped(), name_);
  writing_.clear();
  chain_->Close();
}

void SubtaskImpl::Stop() {
  is_stopped_ = true;
  phase_ = Phase::kOver;
  for (const InputChannel& channel : gate_.channels()) {
    if (!channel.is_closed) env_.transport.Close(channel.connection);
  }
  for (const OutputPort& port : output_ports_) {
    if (port.was_asked_for && !port.closed.has_value()) env_.transport.Close(port.connection);
  }
  chain_->Dispose();
  env_.executor.RemoveActor(actor_);
}

// --- Services for operators.

TimerId SubtaskImpl::After(Duration delay, Task task) {
  return env_.executor.After(actor_, delay, [this, task = std::move(task)]() mutable {
    if (is_stopped()) return;
    task();
    Resume();
  });
}

void SubtaskImpl::Hold(HoldKind kind, CheckpointId checkpoint) { ++holds_[{kind, checkpoint}]; }

void SubtaskImpl::Release(HoldKind kind, CheckpointId checkpoint, const absl::Status& status) {
  if (is_stopped()) return;
  if (!status.ok() && kind == HoldKind::kSnapshot) return OnSnapshotFailed(checkpoint, status);
  if (!status.ok()) return Fail(status);
  if (kind == HoldKind::kSnapshot && uploads_.Has(checkpoint)) return uploads_.Release(checkpoint);
  const auto found = holds_.find({kind, checkpoint});
  if (found == holds_.end() || --found->second > 0) return;
  holds_.erase(found);
  if (kind == HoldKind::kOpen) BeginRunning();
  if (kind == HoldKind::kNotice) {
    env_.tracer.Note(events::NotifyCompleteHandled(checkpoint.value, V(), I(), A()));
  }
}

// --- For people.

std::string SubtaskImpl::ChannelName(const InputChannel& channel) const {
  return absl::StrCat("channel ", graph_.SubtaskName(channel.producer), " -> ", name_);
}

std::string SubtaskImpl::ChannelName(const OutputPort& port) const {
  const JobEdge& edge = graph_.edges[port.writer->edge()];
  const size_t index = static_cast<size_t>(port.channel - port.writer->channels().data());
  return absl::StrCat("channel ", name_, " -> ",
                      graph_.SubtaskName(SubtaskId{edge.to, port.writer->ConsumerOf(index)}));
}

std::string SubtaskImpl::Describe() const {
  constexpr absl::string_view kPhases[] = {"created", "restoring", "opening", "running", "over"};
  std::string text = absl::StrCat(name_, " (attempt ", descriptor_.attempt.value,
                                  "): ", kPhases[static_cast<size_t>(phase_)]);
  if (gate_.queued() > 0) absl::StrAppend(&text, ", ", gate_.queued(), " buffers queued");
  if (line_.blocked > 0) absl::StrAppend(&text, ", ", line_.blocked, " outputs blocked");
  if (blocks_ > 0) absl::StrAppend(&text, ", waiting for the outside");
  if (const auto checkpoint = barriers_->Awaited()) {
    absl::StrAppend(&text, ", aligning checkpoint ", checkpoint->value);
  }
  return text;
}

void SubtaskImpl::AppendWaits(std::vector<Wait>* waits) const {
  if (is_stopped()) return;
  const auto awaited = barriers_->Awaited();
  for (const InputChannel& channel : gate_.channels()) {
    const std::string producer = graph_.SubtaskName(channel.producer);
    if (!channel.is_accepted) {
      waits->push_back({name_, absl::StrCat("a connection for ", ChannelName(channel)), producer});
    }
    if (awaited.has_value() && barriers_->IsMissing(channel.index)) {
      waits->push_back(
          {name_, absl::StrCat("the barrier of checkpoint ", awaited->value, " on ", ChannelName(channel)),
           channel.queue.empty() && !channel.is_reading ? ChannelName(channel) : name_});
      waits->push_back({ChannelName(channel), "the barrier", producer});
    }
  }
  for (const OutputPort& port : output_ports_) {
    if (!port.channel->is_blocked()) continue;
    const JobEdge& edge = graph_.edges[port.writer->edge()];
    const size_t index = static_cast<size_t>(port.channel - port.writer->channels().data());
    const std::string consumer = graph_.SubtaskName(SubtaskId{edge.to, port.writer->ConsumerOf(index)});
    const std::string name = ChannelName(port);
    waits->push_back({name_, absl::StrCat("room in ", name), name});
    waits->push_back({name, port.channel->is_attached() ? "credit" : "its consumer to connect", consumer});
  }
  download_.AppendWaits(name_, waits);
  uploads_.AppendWaits(name_, waits);
  chain_->AppendWaits(waits);
}

}  // namespace weir
