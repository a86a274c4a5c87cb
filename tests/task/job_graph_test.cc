#include "runtime/task/job_graph.h"

#include <catch2/catch.hpp>

#include "runtime/operators/stream_operator.h"
#include "runtime/types/type_of.h"

namespace weir {
namespace {

using Counts = std::vector<uint32_t>;

// A chain of vertices a -> b -> c ..., each joined to the one before by the given exchange.
class Line {
 public:
  explicit Line(uint32_t parallelism, uint32_t max_parallelism = 128) { Add(parallelism, max_parallelism); }

  Line& Default(uint32_t parallelism, uint32_t max_parallelism = 128) {
    const bool is_equal = graph_.vertices.back().parallelism == parallelism;
    Join(is_equal ? Partitioner::kForward : Partitioner::kRebalance, parallelism, max_parallelism);
    graph_.edges.back().is_default = true;
    return *this;
  }
  Line& Named(Partitioner partitioner, uint32_t parallelism, uint32_t max_parallelism = 128) {
    Join(partitioner, parallelism, max_parallelism);
    return *this;
  }
  // The author gave the last vertex its parallelism.
  Line& Own() { return graph_.vertices.back().has_own_parallelism = true, *this; }
  JobGraph Build() const {
    REQUIRE(graph_.Validate().ToString() == "OK");
    return graph_;
  }

 private:
  void Add(uint32_t parallelism, uint32_t max_parallelism) {
    JobVertex& vertex = graph_.vertices.emplace_back();
    vertex.name = std::string(1, static_cast<char>('a' + graph_.vertices.size() - 1));
    vertex.parallelism = parallelism;
    vertex.max_parallelism = max_parallelism;
    OperatorNode& node = vertex.chain.emplace_back();
    node.id.bytes[0] = static_cast<uint8_t>(graph_.vertices.size());
    node.is_source = graph_.vertices.size() == 1;
    node.factory = [] { return std::unique_ptr<StreamOperator>(); };
  }
  void Join(Partitioner partitioner, uint32_t parallelism, uint32_t max_parallelism) {
    Add(parallelism, max_parallelism);
    JobEdge& edge = graph_.edges.emplace_back();
    edge.index = static_cast<uint32_t>(graph_.edges.size() - 1);
    edge.from = VertexId(edge.index);
    edge.to = VertexId(edge.index + 1);
    edge.partitioner = partitioner;
    edge.serializer = &TypeOf<int64_t>::Serializer();
    edge.key_hash = [](const void*) { return 0; };
    graph_.vertices[edge.index].outputs = {edge.index};
    graph_.vertices.back().inputs = {edge.index};
  }
  JobGraph graph_;
};

Counts ParallelismsOf(const JobGraph& graph) {
  Counts counts;
  for (const JobVertex& vertex : graph.vertices) counts.push_back(vertex.parallelism);
  return counts;
}

JobGraph Rescaled(JobGraph graph, uint32_t parallelism) {
  graph.Rescale(parallelism);
  REQUIRE(graph.Validate().ToString() == "OK");
  return graph;
}

TEST_CASE("rescale: vertices without a parallelism of their own take the new one, up and down") {
  const JobGraph graph = Line(2).Named(Partitioner::kHash, 2).Named(Partitioner::kHash, 3).Own().Build();
  CHECK(ParallelismsOf(Rescaled(graph, 5)) == Counts{5, 5, 3});
  CHECK(ParallelismsOf(Rescaled(graph, 1)) == Counts{1, 1, 3});
  CHECK(Rescaled(graph, 5).config.parallelism == 5);
  CHECK(graph.RescaleLimit() == 128);
}

TEST_CASE("rescale: never above the max parallelism, which stays") {
  const JobGraph graph = Line(2, 4).Named(Partitioner::kHash, 2, 7).Build();
  const JobGraph wide = Rescaled(graph, 6);
  CHECK(ParallelismsOf(wide) == Counts{4, 6});
  CHECK(wide.vertices[0].max_parallelism == 4);
  CHECK(graph.RescaleLimit() == 7);
  CHECK(ParallelismsOf(Rescaled(wide, 2)) == Counts{2, 2});
}

TEST_CASE("rescale: an exchange without a name is forward between equals, else rebalance") {
  const JobGraph graph = Line(3).Own().Default(2).Default(2).Build();
  CHECK(graph.edges[0].partitioner == Partitioner::kRebalance);
  const JobGraph equal = Rescaled(graph, 3);
  CHECK(equal.edges[0].partitioner == Partitioner::kForward);
  CHECK(equal.edges[1].partitioner == Partitioner::kForward);
  CHECK(Rescaled(equal, 4).edges[0].partitioner == Partitioner::kRebalance);
  const JobGraph named = Line(2).Named(Partitioner::kRebalance, 2).Build();
  CHECK(Rescaled(named, 4).edges[0].partitioner == Partitioner::kRebalance);
}

TEST_CASE("rescale: a forward exchange that the author named keeps its ends in step") {
  const JobGraph held = Line(2).Named(Partitioner::kForward, 2).Named(Partitioner::kForward, 2).Own().Build();
  CHECK(ParallelismsOf(Rescaled(held, 4)) == Counts{2, 2, 2});
  CHECK(held.RescaleLimit() == 0);
  const JobGraph bounded = Line(2).Named(Partitioner::kForward, 2).Named(Partitioner::kForward, 2, 3).Build();
  CHECK(ParallelismsOf(Rescaled(bounded, 9)) == Counts{3, 3, 3});
  CHECK(bounded.RescaleLimit() == 3);
}

TEST_CASE("rescale: the way there leaves no trace") {
  const JobGraph graph = Line(3).Own().Default(2, 5).Default(2).Named(Partitioner::kForward, 2, 6).Build();
  for (const uint32_t to : {1u, 2u, 3u, 5u, 9u}) {
    const JobGraph straight = Rescaled(graph, to);
    const JobGraph around = Rescaled(Rescaled(Rescaled(graph, 9), 1), to);
    CHECK(ParallelismsOf(straight) == ParallelismsOf(around));
    for (size_t i = 0; i < graph.edges.size(); ++i) {
      CHECK(straight.edges[i].partitioner == around.edges[i].partitioner);
    }
  }
}

}  // namespace
}  // namespace weir
