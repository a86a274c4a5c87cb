#include "scenarios/lone_chain.h"

#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/state/heap_keyed_backend.h"

namespace weir::scenarios {

// Only remembers what failed.
class LoneChain::Task : public TaskServices {
 public:
  explicit Task(Env& env) { line_.tracer = &env.tracer; }
  void Fail(const absl::Status& cause) override {
    if (status_.ok()) status_ = cause;
    is_stopped_ = true;
  }
  void Resume() override {}
  TimerId After(Duration, weir::Task) override { return TimerId(); }
  void Hold(HoldKind, CheckpointId) override {}
  void Release(HoldKind, CheckpointId, const absl::Status& status) override {
    if (!status.ok()) Fail(status);
  }
  const absl::Status& status() const { return status_; }

 private:
  absl::Status status_;
};

// Takes what the last operator emits.
class LoneChain::Output : public StreamOperator {
 public:
  explicit Output(const TypeSerializer* type) : type_(type) {}
  void ProcessElement(uint32_t, const void* value, const RecordMeta& meta) override {
    ByteWriter bytes;
    if (type_ != nullptr && type_->Serialize(value, bytes))
      emissions_.push_back({bytes.Take(), meta.timestamp});
  }
  void ProcessWatermark(EventTime) override {}
  void ProcessIdle(bool) override {}
  std::vector<Emission> Take() { return std::exchange(emissions_, {}); }

 private:
  const TypeSerializer* const type_;
  std::vector<Emission> emissions_;
};

LoneChain::LoneChain(const JobVertex& vertex, size_t first, size_t count, const TypeSerializer* output,
                     Env& env)
    : task_(std::make_unique<Task>(env)),
      witness_(LedgerMode::kOff, 0, vertex.max_parallelism),
      output_(std::make_unique<Output>(output)) {
  WEIR_CHECK(first + count <= vertex.chain.size(), vertex.name);
  OperatorContext common;
  common.env = &env;
  common.task = task_.get();
  common.task_name = vertex.name;
  common.max_parallelism = vertex.max_parallelism;
  common.options.ledger = LedgerMode::kOff;
  common.witness = &witness_;
  output_context_ = common;
  output_->Setup(output_context_, {});
  for (size_t i = first; i < first + count; ++i) {
    const OperatorNode& node = vertex.chain[i];
    Stage& stage = stages_.emplace_back();
    stage.context = common;
    stage.context.id = node.id;
    stage.context.name = node.name;
    stage.context.uid = node.uid.empty() ? node.id.ToHex() : node.uid;
    stage.context.operator_state = &stage.state;
    if (i == 0 && node.is_keyed) {
      keyed_ = std::make_unique<HeapKeyedBackend>(*node.key_type, RangeFor(0, vertex.max_parallelism, 1),
                                                  vertex.max_parallelism);
      stage.context.keyed_state = keyed_.get();
    }
    stage.op = MakeOperator(node.factory);
  }
  for (size_t i = 0; i < stages_.size(); ++i) {
    OperatorOutput to;
    to.next = i + 1 < stages_.size() ? stages_[i + 1].op.get() : output_.get();
    stages_[i].op->Setup(stages_[i].context, std::move(to));
  }
}

LoneChain::~LoneChain() = default;

absl::Status LoneChain::Restore(const OperatorStateStream& state) {
  if (state.bytes.empty() || stages_.empty()) return absl::OkStatus();
  return stages_.front().state.Restore(
      OperatorHandle::Partitionable(state.states, StreamHandle::Inline("state", state.bytes)), state.bytes,
      nullptr);
}

absl::Status LoneChain::Open() {
  for (size_t i = stages_.size(); i-- > 0;) {
    WEIR_RETURN_IF_ERROR(stages_[i].op->InitializeState());
    WEIR_RETURN_IF_ERROR(stages_[i].op->Open());
  }
  return task_->status();
}

absl::Status LoneChain::Feed(uint32_t input, const void* value, EventTime timestamp) {
  if (task_->is_stopped()) return task_->status();
  StreamOperator& head = stages_.empty() ? *output_ : *stages_.front().op;
  if (keyed_ != nullptr) head.SetKeyContext(input, value);
  if (!task_->is_stopped()) head.ProcessElement(input, value, RecordMeta{timestamp, {}});
  return task_->status();
}

absl::Status LoneChain::Feed(uint32_t input, const TypeSerializer& type, absl::string_view bytes,
                             EventTime timestamp) {
  ErasedValue value(type);
  ByteReader reader(bytes);
  type.Deserialize(reader, value.get());
  WEIR_RETURN_IF_ERROR(reader.Finish());
  return Feed(input, value.get(), timestamp);
}

std::vector<LoneChain::Emission> LoneChain::TakeOutput() { return output_->Take(); }

absl::StatusOr<OperatorStateStream> LoneChain::Snapshot() const {
  WEIR_CHECK(!stages_.empty());
  WEIR_ASSIGN_OR_RETURN(OperatorStateSnapshot snapshot, stages_.front().state.Snapshot({}));
  return std::move(snapshot.stream);
}

}  // namespace weir::scenarios
