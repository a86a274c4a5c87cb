#include "runtime/job/recovery.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/checkpoint/redistribution.h"
#include "runtime/format/metadata.h"

namespace weir {
namespace {

absl::Status AdoptMaxParallelism(const OperatorState& state, bool is_explicit, JobVertex* vertex) {
  const auto of_state = static_cast<uint32_t>(state.max_parallelism);
  switch (DecideMaxParallelism(of_state, vertex->max_parallelism, is_explicit, vertex->parallelism)) {
    case MaxParallelismDecision::kKeep:
      return absl::OkStatus();
    case MaxParallelismDecision::kTakeFromState:
      vertex->max_parallelism = of_state;
      return absl::OkStatus();
    case MaxParallelismDecision::kTooLow:
      return absl::FailedPreconditionError(absl::StrCat("state of ", vertex->name, " has max parallelism ",
                                                        of_state, ", below its parallelism ",
                                                        vertex->parallelism));
    case MaxParallelismDecision::kMismatch:
      return absl::FailedPreconditionError(absl::StrCat("state of ", vertex->name, " has max parallelism ",
                                                        of_state, ", and the job sets ",
                                                        vertex->max_parallelism, ": it cannot be changed"));
  }
  WEIR_CHECK(false);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RestoredState> AssignState(absl::string_view metadata, const CheckpointPointer& pointer,
                                          JobGraph* graph) {
  WEIR_ASSIGN_OR_RETURN(const VersionedMetadata read, ReadMetadata(metadata));
  if (read.metadata.checkpoint_id != static_cast<int64_t>(pointer.id.value)) {
    return absl::DataLossError(absl::StrCat(MetadataPath(pointer.path), " is of checkpoint ",
                                            read.metadata.checkpoint_id, ", not ", pointer.id.value));
  }
  std::map<OperatorId, const OperatorState*> states;
  for (const OperatorState& state : read.metadata.operators) states[state.id] = &state;
  const bool is_explicit = graph->config.max_parallelism != 0;
  RestoredState restored;
  for (uint32_t v = 0; v < graph->vertices.size(); ++v) {
    JobVertex& vertex = graph->vertices[v];
    for (const OperatorNode& node : vertex.chain) {
      const auto found = states.find(node.id);
      if (found == states.end() || found->second->subtasks.empty()) continue;
      WEIR_RETURN_IF_ERROR(AdoptMaxParallelism(*found->second, is_explicit, &vertex));
      WEIR_ASSIGN_OR_RETURN(auto dealt, Redistribute(*found->second, vertex.parallelism));
      for (uint32_t index = 0; index < vertex.parallelism; ++index) {
        for (SubtaskState& share : dealt[index]) {
          ResolveRelativeFiles(&share, pointer.path);
          restored[{VertexId(v), index}].push_back({node.id, std::move(share)});
        }
      }
    }
  }
  return restored;
}

}  // namespace weir
