// Licensed under the Apache License, Version 2.0.
//
// One attempt of the job: where each subtask is and how far it has come. Pure bookkeeping; the job master acts.
//
//   deployed -> running -> ended         Subtasks end by node: when its task manager has cancelled them, or is lost.
//        '-------------------^
#ifndef WEIR_RUNTIME_JOB_EXECUTION_GRAPH_H_
#define WEIR_RUNTIME_JOB_EXECUTION_GRAPH_H_

#include <map>
#include <set>
#include <vector>

#include "runtime/base/ids.h"
#include "runtime/task/job_graph.h"

namespace weir {

class ExecutionGraph {
 public:
  // `slots`: the node of each slot, at least SlotsNeeded(graph) many. `graph` outlives it.
  ExecutionGraph(const JobGraph& graph, Attempt attempt, std::vector<NodeId> slots);

  Attempt attempt() const { return attempt_; }
  // In topological order of the vertices, then by index.
  const std::vector<SubtaskId>& subtasks() const { return subtasks_; }
  NodeId NodeOf(SubtaskId subtask) const;
  // Those that hold subtasks which have not ended.
  const std::set<NodeId>& live_nodes() const { return live_nodes_; }
  // For each input edge of the subtask's vertex: the node of every producer, by index.
  std::vector<std::vector<NodeId>> ProducersOf(SubtaskId subtask) const;

  bool Contains(SubtaskId subtask) const;
  // Repetitions have no effect.
  void OnRunning(SubtaskId subtask) { running_.insert(subtask); }
  void OnNodeEnded(NodeId node) { live_nodes_.erase(node); }
  bool AllRunning() const { return running_.size() == subtasks_.size(); }
  bool AllEnded() const { return live_nodes_.empty(); }
  std::vector<SubtaskId> NotRunning() const;

 private:
  const JobGraph& graph_;
  const Attempt attempt_;
  const std::vector<NodeId> slots_;
  std::vector<SubtaskId> subtasks_;
  std::set<SubtaskId> running_;
  std::set<NodeId> live_nodes_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_JOB_EXECUTION_GRAPH_H_
