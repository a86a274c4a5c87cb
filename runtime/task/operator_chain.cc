#include "runtime/task/operator_chain.h"

#include <utility>

#include "absl/strings/str_join.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/checkpoint/job_record.h"
#include "runtime/task/keyed_backends.h"
#include "runtime/types/bytes.h"

namespace weir {
namespace {

// "operator states a, b".
template <typename States>
std::string NamesOf(absl::string_view kind, const States& states) {
  const auto append = [](std::string* out, const auto& state) { absl::StrAppend(out, state.name); };
  return absl::StrCat(kind, " states ", absl::StrJoin(states, ", ", append));
}

// The same of keyed state, by the header with which its stream or its meta begins.
std::string NamesOfKeyed(absl::string_view bytes) {
  ByteReader reader(bytes);
  const absl::StatusOr<KeyedStateHeader> header = ReadKeyedStateHeader(reader);
  return header.ok() ? NamesOf("keyed", header->states) : "keyed states";
}

// Of the files of an operator's state: never used twice.
std::string NameIn(const ChainSnapshot& snapshot, size_t index) {
  return absl::StrCat(snapshot.operators[index].operator_id.ToHex(), "-", snapshot.unique);
}

absl::StatusOr<absl::string_view> BytesOf(const StreamHandle& stream, const StateDownload::Files& files) {
  if (stream.kind == StreamHandle::Kind::kInline) return stream.bytes;
  const auto found = files.find(stream.path);
  if (found == files.end()) return absl::DataLossError("it was not read");
  WEIR_RETURN_IF_ERROR(found->second.status());
  if (static_cast<int64_t>(found->second->size()) != stream.size) {
    return absl::DataLossError(
        absl::StrCat("it has ", found->second->size(), " bytes, and should have ", stream.size));
  }
  return *found->second;
}

std::string WitnessElement(const std::vector<WitnessEntry>& entries) {
  ByteWriter element;
  element.Bytes(EncodeWitness(entries));
  return element.Take();
}

}  // namespace

OperatorChain::OperatorChain(const JobVertex& vertex, const JobConfig& config, const OperatorContext& common,
                             WitnessAccumulator& witness, const std::vector<RecordWriter*>& writers)
    : storage_(config), witness_(witness) {
  const OperatorNode& head = vertex.chain.front();
  if (head.is_keyed) keyed_ = MakeKeyedBackend(head, config, common);
  for (const OperatorNode& node : vertex.chain) {
    Stage& stage = stages_.emplace_back();
    stage.node = &node;
    stage.context = common;
    stage.context.id = node.id;
    stage.context.name = node.name;
    stage.context.uid = node.uid.empty() ? node.id.ToHex() : node.uid;
    stage.context.operator_state = &stage.state;
    stage.context.witness = &witness_;
    if (&node == &head) {
      stage.context.keyed_state = keyed_.get();
    } else if (node.sink != SinkGuarantee::kNone) {
      stage.sink_witness = std::make_unique<WitnessAccumulator>(witness.mode(), common.subtask.index, 1);
      stage.sink_witness->AddRow(WitnessRole::kApplied, kNoEdge);
      stage.context.sink_witness = stage.sink_witness.get();
    }
    stage.op = MakeOperator(node.factory);
  }
  for (size_t i = 0; i < stages_.size(); ++i) {
    OperatorOutput output;
    if (i + 1 < stages_.size()) {
      output.next = stages_[i + 1].op.get();
    } else {
      for (RecordWriter* writer : writers) {
        (writer->side_output().empty() ? output.writers : output.side_writers).push_back(writer);
      }
    }
    stages_[i].op->Setup(stages_[i].context, std::move(output));
  }
  if (head.is_source) {
    source_ = dynamic_cast<SourceOperator*>(stages_.front().op.get());
    WEIR_CHECK(source_ != nullptr, "not a source: ", head.name);
  }
}

absl::Status OperatorChain::Restore(const std::vector<OperatorSnapshot>& state,
                                    const StateDownload::Files& files) {
  for (const OperatorSnapshot& snapshot : state) {
    for (Stage& stage : stages_) {
      if (stage.node->id != snapshot.operator_id) continue;
      WEIR_RETURN_IF_ERROR(
          WithContext(RestoreStage(stage, snapshot.state, files), DescribeOperator(stage.context)));
    }
  }
  return absl::OkStatus();
}

absl::Status OperatorChain::RestoreStage(Stage& stage, const SubtaskState& state,
                                         const StateDownload::Files& files) {
  if (!state.managed_keyed.is_null()) {
    if (keyed_ == nullptr || &stage != &stages_.front()) {
      return absl::FailedPreconditionError(
          "the snapshot has keyed state for it, but it is not on a keyed stream");
    }
    WEIR_RETURN_IF_ERROR(WithContext(RestoreKeyed(state.managed_keyed, files),
                                     absl::StrCat("keyed state in ", state.managed_keyed.stream.Place())));
  }
  if (state.managed_operator.is_null()) return absl::OkStatus();
  return WithContext(RestoreOperatorState(stage, state.managed_operator, files),
                     absl::StrCat(NamesOf("operator", state.managed_operator.states), " in ",
                                  state.managed_operator.stream.Place()));
}

absl::Status OperatorChain::RestoreKeyed(const KeyedHandle& handle, const StateDownload::Files& files) {
  const auto witness = [&](absl::string_view entries) -> absl::Status {
    return VisitWitness(entries, [this](const WitnessEntry& entry) { witness_.Restore(entry); });
  };
  if (handle.is_native()) {
    const auto bytes_of = [&](const StreamHandle& stream) -> absl::StatusOr<std::string> {
      const absl::StatusOr<absl::string_view> bytes = BytesOf(stream, files);
      if (!bytes.ok()) return WithContext(bytes.status(), stream.Place());
      return std::string(*bytes);
    };
    return keyed_->RestoreFiles(handle, bytes_of, witness);
  }
  WEIR_ASSIGN_OR_RETURN(const absl::string_view bytes, BytesOf(handle.stream, files));
  return keyed_->Restore(handle, bytes, witness);
}

absl::Status OperatorChain::RestoreOperatorState(Stage& stage, const OperatorHandle& handle,
                                                 const StateDownload::Files& files) {
  WEIR_ASSIGN_OR_RETURN(const absl::string_view bytes, BytesOf(handle.stream, files));
  OperatorWitness witness;
  WEIR_RETURN_IF_ERROR(stage.state.Restore(handle, std::string(bytes), &witness));
  return RestoreWitness(stage, witness);
}

absl::Status OperatorChain::RestoreWitness(Stage& stage, const OperatorWitness& witness) {
  WitnessAccumulator& into = stage.sink_witness != nullptr ? *stage.sink_witness : witness_;
  const auto for_each = [](absl::string_view bytes,
                           absl::FunctionRef<void(WitnessEntry)> visit) -> absl::Status {
    ByteReader reader(bytes);
    const absl::string_view entries = reader.Bytes();
    WEIR_RETURN_IF_ERROR(reader.Finish());
    return VisitWitness(entries, visit);
  };
  for (const std::string& element : witness.elements) {
    WEIR_RETURN_IF_ERROR(for_each(element, [&into](const WitnessEntry& entry) { into.Restore(entry); }));
  }
  for (const auto& [edge, value] : witness.broadcast) {
    WEIR_RETURN_IF_ERROR(for_each(value, [this](const WitnessEntry& entry) { witness_.RestoreCopy(entry); }));
  }
  return absl::OkStatus();
}

absl::Status OperatorChain::Open() {
  for (size_t i = stages_.size(); i-- > 0;) {
    Stage& stage = stages_[i];
    WEIR_RETURN_IF_ERROR(WithContext(stage.op->InitializeState(), DescribeOperator(stage.context)));
    WEIR_RETURN_IF_ERROR(stage.op->Open());
  }
  return absl::OkStatus();
}

void OperatorChain::OnRunning() {
  for (size_t i = stages_.size(); i-- > 0;) stages_[i].op->OnRunning();
}

absl::Status OperatorChain::PrepareSnapshot(CheckpointId checkpoint) {
  for (Stage& stage : stages_) {
    WEIR_RETURN_IF_ERROR(WithContext(stage.op->PrepareSnapshotPreBarrier(checkpoint),
                                     [&] { return DescribeOperator(stage.context); }));
  }
  return absl::OkStatus();
}

absl::StatusOr<ChainSnapshot> OperatorChain::Snapshot(CheckpointId checkpoint, absl::string_view unique,
                                                      absl::string_view checkpoints_path) {
  ChainSnapshot snapshot;
  snapshot.checkpoint = checkpoint;
  snapshot.unique = std::string(unique);
  for (size_t i = stages_.size(); i-- > 0;) {
    WEIR_RETURN_IF_ERROR(WithContext(SnapshotStage(stages_[i], checkpoint, checkpoints_path, &snapshot),
                                     [&] { return DescribeOperator(stages_[i].context); }));
  }
  return snapshot;
}

OperatorWitness OperatorChain::WitnessIn(const Stage& stage) const {
  OperatorWitness witness;
  if (!witness_.is_on()) return witness;
  const uint32_t slot = stage.context.subtask.index;
  std::vector<WitnessEntry> entries;
  if (stage.sink_witness != nullptr) {
    entries = stage.sink_witness->EntriesOf(slot);
    const std::vector<WitnessEntry> others = stage.sink_witness->OtherEntries();
    entries.insert(entries.end(), others.begin(), others.end());
    witness.elements.push_back(WitnessElement(entries));
    return witness;
  }
  if (&stage != &stages_.front()) return witness;
  // A keyed head's entries lie in its keyed state.
  if (keyed_ == nullptr) entries = witness_.EntriesOf(slot);
  for (const WitnessEntry& entry : witness_.OtherEntries()) {
    if (entry.role != WitnessRole::kSource) {
      entries.push_back(entry);
    } else {
      witness.elements.push_back(WitnessElement({entry}));
    }
  }
  if (!entries.empty()) witness.elements.push_back(WitnessElement(entries));
  witness.has_broadcast = witness_.has_copies();
  for (const WitnessEntry& entry : witness_.CopyEntries(slot)) {
    ByteWriter edge;
    edge.U32(entry.edge);
    witness.broadcast.emplace_back(edge.Take(), WitnessElement({entry}));
  }
  return witness;
}

absl::Status OperatorChain::SnapshotStage(Stage& stage, CheckpointId checkpoint,
                                          absl::string_view checkpoints_path, ChainSnapshot* snapshot) {
  WEIR_RETURN_IF_ERROR(stage.op->SnapshotState(checkpoint));
  OperatorSnapshot& of_operator = snapshot->operators.emplace_back();
  of_operator.operator_id = stage.node->id;
  of_operator.state.index = static_cast<int32_t>(stage.context.subtask.index);
  snapshot->operator_states.push_back(stage.state.Snapshot(WitnessIn(stage)));
  if (stage.context.keyed_state == nullptr) return absl::OkStatus();
  WitnessOf entries_of;
  if (witness_.is_on()) {
    entries_of = [this](KeyGroup group, ByteWriter& out) { witness_.EncodeEntriesOf(group.value, out); };
  }
  snapshot->keyed_operator = snapshot->operators.size() - 1;
  const std::string name = NameIn(*snapshot, snapshot->keyed_operator);
  const CheckpointRequest request{checkpoint, absl::StrCat(SharedPrefix(checkpoints_path, checkpoint), name),
                                  storage_.inline_max()};
  snapshot->keyed = stage.context.keyed_state->SnapshotForCheckpoint(request, entries_of);
  if (stage.context.keyed_state->failed()) return stage.context.keyed_state->error();
  return absl::OkStatus();
}

absl::StatusOr<bool> OperatorChain::WriteKeyed(ChainSnapshot* snapshot, uint64_t entries) const {
  absl::StatusOr<bool> done = snapshot->keyed->Write(entries);
  if (!done.ok()) return WithContext(done.status(), DescribeOperator(stages_.front().context));
  return done;
}

absl::Status OperatorChain::Finish(ChainSnapshot* snapshot) const {
  for (size_t i = 0; i < snapshot->operators.size(); ++i) {
    const Stage& stage = stages_[stages_.size() - 1 - i];  // Snapshot goes from tail to head
    WEIR_RETURN_IF_ERROR(
        WithContext(FinishOperatorState(i, snapshot), [&] { return DescribeOperator(stage.context); }));
  }
  if (snapshot->keyed == nullptr) return absl::OkStatus();
  return WithContext(FinishKeyed(snapshot), [&] { return DescribeOperator(stages_.front().context); });
}

absl::Status OperatorChain::FinishOperatorState(size_t index, ChainSnapshot* snapshot) const {
  WEIR_RETURN_IF_ERROR(snapshot->operator_states[index].status());
  OperatorStateSnapshot& lists = *snapshot->operator_states[index];
  if (lists.stream.bytes.empty()) return absl::OkStatus();
  OperatorSnapshot& of_operator = snapshot->operators[index];
  const absl::Status fits = storage_.CheckSize(lists.stream.bytes.size() - lists.unbilled);
  if (!fits.ok()) return WithContext(fits, NamesOf("operator", lists.stream.states));
  StreamHandle stream = storage_.Place(absl::StrCat(NameIn(*snapshot, index), "-operator"),
                                       std::move(lists.stream.bytes), lists.unbilled, &snapshot->files);
  of_operator.state.managed_operator =
      OperatorHandle::Partitionable(std::move(lists.stream.states), std::move(stream));
  return absl::OkStatus();
}

absl::Status OperatorChain::FinishKeyed(ChainSnapshot* snapshot) const {
  KeyedSnapshot keyed = snapshot->keyed->Take();
  snapshot->keyed.reset();
  WEIR_ASSIGN_OR_RETURN(snapshot->operators[snapshot->keyed_operator].state.managed_keyed,
                        PlaceKeyed(std::move(keyed), snapshot));
  return absl::OkStatus();
}

absl::StatusOr<KeyedHandle> OperatorChain::PlaceKeyed(KeyedSnapshot keyed, ChainSnapshot* snapshot) const {
  WEIR_RETURN_IF_ERROR(CheckSizeOf(keyed));
  const std::string name = absl::StrCat(NameIn(*snapshot, snapshot->keyed_operator), "-keyed");
  if (!keyed.native.has_value()) {
    StreamHandle stream =
        storage_.Place(name, std::move(keyed.stream.bytes), keyed.unbilled, &snapshot->files);
    return KeyedHandle::Savepoint(keyed.stream.range, std::move(keyed.stream.offsets), std::move(stream));
  }
  StreamHandle meta = storage_.Place(name, std::move(keyed.native->meta), keyed.unbilled, &snapshot->files);
  KeyedHandle handle =
      KeyedHandle::Native(keyed.stream.range, static_cast<int64_t>(snapshot->checkpoint.value),
                          std::move(keyed.native->backend_id), std::move(meta));
  for (NativeFile& file : keyed.native->files) {
    handle.checkpointed_size += static_cast<int64_t>(file.bytes.size());
    StreamHandle stream = std::move(file.stream);
    if (stream.is_null()) {
      stream = storage_.Place(absl::StrCat(name, "-", file.name), std::move(file.bytes), 0, &snapshot->files);
    } else if (!file.bytes.empty()) {
      snapshot->files.push_back({stream.path, Blob{std::move(file.bytes), 0}, true});
    }
    (file.is_table ? handle.shared : handle.exclusive).push_back({file.name, std::move(stream)});
  }
  return handle;
}

absl::Status OperatorChain::CheckSizeOf(const KeyedSnapshot& keyed) const {
  const std::string& stream = keyed.native.has_value() ? keyed.native->meta : keyed.stream.bytes;
  absl::Status status = storage_.CheckSize(stream.size() - keyed.unbilled);
  if (keyed.native.has_value()) {
    for (const NativeFile& file : keyed.native->files) {
      if (status.ok() && file.stream.is_null()) status = storage_.CheckSize(file.bytes.size());
    }
  }
  return status.ok() ? status : WithContext(status, NamesOfKeyed(stream));
}

void OperatorChain::NotifyComplete(CheckpointId checkpoint) {
  if (keyed_ != nullptr) keyed_->NotifyCheckpointComplete(checkpoint);
  for (size_t i = stages_.size(); i-- > 0;) stages_[i].op->NotifyCheckpointComplete(checkpoint);
}

void OperatorChain::NotifyAborted(CheckpointId checkpoint) {
  if (keyed_ != nullptr) keyed_->NotifyCheckpointAborted(checkpoint);
  for (size_t i = stages_.size(); i-- > 0;) stages_[i].op->NotifyCheckpointAborted(checkpoint);
}

void OperatorChain::Dispose() {
  for (size_t i = stages_.size(); i-- > 0;) stages_[i].op->Dispose();
}

void OperatorChain::Close() {
  if (keyed_ != nullptr) keyed_->Close();
}

void OperatorChain::AppendWaits(std::vector<Wait>* waits) const {
  for (const Stage& stage : stages_) stage.op->AppendWaits(waits);
}

}  // namespace weir
