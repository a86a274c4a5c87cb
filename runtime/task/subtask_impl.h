// Licensed under the Apache License, Version 2.0.
//
// The one implementation of Subtask: see subtask.h for what it is to others. Here: how it runs.
//
// Everything happens in events of the subtask's own actor; what the task manager calls is posted to it, so that a
// subtask's effects leave in the order of its events. Input is processed in *slices*: at most weir.task.slice-records
// records an event, then the rest is posted. A slice ends early when an output has no credit (then the credit resumes
// it), and a fault can end it at any record: after each step that can fail, is_stopped() says whether to go on.
//
// Invariants:
//  1. is_slice_posted_ says that exactly one slice waits in the executor's queue.
//  2. Nothing is emitted, acknowledged or told to the listener once is_stopped().
//  3. Checkpoint ids that are acted on strictly grow (last_checkpoint_).
#ifndef WEIR_RUNTIME_TASK_SUBTASK_IMPL_H_
#define WEIR_RUNTIME_TASK_SUBTASK_IMPL_H_

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/stream/watermark_valve.h"
#include "runtime/task/barrier_handler.h"
#include "runtime/task/broadcast_reorderer.h"
#include "runtime/task/input_gate.h"
#include "runtime/task/operator_chain.h"
#include "runtime/task/snapshot_uploads.h"
#include "runtime/task/state_download.h"
#include "runtime/task/subtask.h"

namespace weir {

class SubtaskImpl final : public Subtask, private TaskServices, private SnapshotUploads::Owner {
 public:
  SubtaskImpl(const JobGraph& graph, TaskDescriptor descriptor, Env& env, TaskListener& listener);

  // --- Subtask
  void Deploy() override;
  void Cancel() override;
  void Close() override;
  void TriggerCheckpoint(CheckpointId checkpoint) override;
  void NotifyCheckpointComplete(CheckpointId checkpoint) override;
  void NotifyCheckpointAborted(CheckpointId checkpoint) override;
  ConnectionHandler* AttachConsumer(ConnectionId connection, uint32_t edge, uint32_t consumer) override;
  const TaskDescriptor& descriptor() const override { return descriptor_; }
  std::string Describe() const override;
  void AppendWaits(std::vector<Wait>* waits) const override;

 private:
  enum class Phase : uint8_t { kCreated, kRestoring, kOpening, kRunning, kOver };

  struct InputEdge {
    uint32_t input = 0;  // of the head operator
    bool is_broadcast = false;
    uint32_t row = 0;   // in the witness: a copy's, if it is a broadcast
    ErasedValue value;  // where records are deserialised to
  };

  // One end of a data connection: to the producer of an input channel, or to the consumer of an output channel.
  struct InputPort final : ConnectionHandler {
    InputPort(SubtaskImpl* s, uint32_t c) : subtask(s), channel(c) {}
    void OnMessage(ConnectionId, Message message) override { subtask->OnInput(channel, std::move(message)); }
    void OnClosed(ConnectionId, const absl::Status& reason) override {
      subtask->OnInputClosed(channel, reason);
    }
    SubtaskImpl* subtask;
    uint32_t channel;
  };
  struct OutputPort final : ConnectionHandler {
    OutputPort(SubtaskImpl* s, RecordWriter* w, OutputChannel* c) : subtask(s), writer(w), channel(c) {}
    void OnMessage(ConnectionId, Message message) override { subtask->OnCredit(*this, message); }
    void OnClosed(ConnectionId, const absl::Status& reason) override {
      subtask->OnOutputClosed(*this, reason);
    }
    SubtaskImpl* subtask;
    RecordWriter* writer;
    OutputChannel* channel;
    ConnectionId connection;    // asked for by a consumer
    bool is_attaching = false;  // not known to the channel yet
    bool was_asked_for = false;
    uint32_t credits = 0;  // arrived, not known to the channel yet
    std::optional<absl::Status> closed;
  };

  // --- TaskServices
  void Fail(const absl::Status& cause) override;
  void Resume() override;
  TimerId After(Duration delay, Task task) override;
  void Hold(HoldKind kind, CheckpointId checkpoint) override;
  void Release(HoldKind kind, CheckpointId checkpoint, const absl::Status& status) override;

  // --- Life (subtask_impl.cc)
  void CreateOutputs();
  void CreateInputs();
  OperatorContext CommonContext() const;
  void BeginRestore();
  void OnRestored(const StateDownload::Files& files);
  void OpenOperators();
  void BeginRunning();
  void Stop();
  void PostGuarded(Task task);

  // --- Data (subtask_data.cc)
  void Connect(uint32_t channel);
  void ConnectLater(uint32_t channel);
  void OnInput(uint32_t channel, Message message);
  void OnInputClosed(uint32_t channel, const absl::Status& reason);
  void OnCredit(OutputPort& port, const Message& message);
  void OnOutputClosed(OutputPort& port, const absl::Status& reason);
  void ServePorts();
  void PostSlice();
  void RunSlice();
  void ProcessInput(uint32_t* budget);
  void ProcessBuffer(InputChannel& channel, uint32_t* budget);
  bool ProcessRecord(InputChannel& channel, const BufferReader::Element& element);
  void ProcessEvent(InputChannel& channel, const Message& message);
  void ChooseBroadcastOrder();
  bool HoldBack(InputChannel& channel, const BufferReader::Element& element, uint32_t* budget);
  bool HandOut(std::optional<uint32_t> channel);
  bool EmptyChannel(const InputChannel& channel);
  bool MayEmptyPool();
  void ReturnCredit(InputChannel& channel);
  void ApplyWatermark(const WatermarkValve::Change& change);
  void Settle();

  // --- Checkpoints (subtask_checkpoint.cc)
  void OnBarrier(InputChannel& channel, DataMessage kind, CheckpointId checkpoint);
  void GiveUp(CheckpointId checkpoint, const absl::Status& cause);
  void PerformCheckpoint(CheckpointId checkpoint);
  void WriteLater(CheckpointId checkpoint);
  void WriteKeyed(CheckpointId checkpoint);
  void Finish(CheckpointId checkpoint, ChainSnapshot snapshot);
  void Upload(CheckpointId checkpoint, ChainSnapshot snapshot);
  bool SendBarrier(CheckpointId checkpoint);
  void HandleNotice(CheckpointId checkpoint);
  bool OwnerIsStopped() const override { return is_stopped(); }
  bool OnFilesStored(CheckpointId checkpoint) override;
  void OnSnapshotStored(CheckpointId checkpoint, std::vector<OperatorSnapshot> snapshots) override;
  void OnSnapshotFailed(CheckpointId checkpoint, const absl::Status& cause) override;

  std::string ChannelName(const InputChannel& channel) const;
  std::string ChannelName(const OutputPort& port) const;
  uint64_t V() const { return descriptor_.subtask.vertex.value; }
  uint64_t I() const { return descriptor_.subtask.index; }
  uint64_t A() const { return descriptor_.attempt.value; }

  // Constant after construction.
  const JobGraph& graph_;
  const JobVertex& vertex_;
  const JobConfig& config_;
  const TaskDescriptor descriptor_;
  Env& env_;
  TaskListener& listener_;
  const std::string name_;
  const ActorId actor_;
  const Duration record_cost_;  // of a record, over the chain

  Phase phase_ = Phase::kCreated;
  WitnessAccumulator witness_;
  std::deque<RecordWriter> writers_;
  std::deque<OutputPort> output_ports_;
  InputGate gate_;
  std::deque<InputPort> input_ports_;
  std::vector<InputEdge> input_edges_;             // in the order of the vertex's inputs
  std::unique_ptr<BroadcastReorderer> reorderer_;  // null: broadcast elements are handled as they come
  std::unique_ptr<BarrierHandler> barriers_;
  std::unique_ptr<WatermarkValve> valve_;
  std::unique_ptr<OperatorChain> chain_;
  // Taken, and their keyed state not yet written to its end. Before the chain goes.
  std::map<CheckpointId, ChainSnapshot> writing_;
  StateDownload download_;
  SnapshotUploads uploads_;

  bool is_slice_posted_ = false;
  bool is_in_slice_ = false;
  bool has_flush_timer_ = false;
  bool has_hold_timer_ = false;  // broadcast elements are held back
  bool is_hold_over_ = false;    // long enough: all of them go
  bool was_blocked_ = false;
  Instant connect_deadline_;
  std::map<std::pair<HoldKind, CheckpointId>, uint32_t> holds_;
  CheckpointId last_checkpoint_;
  std::set<CheckpointId> aborted_;  // told before their barrier came; at most kAbortedMax
};

}  // namespace weir

#endif  // WEIR_RUNTIME_TASK_SUBTASK_IMPL_H_
