// Licensed under the Apache License, Version 2.0.
//
// The author's program as it is noted down: operators in the order in which they were added, and how each is fed. The
// typed face of it is data_stream.h; BuildJobGraph makes of it what is deployed.
//
// Rules of building, as Flink has them:
//   * an exchange that the author did not name is forward if the parallelisms are equal, else rebalance
//   * two operators run in one subtask (are chained) if the exchange is forward, both have equal parallelism and max
//     parallelism, the second has one input and the first no other consumer, and nobody switched it off
//   * a side output always travels over an edge, so an operator of which one is read ends its chain. (Flink may chain
//     behind a side output. Ids are given as if we did.)
//   * operator ids come from uids, or from the place in the graph (types/operator_id.h)
#ifndef WEIR_RUNTIME_API_STREAM_GRAPH_H_
#define WEIR_RUNTIME_API_STREAM_GRAPH_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/base/configuration.h"
#include "runtime/task/job_graph.h"

namespace weir {

class StreamGraph {
 public:
  // Where records come from, and how they travel. A stream is one or, if it is a union, several of these.
  struct Origin {
    size_t node = 0;
    std::optional<Partitioner> partitioner;  // nullopt: the default
    std::string side_output;                 // the tag; "": the main output
  };
  struct Input {
    size_t from = 0;
    uint32_t input = 0;                      // of the operator: 0, or 1 of those with two
    std::optional<Partitioner> partitioner;  // nullopt: the default
    std::string side_output;
    const TypeSerializer* serializer = nullptr;
    std::function<int32_t(const void* record)> key_hash;  // kHash
  };
  struct Node {
    OperatorNode op;   // its id is made by BuildJobGraph
    std::string kind;  // "map": the name if there is neither Name nor Uid
    std::string uid_hash;
    std::optional<int64_t> parallelism;
    std::optional<int64_t> max_parallelism;
    bool starts_chain = false;  // never chained to what feeds it
    bool ends_chain = false;    // nothing is chained to it
    std::vector<Input> inputs;  // those of input 0 first
  };

  size_t Add(Node node);
  Node& node(size_t index) { return nodes_[index]; }
  // The program is wrong: BuildJobGraph returns the first such sentence.
  void AddError(std::string error) {
    if (error_.empty()) error_ = std::move(error);
  }
  // Takes what somebody says of an operator where there is none.
  Node& NoOperator() {
    AddError("Uid, Name, parallelism and chaining are an operator's: set them before Union or GetSideOutput");
    return nobody_;
  }
  void set_chaining(bool enabled) { is_chaining_ = enabled; }
  size_t size() const { return nodes_.size(); }

  // kInvalidArgument: what is wrong with the program or its options, in one sentence.
  absl::StatusOr<JobGraph> BuildJobGraph(std::string name, const Configuration& configuration) const;

 private:
  struct Resolved {
    uint32_t parallelism = 1;
    uint32_t max_parallelism = 128;
    bool has_max = false;
  };
  absl::StatusOr<std::vector<Resolved>> Resolve(const JobConfig& config) const;
  Partitioner PartitionerOf(const Input& input, size_t to, const std::vector<Resolved>& resolved) const;
  bool MayChain(size_t to, const std::vector<Resolved>& resolved) const;
  absl::StatusOr<std::vector<OperatorId>> AssignIds(const std::vector<Resolved>& resolved) const;
  std::string NameOf(size_t index) const;

  std::vector<Node> nodes_;
  Node nobody_;
  std::string error_;
  bool is_chaining_ = true;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_API_STREAM_GRAPH_H_
