#include "runtime/state/lockstep/shadow_node.h"

#include "runtime/base/check.h"

namespace weir {

ShadowNode::ShadowNode(Env& process)
    : executor_(process.clock),
      random_(process.random.seed()),
      env_{process.clock,    executor_,   process.transport, process.store, disk_,
           process.registry, process.log, random_,           tracer_} {}

void ShadowNode::ShadowExecutor::RemoveActor(ActorId actor) {
  for (auto at = queue_.begin(); at != queue_.end();)
    at = at->second.first == actor ? queue_.erase(at) : ++at;
}

TimerId ShadowNode::ShadowExecutor::After(ActorId actor, Duration delay, Task task) {
  queue_.emplace(std::pair(clock_.Now() + delay, ++tasks_), std::pair(actor, std::move(task)));
  return TimerId(tasks_);
}

void ShadowNode::ShadowExecutor::Cancel(TimerId timer) {
  for (auto at = queue_.begin(); at != queue_.end(); ++at) {
    if (at->first.second != timer.value) continue;
    queue_.erase(at);
    return;
  }
}

void ShadowNode::ShadowExecutor::Exit(const absl::Status& reason) {
  WEIR_CHECK(false, "a shadow has no process that it could end: ", reason.message());
}

void ShadowNode::ShadowExecutor::RunDue() {
  while (!queue_.empty() && queue_.begin()->first.first <= clock_.Now()) {
    Task task = std::move(queue_.begin()->second.second);
    queue_.erase(queue_.begin());
    task();
  }
}

}  // namespace weir
