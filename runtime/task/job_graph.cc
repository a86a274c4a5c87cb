#include "runtime/task/job_graph.h"

#include <algorithm>
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

// What bounds the parallelism of a vertex in a rescale.
struct Follower {
  bool follows = false;
  uint32_t max_parallelism = 0;
};

// A forward exchange that the author asked for makes its two ends one in this respect; so on along every such exchange.
std::vector<Follower> Followers(const JobGraph& graph) {
  std::vector<Follower> followers;
  for (const JobVertex& vertex : graph.vertices) {
    followers.push_back({!vertex.has_own_parallelism, vertex.max_parallelism});
  }
  bool has_changed = true;
  while (has_changed) {
    has_changed = false;
    for (const JobEdge& edge : graph.edges) {
      if (edge.is_default || edge.partitioner != Partitioner::kForward) continue;
      Follower& from = followers[edge.from.value];
      Follower& to = followers[edge.to.value];
      const Follower both{from.follows && to.follows, std::min(from.max_parallelism, to.max_parallelism)};
      for (Follower* end : {&from, &to}) {
        has_changed |= end->follows != both.follows || end->max_parallelism != both.max_parallelism;
        *end = both;
      }
    }
  }
  return followers;
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

std::vector<uint32_t> JobGraph::ParallelismsFor(uint32_t parallelism) const {
  WEIR_CHECK(parallelism >= 1);
  const std::vector<Follower> followers = Followers(*this);
  std::vector<uint32_t> parallelisms;
  for (size_t i = 0; i < vertices.size(); ++i) {
    parallelisms.push_back(followers[i].follows ? std::min(parallelism, followers[i].max_parallelism)
                                                : vertices[i].parallelism);
  }
  return parallelisms;
}

uint32_t JobGraph::RescaleLimit() const {
  uint32_t limit = 0;
  for (const Follower& follower : Followers(*this)) {
    if (follower.follows) limit = std::max(limit, follower.max_parallelism);
  }
  return limit;
}

void JobGraph::SetParallelisms(const std::vector<uint32_t>& parallelisms) {
  WEIR_CHECK(parallelisms.size() == vertices.size(), parallelisms.size(), " parallelisms");
  for (size_t i = 0; i < vertices.size(); ++i) vertices[i].parallelism = parallelisms[i];
  for (JobEdge& edge : edges) {
    if (!edge.is_default) continue;
    const bool is_equal = vertices[edge.from.value].parallelism == vertices[edge.to.value].parallelism;
    edge.partitioner = is_equal ? Partitioner::kForward : Partitioner::kRebalance;
  }
}

void JobGraph::Rescale(uint32_t parallelism) {
  SetParallelisms(ParallelismsFor(parallelism));
  config.parallelism = parallelism;
}

std::string JobGraph::SubtaskName(SubtaskId subtask) const {
  WEIR_CHECK(subtask.vertex.value < vertices.size());
  return absl::StrCat(vertices[subtask.vertex.value].name, "[", subtask.index, "]");
}

}  // namespace weir
