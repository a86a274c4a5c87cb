#include "runtime/task/job_graph.h"

#include <set>

#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/types/key_hash.h"

namespace weir {
namespace {

absl::Status CheckVertex(const JobVertex& vertex, std::set<OperatorId>* ids) {
  if (vertex.chain.empty()) return absl::InvalidArgumentError("a vertex without operators");
  if (absl::Status status = CheckParallelism(vertex.parallelism, vertex.max_parallelism); !status.ok()) {
    return WithContext(status, absl::StrCat("operator ", vertex.name));
  }
  for (const OperatorNode& node : vertex.chain) {
    if (!ids->insert(node.id).second) {
      return absl::InvalidArgumentError(absl::StrCat("two operators have the id ", node.id.ToHex(), ": ",
                                                     node.name, " needs a uid of its own"));
    }
    if (node.factory == nullptr)
      return absl::InvalidArgumentError(absl::StrCat("operator ", node.name, " has no code"));
    if (node.is_keyed && node.key_type == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("keyed operator ", node.name, " has no key type"));
    }
  }
  const bool is_source = vertex.chain.front().is_source;
  if (is_source != vertex.inputs.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "operator ", vertex.name, is_source ? " is a source and has an input" : " has no input"));
  }
  return absl::OkStatus();
}

absl::Status CheckEdge(const JobGraph& graph, const JobEdge& edge) {
  const std::string where = absl::StrCat("edge ", edge.index);
  if (edge.from.value >= graph.vertices.size() || edge.to.value >= graph.vertices.size() ||
      edge.from >= edge.to) {
    return absl::InvalidArgumentError(absl::StrCat(where, " does not lead to a later vertex"));
  }
  const JobVertex& from = graph.vertices[edge.from.value];
  const JobVertex& to = graph.vertices[edge.to.value];
  if (edge.serializer == nullptr)
    return absl::InvalidArgumentError(absl::StrCat(where, " has no serializer"));
  if (edge.partitioner == Partitioner::kForward && from.parallelism != to.parallelism) {
    return absl::InvalidArgumentError(
        absl::StrCat("forward from ", from.name, " with parallelism ", from.parallelism, " to ", to.name,
                     " with ", to.parallelism, ": they must be equal, or use Rebalance()"));
  }
  if (edge.partitioner == Partitioner::kHash && edge.key_hash == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(where, " is partitioned by key and has no key"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status JobGraph::Validate() const {
  if (vertices.empty()) return absl::InvalidArgumentError("the job has no operators: add a source");
  std::set<OperatorId> ids;
  for (const JobVertex& vertex : vertices) {
    WEIR_RETURN_IF_ERROR(CheckVertex(vertex, &ids));
    uint32_t input = 0;
    for (const uint32_t edge : vertex.inputs) {
      WEIR_CHECK(edge < edges.size(), vertex.name);
      WEIR_CHECK(edges[edge].input >= input && edges[edge].input <= 1, vertex.name);
      input = edges[edge].input;
    }
    WEIR_CHECK(vertex.inputs.empty() || edges[vertex.inputs[0]].input == 0, vertex.name);
    for (const uint32_t edge : vertex.outputs) WEIR_CHECK(edge < edges.size(), vertex.name);
  }
  for (size_t i = 0; i < edges.size(); ++i) {
    WEIR_CHECK(edges[i].index == i, "edge ", i, " says that it is ", edges[i].index);
    WEIR_RETURN_IF_ERROR(CheckEdge(*this, edges[i]));
  }
  return absl::OkStatus();
}

uint32_t JobGraph::SubtaskCount() const {
  uint32_t count = 0;
  for (const JobVertex& vertex : vertices) count += vertex.parallelism;
  return count;
}

std::string JobGraph::SubtaskName(SubtaskId subtask) const {
  WEIR_CHECK(subtask.vertex.value < vertices.size());
  return absl::StrCat(vertices[subtask.vertex.value].name, "[", subtask.index, "]");
}

}  // namespace weir
