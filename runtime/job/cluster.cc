#include "runtime/job/cluster.h"

#include <utility>

#include "runtime/job/job_manager.h"
#include "runtime/job/task_manager.h"

namespace weir {

std::unique_ptr<Process> MakeJobManager(Env& env, JobManagerOptions options) {
  return std::make_unique<JobManager>(env, std::move(options));
}

std::unique_ptr<Process> MakeTaskManager(Env& env, TaskManagerOptions options) {
  return std::make_unique<TaskManager>(env, std::move(options), Subtask::Create);
}

}  // namespace weir
