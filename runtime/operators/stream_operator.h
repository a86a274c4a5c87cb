// Licensed under the Apache License, Version 2.0.
//
// StreamOperator: one stage of a subtask. The subtask drives it, in this order:
//
//   Setup, InitializeState, Open, OnRunning      tail first; OnRunning when all are open
//   SetKeyContext, ProcessElement ...            records; ProcessWatermark, ProcessIdle between them
//   PrepareSnapshotPreBarrier                    head first; may still emit before the barrier
//   SnapshotState                                tail first, after the barrier was sent
//   NotifyCheckpointComplete, -Aborted           tail first
//   Close                                        head first, at an orderly end only; commits nothing
//   Dispose                                      at any other end but a crash
//
// Values are passed by address: a `const void*` to what the serializer of the input says, valid during the call. There
// is one virtual call a record and operator. What goes wrong with a record fails the task through the context.
#ifndef WEIR_RUNTIME_OPERATORS_STREAM_OPERATOR_H_
#define WEIR_RUNTIME_OPERATORS_STREAM_OPERATOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "runtime/operators/operator_context.h"
#include "runtime/stream/element.h"
#include "runtime/stream/record_writer.h"

namespace weir {

class StreamOperator;

// Where an operator's records go: to the next operator of the chain, or into the edges that leave the vertex; and what
// it emits into side outputs, into those edges that carry their tags (only the last of a chain has any).
struct OperatorOutput {
  StreamOperator* next = nullptr;
  std::vector<RecordWriter*> writers;
  std::vector<RecordWriter*> side_writers;
};

class StreamOperator {
 public:
  StreamOperator() = default;
  virtual ~StreamOperator() = default;
  StreamOperator(const StreamOperator&) = delete;
  StreamOperator& operator=(const StreamOperator&) = delete;

  void Setup(const OperatorContext& context, OperatorOutput output);
  const OperatorContext& context() const { return *context_; }

  virtual absl::Status InitializeState() { return absl::OkStatus(); }
  virtual absl::Status Open() { return absl::OkStatus(); }
  virtual void OnRunning() {}
  // Keyed operators only: makes the key of `value` the current one, and its group the ledger's slot.
  virtual void SetKeyContext(uint32_t input, const void* value);
  virtual void ProcessElement(uint32_t input, const void* value, const RecordMeta& meta) = 0;
  virtual void ProcessWatermark(EventTime watermark) { EmitWatermark(watermark); }
  virtual void ProcessIdle(bool is_idle) { EmitIdle(is_idle); }
  virtual absl::Status PrepareSnapshotPreBarrier(CheckpointId) { return absl::OkStatus(); }
  virtual absl::Status SnapshotState(CheckpointId) { return absl::OkStatus(); }
  virtual void NotifyCheckpointComplete(CheckpointId) {}
  virtual void NotifyCheckpointAborted(CheckpointId) {}
  virtual void Close() {}
  // The task ended early (failed, cancelled) while its process lives on: give up connections of one's own. Not called
  // at a crash.
  virtual void Dispose() {}
  // What it waits for outside of the task.
  virtual void AppendWaits(std::vector<Wait>*) const {}

  // Called by collectors: a record of the output type, while `Begin` names the record that it comes from.
  void Emit(const void* value) { EmitAt(value, current_.timestamp); }
  void EmitAt(const void* value, EventTime timestamp) {
    RecordMeta meta{timestamp, {}};
    if (has_ledger_) meta.identity = DerivedIdentityOf(current_.identity, uid_hash_, ordinal_++);
    Forward(value, meta);
  }
  // The same into a side output; what nobody reads is dropped. A reader of another type fails the task.
  void EmitToSide(absl::string_view tag, const TypeSerializer& type, const void* value);

 protected:
  // The record being handled, from which emissions derive.
  void Begin(const RecordMeta& meta) {
    current_ = meta;
    ordinal_ = 0;
  }
  const RecordMeta& current() const { return current_; }
  uint64_t uid_hash() const { return uid_hash_; }
  TaskServices& task() const { return *context_->task; }

  // Hands on with this identity.
  void Forward(const void* value, const RecordMeta& meta);
  void EmitWatermark(EventTime watermark);
  void EmitIdle(bool is_idle);

  // Runs the user's code. A status or an exception fails the task, with operator and record in the message; RunAborted
  // passes through. False if it failed.
  bool CallUser(absl::FunctionRef<absl::Status()> code);
  // The same outside of records: the status, with the operator in front.
  absl::Status CallUserForStatus(absl::FunctionRef<absl::Status()> code) const;
  // The same without it, for the calls whose status gets the operator in front by the chain.
  absl::Status GuardUserCode(absl::FunctionRef<absl::Status()> code) const;
  void FailRecord(const absl::Status& cause);

 private:
  const OperatorContext* context_ = nullptr;
  OperatorOutput output_;
  uint64_t uid_hash_ = 0;
  bool has_ledger_ = false;
  RecordMeta current_;
  uint32_t ordinal_ = 0;
};

using OperatorFactory = std::function<std::unique_ptr<StreamOperator>()>;

// Never null: if the factory throws (it copies or constructs a function of the user's) or gives nothing, an operator that
// says so when it is to be initialised.
std::unique_ptr<StreamOperator> MakeOperator(const OperatorFactory& factory);

// The head of a source's vertex: it makes records instead of receiving them.
class SourceOperator : public StreamOperator {
 public:
  // Emits at most `limit` records, fewer if there are none now or the task is blocked or stopped; returns how many it
  // emitted. When there are more again, it calls Resume().
  virtual uint32_t EmitRecords(uint32_t limit) = 0;
  void ProcessElement(uint32_t, const void*, const RecordMeta&) final;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_STREAM_OPERATOR_H_
