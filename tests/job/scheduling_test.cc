#include <catch2/catch.hpp>

#include "runtime/job/execution_graph.h"
#include "runtime/job/recovery.h"
#include "runtime/job/restart_strategy.h"
#include "runtime/job/slot_assignment.h"

namespace weir {
namespace {

// source (2) -> sum (3), hash edge.
JobGraph Graph() {
  JobGraph graph;
  graph.vertices.resize(2);
  graph.vertices[0].name = "source";
  graph.vertices[0].parallelism = 2;
  graph.vertices[0].outputs = {0};
  graph.vertices[1].name = "sum";
  graph.vertices[1].parallelism = 3;
  graph.vertices[1].inputs = {0};
  graph.edges.resize(1);
  graph.edges[0].from = VertexId(0);
  graph.edges[0].to = VertexId(1);
  for (uint8_t v = 0; v < 2; ++v) {
    OperatorNode node;
    node.id.bytes[0] = v;
    graph.vertices[v].chain.push_back(node);
  }
  return graph;
}

std::vector<uint32_t> Values(const std::vector<NodeId>& nodes) {
  std::vector<uint32_t> values;
  for (NodeId node : nodes) values.push_back(node.value);
  return values;
}

using Nodes = std::vector<uint32_t>;

TEST_CASE("slots: a job needs as many as its largest parallelism") { CHECK(SlotsNeeded(Graph()) == 3); }

TEST_CASE("slots: task managers take turns by node, until their slots are used up") {
  const std::map<NodeId, uint32_t> offers = {{NodeId(4), 2}, {NodeId(7), 1}, {NodeId(9), 3}};
  CHECK(SlotsOffered(offers) == 6);
  CHECK(Values(AssignSlots(offers, 2)) == Nodes{4, 7});
  CHECK(Values(AssignSlots(offers, 6)) == Nodes{4, 7, 9, 4, 9, 9});
  CHECK(Values(AssignSlots(offers, 8)).size() == 6);
  CHECK(AssignSlots({}, 1).empty());
}

TEST_CASE("execution graph: runs when every subtask does, ends when every node has") {
  const JobGraph graph = Graph();
  ExecutionGraph execution(graph, Attempt(4), {NodeId(1), NodeId(2), NodeId(1)});
  CHECK(execution.subtasks().size() == 5);
  CHECK(execution.NodeOf({VertexId(1), 2}) == NodeId(1));
  CHECK(execution.ProducersOf({VertexId(0), 0}).empty());
  CHECK(execution.ProducersOf({VertexId(1), 2}) == std::vector<std::vector<NodeId>>{{NodeId(1), NodeId(2)}});
  for (SubtaskId subtask : execution.subtasks()) {
    CHECK_FALSE(execution.AllRunning());
    CHECK(execution.NotRunning().front() == subtask);
    execution.OnRunning(subtask);
    execution.OnRunning(subtask);
  }
  CHECK(execution.AllRunning());
  execution.OnNodeEnded(NodeId(1));
  execution.OnNodeEnded(NodeId(5));
  CHECK_FALSE(execution.AllEnded());
  execution.OnNodeEnded(NodeId(2));
  CHECK(execution.AllEnded());
}

TEST_CASE("restart strategy: so many failures and no more, none restarts never") {
  JobConfig config;
  config.restart_attempts = 2;
  config.restart_delay = Duration::Millis(7);
  RestartStrategy strategy(config);
  CHECK(strategy.OnFailure() == Duration::Millis(7));
  CHECK(strategy.OnFailure() == Duration::Millis(7));
  CHECK_FALSE(strategy.OnFailure().has_value());
  CHECK_FALSE(strategy.OnFailure().has_value());
  config.restart = false;
  CHECK_FALSE(RestartStrategy(config).OnFailure().has_value());
}

std::string Metadata(uint64_t id, int32_t parallelism, int32_t max_parallelism) {
  CheckpointMetadata metadata;
  metadata.checkpoint_id = static_cast<int64_t>(id);
  metadata.properties = CheckpointProperties::ForCheckpoint(CheckpointRetention::kNeverRetain);
  OperatorState& state = metadata.operators.emplace_back();
  state.id.bytes[0] = 1;
  state.parallelism = parallelism;
  state.max_parallelism = max_parallelism;
  for (int32_t i = 0; i < parallelism; ++i) {
    SubtaskState& subtask = state.subtasks.emplace_back();
    subtask.index = i;
    subtask.managed_operator =
        OperatorHandle::Partitionable({{"list", OperatorStateMode::kSplitDistribute, {1}}},
                                      StreamHandle::RelativeFile(absl::StrCat("f", i), 5));
  }
  OperatorState& gone = metadata.operators.emplace_back();  // an operator that the job has no more
  gone.id.bytes[0] = 77;
  gone.subtasks.emplace_back();
  return *WriteMetadata(metadata);
}

const CheckpointPointer kPointer{CheckpointId(6), "checkpoints/j/chk-6"};

TEST_CASE("recovery: every subtask gets its share, with whole keys, and unknown operators are left behind") {
  JobGraph graph = Graph();
  const auto restored = AssignState(Metadata(6, 3, 128), kPointer, &graph);
  REQUIRE(restored.ok());
  REQUIRE(restored->size() == 3);
  const std::vector<OperatorSnapshot>& share = restored->at({VertexId(1), 2});
  REQUIRE(share.size() == 1);
  CHECK(share[0].state.managed_operator.stream == StreamHandle::File("checkpoints/j/chk-6/f2", 5));
}

TEST_CASE("recovery: state of another parallelism is dealt anew") {
  JobGraph graph = Graph();
  const auto restored = AssignState(Metadata(6, 5, 128), kPointer, &graph);
  REQUIRE(restored.ok());
  CHECK(restored->at({VertexId(1), 0}).size() == 2);
  CHECK(restored->at({VertexId(1), 2}).size() == 1);
}

TEST_CASE("recovery: a derived max parallelism gives way to that of the state, a chosen one does not") {
  JobGraph graph = Graph();
  REQUIRE(AssignState(Metadata(6, 3, 256), kPointer, &graph).ok());
  CHECK(graph.vertices[1].max_parallelism == 256);
  CHECK(graph.vertices[0].max_parallelism == 128);
  JobGraph chosen = Graph();
  chosen.config.max_parallelism = 128;
  CHECK(absl::IsFailedPrecondition(AssignState(Metadata(6, 3, 256), kPointer, &chosen).status()));
  JobGraph wide = Graph();
  CHECK(absl::IsFailedPrecondition(AssignState(Metadata(6, 2, 2), kPointer, &wide).status()));
}

TEST_CASE("recovery: a damaged file or another checkpoint's is told, never taken") {
  JobGraph graph = Graph();
  CHECK(absl::IsDataLoss(AssignState(Metadata(7, 3, 128), kPointer, &graph).status()));
  const std::string bytes = Metadata(6, 3, 128);
  CHECK_FALSE(AssignState(bytes.substr(0, 120), kPointer, &graph).ok());
  CHECK_FALSE(AssignState("", kPointer, &graph).ok());
}

}  // namespace
}  // namespace weir
