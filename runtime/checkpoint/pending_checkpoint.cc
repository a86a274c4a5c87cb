#include "runtime/checkpoint/pending_checkpoint.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"

namespace weir {
namespace {

bool HasState(const SubtaskState& state) {
  return !state.managed_operator.is_null() || !state.raw_operator.is_null() ||
         !state.managed_keyed.is_null() || !state.raw_keyed.is_null() || !state.input_channels.empty() ||
         !state.result_subpartitions.empty();
}

}  // namespace

PendingCheckpoint::PendingCheckpoint(CheckpointId id, Attempt attempt, const CheckpointPlan& plan)
    : id_(id), attempt_(attempt), plan_(plan) {
  for (const PlannedVertex& vertex : plan_.vertices) expected_ += vertex.parallelism;
  WEIR_CHECK(expected_ > 0, "a checkpoint of nothing");
}

bool PendingCheckpoint::IsExpected(SubtaskId subtask) const {
  return subtask.vertex.value < plan_.vertices.size() &&
         subtask.index < plan_.vertices[subtask.vertex.value].parallelism;
}

std::vector<SubtaskId> PendingCheckpoint::MissingSubtasks() const {
  std::vector<SubtaskId> result;
  for (uint32_t vertex = 0; vertex < plan_.vertices.size(); ++vertex) {
    for (uint32_t index = 0; index < plan_.vertices[vertex].parallelism; ++index) {
      const SubtaskId subtask{VertexId(vertex), index};
      if (!IsAcknowledged(subtask)) result.push_back(subtask);
    }
  }
  return result;
}

void PendingCheckpoint::Acknowledge(SubtaskId subtask, std::vector<OperatorSnapshot> snapshots) {
  WEIR_CHECK(phase_ == Phase::kCollecting && IsExpected(subtask));
  const bool is_new = acknowledged_.emplace(subtask, std::move(snapshots)).second;
  WEIR_CHECK(is_new, plan_.SubtaskName(subtask), " acknowledged checkpoint ", id_.value, " twice");
}

absl::StatusOr<CheckpointMetadata> PendingCheckpoint::TakeMetadata() {
  CheckpointMetadata metadata;
  metadata.checkpoint_id = static_cast<int64_t>(id_.value);
  metadata.properties = CheckpointProperties::ForCheckpoint(CheckpointRetention::kNeverRetain);
  std::map<OperatorId, size_t> position;  // in metadata.operators
  std::map<OperatorId, uint32_t> vertex_of;
  for (uint32_t v = 0; v < plan_.vertices.size(); ++v) {
    const PlannedVertex& vertex = plan_.vertices[v];
    for (const PlannedOperator& planned : vertex.operators) {
      position[planned.id] = metadata.operators.size();
      vertex_of[planned.id] = v;
      OperatorState& state = metadata.operators.emplace_back();
      state.name = planned.name;
      state.uid = planned.uid;
      state.id = planned.id;
      state.parallelism = static_cast<int32_t>(vertex.parallelism);
      state.max_parallelism = static_cast<int32_t>(vertex.max_parallelism);
      state.subtasks.reserve(vertex.parallelism);
    }
  }
  for (auto& [subtask, snapshots] : acknowledged_) {
    for (OperatorSnapshot& snapshot : snapshots) {
      const auto vertex = vertex_of.find(snapshot.operator_id);
      if (vertex == vertex_of.end() || vertex->second != subtask.vertex.value) {
        return absl::InvalidArgumentError(
            absl::StrCat(plan_.SubtaskName(subtask), " has no operator ", snapshot.operator_id.ToHex()));
      }
      if (!HasState(snapshot.state)) continue;
      SubtaskState& state =
          metadata.operators[position[snapshot.operator_id]].subtasks.emplace_back(std::move(snapshot.state));
      state.index = static_cast<int32_t>(subtask.index);
    }
  }
  return metadata;
}

void PendingCheckpoint::Enter(Phase phase) {
  WEIR_CHECK(static_cast<int>(phase) == static_cast<int>(phase_) + 1 && missing() == 0);
  phase_ = phase;
}

}  // namespace weir
