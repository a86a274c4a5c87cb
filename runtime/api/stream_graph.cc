#include "runtime/api/stream_graph.h"

#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/types/key_hash.h"
#include "runtime/types/operator_id.h"

namespace weir {

size_t StreamGraph::Add(Node node) {
  for (const Input& input : node.inputs) WEIR_CHECK(input.from < nodes_.size(), "inputs are added first");
  nodes_.push_back(std::move(node));
  return nodes_.size() - 1;
}

std::string StreamGraph::NameOf(size_t index) const {
  const Node& node = nodes_[index];
  if (!node.op.name.empty()) return node.op.name;
  return node.op.uid.empty() ? node.kind : node.op.uid;
}

absl::StatusOr<std::vector<StreamGraph::Resolved>> StreamGraph::Resolve(const JobConfig& config) const {
  std::vector<Resolved> resolved;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    const int64_t parallelism = node.parallelism.value_or(config.parallelism);
    int64_t max = node.max_parallelism.value_or(config.max_parallelism);
    const bool has_max = node.max_parallelism.has_value() || config.max_parallelism != 0;
    if (!has_max && parallelism > 0 && parallelism <= kMaxParallelismUpperBound) {
      max = DefaultMaxParallelism(static_cast<uint32_t>(parallelism));
    }
    if (parallelism <= 0 || has_max || parallelism > kMaxParallelismUpperBound) {
      WEIR_RETURN_IF_ERROR(
          WithContext(CheckParallelism(parallelism, has_max ? max : kMaxParallelismUpperBound),
                      absl::StrCat("operator ", NameOf(i))));
    }
    resolved.push_back({static_cast<uint32_t>(parallelism), static_cast<uint32_t>(max), has_max});
  }
  return resolved;
}

Partitioner StreamGraph::PartitionerOf(const Input& input, size_t to,
                                       const std::vector<Resolved>& resolved) const {
  if (input.partitioner.has_value()) return *input.partitioner;
  return resolved[input.from].parallelism == resolved[to].parallelism ? Partitioner::kForward
                                                                      : Partitioner::kRebalance;
}

// Whether the node could run in the subtask of what feeds it, as far as operator ids care.
bool StreamGraph::MayChain(size_t to, const std::vector<Resolved>& resolved) const {
  const Node& node = nodes_[to];
  if (!is_chaining_ || node.starts_chain || node.inputs.size() != 1) return false;
  const Input& input = node.inputs[0];
  return !nodes_[input.from].ends_chain && PartitionerOf(input, to, resolved) == Partitioner::kForward &&
         resolved[input.from].parallelism == resolved[to].parallelism;
}

absl::StatusOr<std::vector<OperatorId>> StreamGraph::AssignIds(const std::vector<Resolved>& resolved) const {
  std::vector<IdNode> nodes;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    IdNode& node = nodes.emplace_back();
    node.uid = nodes_[i].op.uid;
    for (const Input& input : nodes_[i].inputs) node.inputs.push_back({input.from, MayChain(i, resolved)});
  }
  WEIR_ASSIGN_OR_RETURN(std::vector<OperatorId> ids, AssignOperatorIds(nodes));
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].uid_hash.empty()) continue;
    const auto id = OperatorIdFromHex(nodes_[i].uid_hash);
    if (!id.ok()) return WithContext(id.status(), absl::StrCat("UidHash of operator ", NameOf(i)));
    ids[i] = *id;
  }
  return ids;
}

absl::StatusOr<JobGraph> StreamGraph::BuildJobGraph(std::string name,
                                                    const Configuration& configuration) const {
  if (!error_.empty()) return absl::InvalidArgumentError(error_);
  JobGraph graph;
  graph.name = std::move(name);
  WEIR_ASSIGN_OR_RETURN(graph.config, JobConfig::From(configuration));
  WEIR_ASSIGN_OR_RETURN(const std::vector<Resolved> resolved, Resolve(graph.config));
  WEIR_ASSIGN_OR_RETURN(const std::vector<OperatorId> ids, AssignIds(resolved));
  std::vector<uint32_t> consumers(nodes_.size(), 0);
  for (const Node& node : nodes_) {
    for (const Input& input : node.inputs) ++consumers[input.from];
  }
  // A node is added after what feeds it, so vertices in the order of their heads are in topological order.
  std::vector<uint32_t> vertex_of(nodes_.size());
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const bool is_chained = MayChain(i, resolved) && nodes_[i].inputs[0].side_output.empty() &&
                            consumers[nodes_[i].inputs[0].from] == 1 &&
                            resolved[nodes_[i].inputs[0].from].max_parallelism == resolved[i].max_parallelism;
    if (is_chained) {
      vertex_of[i] = vertex_of[nodes_[i].inputs[0].from];
    } else {
      vertex_of[i] = static_cast<uint32_t>(graph.vertices.size());
      JobVertex& added = graph.vertices.emplace_back();
      added.parallelism = resolved[i].parallelism;
      added.max_parallelism = resolved[i].max_parallelism;
      for (const Input& input : nodes_[i].inputs) {
        JobEdge& edge = graph.edges.emplace_back();
        edge.index = static_cast<uint32_t>(graph.edges.size() - 1);
        edge.from = VertexId(vertex_of[input.from]);
        edge.to = VertexId(vertex_of[i]);
        edge.input = input.input;
        edge.side_output = input.side_output;
        edge.partitioner = PartitionerOf(input, i, resolved);
        edge.is_default = !input.partitioner.has_value();
        edge.serializer = input.serializer;
        edge.key_hash = input.key_hash;
        added.inputs.push_back(edge.index);
        graph.vertices[edge.from.value].outputs.push_back(edge.index);
      }
    }
    JobVertex& vertex = graph.vertices[vertex_of[i]];
    vertex.has_own_parallelism |= nodes_[i].parallelism.has_value();
    OperatorNode& op = vertex.chain.emplace_back(nodes_[i].op);
    op.id = ids[i];
    op.name = NameOf(i);
    absl::StrAppend(&vertex.name, vertex.name.empty() ? "" : " -> ", op.name);
  }
  WEIR_RETURN_IF_ERROR(graph.Validate());
  return graph;
}

}  // namespace weir
