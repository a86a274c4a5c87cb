// Licensed under the Apache License, Version 2.0.
//
// A job as it is deployed: vertices (chains of operators that run in one subtask) joined by edges (exchanges of
// serialised records). Built by the API from the author's program, which every process holds: what Flink ships as a jar.
// So job manager and task managers each build an equal graph, and messages name its parts by number.
//
// Invariants, checked by Validate():
//  1. Vertices are in topological order; VertexId is the index. Edge index is the position in `edges`.
//  2. Parallelism <= max parallelism <= 32768; a forward edge joins equal parallelisms.
//  3. Operator ids are unique.
//  4. A vertex has edges of input 0, or is a source; the inputs of its edges stand in ascending order.
//
// Rescaling changes how many subtasks a graph has and nothing else: chains, ids, edges and max parallelisms stay those of
// the graph as it was configured, so its state can be dealt to any parallelism and back.
#ifndef WEIR_RUNTIME_TASK_JOB_GRAPH_H_
#define WEIR_RUNTIME_TASK_JOB_GRAPH_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "runtime/base/ids.h"
#include "runtime/stream/partitioner.h"
#include "runtime/task/job_config.h"
#include "runtime/types/type_serializer.h"

namespace weir {

class StreamOperator;  // runtime/operators/stream_operator.h

// How far a sink promises: what the oracle may expect of it.
enum class SinkGuarantee : uint8_t { kNone, kPlain, kTransactional };

struct OperatorNode {
  OperatorId id;
  std::string uid;   // "" if the author gave none
  std::string name;  // for people
  bool is_source = false;
  std::string source_topic;                     // sources that read the log
  const TypeSerializer* source_type = nullptr;  // of what its records hold; null: lines of text
  SinkGuarantee sink = SinkGuarantee::kNone;
  std::string sink_topic;
  bool is_keyed = false;
  const TypeSerializer* key_type = nullptr;  // is_keyed: of the keys; static
  // Builds a fresh operator for one subtask and incarnation.
  std::function<std::unique_ptr<StreamOperator>()> factory;
};

struct JobVertex {
  std::string name;  // "parse -> map", the names of the chain
  uint32_t parallelism = 1;
  uint32_t max_parallelism = 128;
  bool has_own_parallelism = false;  // the author gave it one: rescaling leaves it alone
  std::vector<OperatorNode> chain;   // head first
  std::vector<uint32_t> inputs;      // edges, those of the head operator's input 0 first
  std::vector<uint32_t> outputs;     // edges, leaving the tail
};

struct JobEdge {
  uint32_t index = 0;
  VertexId from;
  VertexId to;
  uint32_t input =
      0;  // of the head operator at `to`: 0, or 1 of those with two; a union has several edges an input
  std::string side_output;  // the tag of what it carries; "": the main output
  Partitioner partitioner = Partitioner::kForward;
  bool is_default =
      false;  // the author named no partitioner: forward between equal parallelisms, else rebalance
  const TypeSerializer* serializer = nullptr;  // of the records on this edge; static
  // kHash: the hash of a record's key (Flink's hashCode); takes the record as the serializer's type.
  std::function<int32_t(const void* record)> key_hash;
};

struct JobGraph {
  std::string name;
  JobConfig config;
  std::vector<JobVertex> vertices;
  std::vector<JobEdge> edges;

  absl::Status Validate() const;
  uint32_t SubtaskCount() const;

  // By vertex: its parallelism after Rescale(parallelism). Who has none of its own takes the new one, but not more than
  // its max parallelism. Vertices that a forward exchange of the author joins keep step: if one of them stays as it is,
  // all do; the least max parallelism among them counts for all.
  std::vector<uint32_t> ParallelismsFor(uint32_t parallelism) const;
  // The greatest parallelism that still makes a difference; 0: no vertex follows.
  uint32_t RescaleLimit() const;
  // By vertex, as ParallelismsFor gives it. Exchanges that the author did not name follow. A function of its argument: what
  // the graph was before leaves no trace. REQUIRES: an entry for each vertex.
  void SetParallelisms(const std::vector<uint32_t>& parallelisms);
  // Both, and config.parallelism. The graph stays valid. REQUIRES: parallelism >= 1.
  void Rescale(uint32_t parallelism);

  // "map -> sum[1]": the vertex name without the parallelism, and the index.
  std::string SubtaskName(SubtaskId subtask) const;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_TASK_JOB_GRAPH_H_
