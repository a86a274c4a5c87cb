#include "sim/world.h"

#include "absl/strings/str_cat.h"
#include "sim/connections.h"
#include "sim/kernel.h"
#include "sim/sim_process.h"

namespace weir::sim {

struct World::State {
  explicit State(WorldOptions options) : kernel(options), network(kernel.connections()) {}
  Kernel kernel;
  Network network;
};

World::World(WorldOptions options) : state_(std::make_unique<State>(options)) {}
World::~World() = default;

NodeId World::AddNode(std::string name) { return state_->kernel.AddNode(std::move(name)); }
const std::string& World::NodeName(NodeId node) const { return state_->kernel.node(node).name; }
size_t World::node_count() const { return state_->kernel.node_count(); }

void World::SetClientFactory(ClientFactory factory) { state_->kernel.client_factory() = std::move(factory); }

void World::Start(NodeId node, Program program) {
  state_->kernel.node(node).program = std::move(program);
  state_->kernel.StartProcess(node);
}

void World::Restart(NodeId node) { state_->kernel.StartProcess(node); }

void World::Crash(NodeId node, CrashMode mode) { state_->kernel.EndProcess(node, mode, std::nullopt); }

void World::Pause(NodeId node) {
  SimProcess* process = state_->kernel.node(node).process.get();
  if (process == nullptr || process->is_paused()) return;
  process->Pause();
  Emit(events::ProcessPaused(node.value, process->incarnation()));
}

void World::Resume(NodeId node) {
  SimProcess* process = state_->kernel.node(node).process.get();
  if (process == nullptr || !process->is_paused()) return;
  Emit(events::ProcessResumed(node.value, process->incarnation()));
  // An observer may have killed it, and even started another one.
  if (process == state_->kernel.node(node).process.get()) process->Resume();
}

bool World::IsAlive(NodeId node) const { return state_->kernel.node(node).process != nullptr; }

bool World::IsPaused(NodeId node) const {
  const SimProcess* process = state_->kernel.node(node).process.get();
  return process != nullptr && process->is_paused();
}

uint32_t World::Incarnation(NodeId node) const { return state_->kernel.node(node).incarnation; }

Process* World::process(NodeId node) {
  const SimProcess* process = state_->kernel.node(node).process.get();
  return process == nullptr ? nullptr : process->object();
}

void World::OnProcessEnd(absl::AnyInvocable<void(NodeId, const absl::Status&)> callback) {
  state_->kernel.OnProcessEnd(std::move(callback));
}

Network& World::network() { return state_->network; }
Disk& World::disk(NodeId node) { return *state_->kernel.node(node).disk; }

void World::JumpWallClock(NodeId node, Duration by) {
  state_->kernel.node(node).wall_offset_millis += by.millis();
}

WallTime World::WallClock(NodeId node) const {
  Kernel& kernel = state_->kernel;
  return {kernel.WallStart(node).millis + (kernel.now() - Instant()).millis()};
}

Instant World::now() const { return state_->kernel.now(); }
uint64_t World::events() const { return state_->kernel.events(); }
void World::At(Instant when, Task task) { state_->kernel.At(when, std::move(task)); }
bool World::Step() { return state_->kernel.Step(Instant::Max()); }

absl::Status World::RunUntil(const std::function<bool()>& done, Instant deadline) {
  return state_->kernel.RunUntil(done, deadline);
}

const std::optional<std::string>& World::failure() const { return state_->kernel.failure(); }

void World::AddObserver(Observer* observer) { state_->kernel.AddObserver(observer); }
void World::Emit(const Event& event) { state_->kernel.Emit(event); }
Digest& World::digest() { return state_->kernel.digest(); }
const Random& World::random() const { return state_->kernel.random(); }

std::vector<Wait> World::Waits() const {
  std::vector<Wait> waits;
  Kernel& kernel = state_->kernel;
  for (uint32_t i = 0; i < kernel.node_count(); ++i) {
    if (const auto& process = kernel.node(NodeId(i)).process) process->AppendWaits(&waits);
  }
  return waits;
}

std::vector<std::string> World::LastFailures() const {
  std::vector<std::string> failures;
  Kernel& kernel = state_->kernel;
  for (uint32_t i = 0; i < kernel.node_count(); ++i) {
    if (const auto& process = kernel.node(NodeId(i)).process) process->AppendLastFailures(&failures);
  }
  return failures;
}

std::string World::Describe() const {
  Kernel& kernel = state_->kernel;
  std::string text = absl::StrCat("at ", FormatInstant(kernel.now()), ", event ", kernel.events(), "\n");
  for (uint32_t i = 0; i < kernel.node_count(); ++i) {
    const Node& node = kernel.node(NodeId(i));
    absl::StrAppend(&text, node.name);
    if (node.process == nullptr) {
      absl::StrAppend(&text, node.incarnation == 0 ? ": never started\n" : ": dead\n");
      continue;
    }
    absl::StrAppend(&text, ": incarnation ", node.incarnation, node.process->is_paused() ? ", paused" : "",
                    "\n");
    node.process->AppendDescription(&text);
  }
  return text;
}

}  // namespace weir::sim
