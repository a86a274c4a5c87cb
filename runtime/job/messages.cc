#include "runtime/job/messages.h"

#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/codec.h"
#include "runtime/base/status.h"
#include "runtime/checkpoint/inline_state.h"
#include "runtime/format/metadata.h"

namespace weir {
namespace {

// Handles travel in the form that they have in a file: a small _metadata, in which the entries of one operator are its
// subtasks 0, 1, 2 ... Version 3 is the newest without the tail that describes a checkpoint.
constexpr int kHandlesVersion = 3;

absl::Status EncodeSnapshots(std::vector<OperatorSnapshot> snapshots, ByteWriter* writer) {
  CheckpointMetadata metadata;
  for (OperatorSnapshot& snapshot : snapshots) {
    if (metadata.operators.empty() || metadata.operators.back().id != snapshot.operator_id) {
      OperatorState& state = metadata.operators.emplace_back();
      state.id = snapshot.operator_id;
      state.parallelism = state.max_parallelism = static_cast<int32_t>(kMaxParallelismUpperBound);
    }
    std::vector<SubtaskState>& entries = metadata.operators.back().subtasks;
    entries.push_back(std::move(snapshot.state));
    entries.back().index = static_cast<int32_t>(entries.size() - 1);
  }
  WEIR_ASSIGN_OR_RETURN(const std::string bytes, WriteMetadataVersion(metadata, kHandlesVersion));
  writer->Bytes(bytes);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<OperatorSnapshot>> DecodeSnapshots(ByteReader* reader, SubtaskId subtask) {
  const absl::string_view bytes = reader->Bytes();
  WEIR_RETURN_IF_ERROR(reader->status());
  WEIR_ASSIGN_OR_RETURN(VersionedMetadata read, ReadMetadata(bytes));
  std::vector<OperatorSnapshot> snapshots;
  for (OperatorState& state : read.metadata.operators) {
    for (SubtaskState& entry : state.subtasks) {
      entry.index = static_cast<int32_t>(subtask.index);
      snapshots.push_back({state.id, std::move(entry)});
    }
  }
  return snapshots;
}

class Encoder {
 public:
  explicit Encoder(ByteWriter* writer) : w_(*writer) {}

  absl::Status operator()(const RegisterTaskManager& m) {
    w_.U32(m.slots);
    w_.U64(m.newest_epoch);
    return absl::OkStatus();
  }
  absl::Status operator()(const RegistrationAccepted&) { return absl::OkStatus(); }
  absl::Status operator()(const Heartbeat&) { return absl::OkStatus(); }
  absl::Status operator()(const SubtaskRunning& m) { return Execution(m.subtask, m.attempt); }
  absl::Status operator()(const SubtaskFailed& m) {
    (void)Execution(m.subtask, m.attempt);
    return Cause(m.cause);
  }
  absl::Status operator()(const TasksCancelled& m) { return Number(m.attempt); }
  absl::Status operator()(Acknowledge& m) {
    (void)Execution(m.subtask, m.attempt);
    w_.U64(m.checkpoint.value);
    return EncodeSnapshots(std::move(m.snapshots), &w_);
  }
  absl::Status operator()(const Decline& m) {
    (void)Execution(m.subtask, m.attempt);
    w_.U64(m.checkpoint.value);
    return Cause(m.cause);
  }
  absl::Status operator()(DeployTask& m) {
    (void)Execution(m.task.subtask, m.task.attempt);
    w_.Bytes(m.task.job_id);
    WEIR_CHECK(m.parallelism.size() == m.max_parallelism.size());
    w_.U32(static_cast<uint32_t>(m.max_parallelism.size()));
    for (size_t i = 0; i < m.max_parallelism.size(); ++i) {
      w_.U32(m.parallelism[i]);
      w_.U32(m.max_parallelism[i]);
    }
    w_.U32(static_cast<uint32_t>(m.task.producers.size()));
    for (const std::vector<NodeId>& edge : m.task.producers) {
      w_.U32(static_cast<uint32_t>(edge.size()));
      for (NodeId node : edge) w_.U32(node.value);
    }
    w_.Bytes(m.task.checkpoints_path);
    w_.Bool(m.task.restored.has_value());
    w_.U64(m.task.restored.value_or(CheckpointId()).value);
    return EncodeSnapshots(std::move(m.task.restored_state), &w_);
  }
  absl::Status operator()(const CancelTasks& m) { return Number(m.attempt); }
  absl::Status operator()(const TriggerCheckpoint& m) { return About(m.attempt, m.checkpoint); }
  absl::Status operator()(const NotifyComplete& m) { return About(m.attempt, m.checkpoint); }
  absl::Status operator()(const NotifyAborted& m) { return About(m.attempt, m.checkpoint); }

 private:
  absl::Status Number(Attempt attempt) {
    w_.U32(attempt.value);
    return absl::OkStatus();
  }
  absl::Status Execution(SubtaskId subtask, Attempt attempt) {
    w_.U32(subtask.vertex.value);
    w_.U32(subtask.index);
    return Number(attempt);
  }
  absl::Status About(Attempt attempt, CheckpointId checkpoint) {
    w_.U32(attempt.value);
    w_.U64(checkpoint.value);
    return absl::OkStatus();
  }
  absl::Status Cause(const absl::Status& cause) {
    w_.U32(static_cast<uint32_t>(cause.raw_code()));
    w_.Bytes(cause.message());
    return absl::OkStatus();
  }
  ByteWriter& w_;
};

class Decoder {
 public:
  explicit Decoder(ByteReader* reader) : r_(*reader) {}

  absl::Status operator()(RegisterTaskManager& m) {
    m.slots = r_.U32();
    m.newest_epoch = r_.U64();
    return r_.status();
  }
  absl::Status operator()(RegistrationAccepted&) { return r_.status(); }
  absl::Status operator()(Heartbeat&) { return r_.status(); }
  absl::Status operator()(SubtaskRunning& m) { return Execution(&m.subtask, &m.attempt); }
  absl::Status operator()(SubtaskFailed& m) {
    WEIR_RETURN_IF_ERROR(Execution(&m.subtask, &m.attempt));
    return Cause(&m.cause);
  }
  absl::Status operator()(TasksCancelled& m) { return Number(&m.attempt); }
  absl::Status operator()(Acknowledge& m) {
    WEIR_RETURN_IF_ERROR(Execution(&m.subtask, &m.attempt));
    m.checkpoint = CheckpointId(r_.U64());
    WEIR_ASSIGN_OR_RETURN(m.snapshots, DecodeSnapshots(&r_, m.subtask));
    return r_.status();
  }
  absl::Status operator()(Decline& m) {
    WEIR_RETURN_IF_ERROR(Execution(&m.subtask, &m.attempt));
    m.checkpoint = CheckpointId(r_.U64());
    return Cause(&m.cause);
  }
  absl::Status operator()(DeployTask& m) {
    WEIR_RETURN_IF_ERROR(Execution(&m.task.subtask, &m.task.attempt));
    m.task.job_id = std::string(r_.Bytes());
    const uint32_t vertices = r_.U32();
    for (uint32_t i = 0; i < vertices && r_.ok(); ++i) {
      m.parallelism.push_back(r_.U32());
      m.max_parallelism.push_back(r_.U32());
    }
    const uint32_t edges = r_.U32();
    for (uint32_t i = 0; i < edges && r_.ok(); ++i) {
      std::vector<NodeId>& edge = m.task.producers.emplace_back();
      const uint32_t count = r_.U32();
      for (uint32_t j = 0; j < count && r_.ok(); ++j) edge.push_back(NodeId(r_.U32()));
    }
    m.task.checkpoints_path = std::string(r_.Bytes());
    const bool is_restored = r_.Bool();
    const CheckpointId restored(r_.U64());
    if (is_restored) m.task.restored = restored;
    WEIR_ASSIGN_OR_RETURN(m.task.restored_state, DecodeSnapshots(&r_, m.task.subtask));
    return r_.status();
  }
  absl::Status operator()(CancelTasks& m) { return Number(&m.attempt); }
  absl::Status operator()(TriggerCheckpoint& m) { return About(&m.attempt, &m.checkpoint); }
  absl::Status operator()(NotifyComplete& m) { return About(&m.attempt, &m.checkpoint); }
  absl::Status operator()(NotifyAborted& m) { return About(&m.attempt, &m.checkpoint); }

 private:
  absl::Status Number(Attempt* attempt) {
    *attempt = Attempt(r_.U32());
    return r_.status();
  }
  absl::Status Execution(SubtaskId* subtask, Attempt* attempt) {
    subtask->vertex = VertexId(r_.U32());
    subtask->index = r_.U32();
    return Number(attempt);
  }
  absl::Status About(Attempt* attempt, CheckpointId* checkpoint) {
    *attempt = Attempt(r_.U32());
    *checkpoint = CheckpointId(r_.U64());
    return r_.status();
  }
  absl::Status Cause(absl::Status* cause) {
    const uint32_t code = r_.U32();
    const absl::string_view text = r_.Bytes();
    WEIR_RETURN_IF_ERROR(r_.status());
    if (code == 0 || code > static_cast<uint32_t>(absl::StatusCode::kUnauthenticated)) {
      return absl::DataLossError(absl::StrCat("status code ", code));
    }
    *cause = absl::Status(static_cast<absl::StatusCode>(code), text);
    return absl::OkStatus();
  }
  ByteReader& r_;
};

// The body of kind `kind`, empty.
template <size_t... kKinds>
bool MakeBody(size_t kind, MessageBody* body, std::index_sequence<kKinds...>) {
  return ((kind == kKinds ? (body->emplace<kKinds>(), true) : false) || ...);
}

}  // namespace

uint64_t ControlMessage::Unbilled() const {
  if (const auto* acknowledge = std::get_if<Acknowledge>(&body)) return UnbilledOf(acknowledge->snapshots);
  if (const auto* deploy = std::get_if<DeployTask>(&body)) return UnbilledOf(deploy->task.restored_state);
  return 0;
}

absl::StatusOr<std::string> ControlMessage::Encode() && {
  ByteWriter writer;
  writer.U8(static_cast<uint8_t>(body.index()));
  writer.U64(epoch);
  WEIR_RETURN_IF_ERROR(std::visit(Encoder(&writer), body));
  return writer.Take();
}

absl::StatusOr<ControlMessage> ControlMessage::Decode(absl::string_view bytes) {
  ByteReader reader(bytes);
  ControlMessage message;
  const uint8_t kind = reader.U8();
  message.epoch = reader.U64();
  WEIR_RETURN_IF_ERROR(reader.status());
  if (!MakeBody(kind, &message.body, std::make_index_sequence<std::variant_size_v<MessageBody>>())) {
    return absl::DataLossError(absl::StrCat("no message is of kind ", static_cast<int>(kind)));
  }
  WEIR_RETURN_IF_ERROR(std::visit(Decoder(&reader), message.body));
  WEIR_RETURN_IF_ERROR(reader.Finish());
  return message;
}

}  // namespace weir
