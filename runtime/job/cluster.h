// Licensed under the Apache License, Version 2.0.
//
// The processes of a cluster, ready to be started on nodes: what scenarios/ and runtime/host start. A cluster is one
// or more job managers (one leads, by the register), any number of task managers, and one job.
#ifndef WEIR_RUNTIME_JOB_CLUSTER_H_
#define WEIR_RUNTIME_JOB_CLUSTER_H_

#include <functional>
#include <memory>
#include <vector>

#include "runtime/env/env.h"
#include "runtime/task/job_graph.h"

namespace weir {

// The port on which a job manager takes the connections of task managers.
inline constexpr PortId kJobManagerPort{1};

// Both programs build the graph anew in each process: graphs hold code, and code cannot be sent.
using JobGraphFactory = std::function<JobGraph()>;

struct JobManagerOptions {
  std::string job_id = "00000000000000000000000000000001";  // 32 hex digits; paths and register keys use it
  JobGraphFactory graph;
};
std::unique_ptr<Process> MakeJobManager(Env& env, JobManagerOptions options);

struct TaskManagerOptions {
  std::vector<NodeId> job_managers;  // where a leader may be
  uint32_t slots = 1;
  JobGraphFactory graph;
};
std::unique_ptr<Process> MakeTaskManager(Env& env, TaskManagerOptions options);

}  // namespace weir

#endif  // WEIR_RUNTIME_JOB_CLUSTER_H_
