// Licensed under the Apache License, Version 2.0.
//
// A checkpoint coordinator with its store in a fake world, and a gateway that writes down what it is told.
#ifndef WEIR_TESTS_CHECKPOINT_COORDINATOR_HARNESS_H_
#define WEIR_TESTS_CHECKPOINT_COORDINATOR_HARNESS_H_

#include <optional>
#include <string>
#include <vector>

#include "runtime/checkpoint/checkpoint_coordinator.h"
#include "tests/checkpoint/fake_env.h"

namespace weir {

class RecordingGateway : public CoordinatorGateway {
 public:
  void TriggerCheckpoint(Attempt, CheckpointId id) override { triggered.push_back(id.value); }
  void NotifyComplete(Attempt, CheckpointId id) override { completed.push_back(id.value); }
  void NotifyAborted(Attempt, CheckpointId id) override { aborted.push_back(id.value); }
  void FailJob(const absl::Status& cause) override {
    failures.push_back(cause);
    if (on_fail) on_fail();
  }
  std::vector<uint64_t> triggered, completed, aborted;
  std::vector<absl::Status> failures;
  std::function<void()> on_fail;
};

// Vertex 0 "source" and vertex 1 "sum", two subtasks each, one operator each.
inline CheckpointPlan TwoByTwo() {
  CheckpointPlan plan;
  for (uint8_t v = 0; v < 2; ++v) {
    PlannedVertex& vertex = plan.vertices.emplace_back();
    vertex.name = v == 0 ? "source" : "sum";
    vertex.parallelism = 2;
    OperatorId id;
    id.bytes[0] = static_cast<uint8_t>(v + 1);
    vertex.operators.push_back({id, vertex.name, vertex.name});
  }
  return plan;
}

inline std::vector<SubtaskId> Subtasks() {
  return {{VertexId(0), 0}, {VertexId(0), 1}, {VertexId(1), 0}, {VertexId(1), 1}};
}

struct CoordinatorHarness {
  static constexpr ActorId kActor{1};
  static constexpr Duration kInterval = Duration::Millis(100);

  explicit CoordinatorHarness(std::function<void(CheckpointCoordinator::Options&)> adjust = nullptr,
                              uint32_t num_retained = 1, uint64_t epoch = 1)
      : store({"job", epoch, num_retained, Duration::Millis(10)}, kActor, world.executor, world.registry) {
    CheckpointCoordinator::Options options;
    options.job_id = "job";
    options.checkpoint_dir = "checkpoints";
    options.interval = kInterval;
    options.timeout = Duration::Millis(1000);
    options.retry_delay = Duration::Millis(10);
    if (adjust) adjust(options);
    coordinator.emplace(options, world.env, kActor, store, gateway);
    store.TakeOver([](const absl::Status& status) { WEIR_CHECK(status.ok()); });
    world.executor.RunFor(Duration::Millis(10));
    gateway.on_fail = [this] { coordinator->Stop(); };
  }

  void Start(uint32_t attempt = 1) {
    running = attempt;
    coordinator->Start(Attempt(attempt), TwoByTwo());
  }
  void RunFor(int64_t millis) { world.executor.RunFor(Duration::Millis(millis)); }
  // Runs until a checkpoint more was triggered; returns its id.
  uint64_t NextTriggered() {
    const size_t before = gateway.triggered.size();
    for (int i = 0; i < 1000 && gateway.triggered.size() == before; ++i) RunFor(1);
    WEIR_CHECK(gateway.triggered.size() == before + 1);
    return gateway.triggered.back();
  }
  static std::string FileOf(uint64_t id, SubtaskId subtask) {
    return absl::StrCat(CheckpointPath("checkpoints", "job", CheckpointId(id)), "/", subtask.vertex.value,
                        "-", subtask.index);
  }
  // The subtask stores its file and acknowledges.
  void Acknowledge(uint64_t id, SubtaskId subtask, uint32_t attempt) {
    world.store.blobs[FileOf(id, subtask)] = Blob{"state", 0};
    OperatorSnapshot snapshot;
    snapshot.operator_id.bytes[0] = static_cast<uint8_t>(subtask.vertex.value + 1);
    snapshot.state.managed_operator = OperatorHandle::Partitionable(
        {{"list", OperatorStateMode::kSplitDistribute, {0}}},
        StreamHandle::RelativeFile(absl::StrCat(subtask.vertex.value, "-", subtask.index), 5));
    coordinator->Acknowledge(subtask, Attempt(attempt), CheckpointId(id), {snapshot});
  }
  void AcknowledgeAll(uint64_t id) {
    for (SubtaskId subtask : Subtasks()) Acknowledge(id, subtask, running);
  }
  size_t FilesOf(uint64_t id) const {
    const std::string prefix = CheckpointPath("checkpoints", "job", CheckpointId(id)) + "/";
    size_t count = 0;
    for (const auto& [key, blob] : world.store.blobs)
      count += key.compare(0, prefix.size(), prefix) == 0 ? 1 : 0;
    return count;
  }
  // What the register holds: what a new leader would find.
  JobRecord Stored() const {
    const auto found = world.registry.values.find(JobRecordKey("job"));
    return found == world.registry.values.end() ? JobRecord()
                                                : JobRecord::Decode(found->second.value).value();
  }

  FakeEnv world;
  RecordingGateway gateway;
  CompletedCheckpointStore store;
  std::optional<CheckpointCoordinator> coordinator;
  uint32_t running = 0;
};

}  // namespace weir

#endif  // WEIR_TESTS_CHECKPOINT_COORDINATOR_HARNESS_H_
