#include "runtime/job/execution_graph.h"

#include <utility>

#include "runtime/base/check.h"
#include "runtime/job/slot_assignment.h"

namespace weir {

ExecutionGraph::ExecutionGraph(const JobGraph& graph, Attempt attempt, std::vector<NodeId> slots)
    : graph_(graph), attempt_(attempt), slots_(std::move(slots)) {
  WEIR_CHECK(slots_.size() >= SlotsNeeded(graph_), slots_.size(), " slots for a job that needs more");
  for (uint32_t vertex = 0; vertex < graph_.vertices.size(); ++vertex) {
    for (uint32_t index = 0; index < graph_.vertices[vertex].parallelism; ++index) {
      subtasks_.push_back({VertexId(vertex), index});
      live_nodes_.insert(slots_[index]);
    }
  }
}

NodeId ExecutionGraph::NodeOf(SubtaskId subtask) const {
  WEIR_CHECK(Contains(subtask));
  return slots_[subtask.index];
}

std::vector<std::vector<NodeId>> ExecutionGraph::ProducersOf(SubtaskId subtask) const {
  WEIR_CHECK(Contains(subtask));
  std::vector<std::vector<NodeId>> producers;
  for (uint32_t edge : graph_.vertices[subtask.vertex.value].inputs) {
    const JobVertex& from = graph_.vertices[graph_.edges[edge].from.value];
    producers.emplace_back(slots_.begin(), slots_.begin() + from.parallelism);
  }
  return producers;
}

bool ExecutionGraph::Contains(SubtaskId subtask) const {
  return subtask.vertex.value < graph_.vertices.size() &&
         subtask.index < graph_.vertices[subtask.vertex.value].parallelism;
}

std::vector<SubtaskId> ExecutionGraph::NotRunning() const {
  std::vector<SubtaskId> result;
  for (SubtaskId subtask : subtasks_) {
    if (running_.count(subtask) == 0) result.push_back(subtask);
  }
  return result;
}

}  // namespace weir
