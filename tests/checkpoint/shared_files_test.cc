// Files that several checkpoints name: who deletes them, and when.
#include <catch2/catch.hpp>

#include "runtime/checkpoint/decisions.h"
#include "tests/checkpoint/coordinator_harness.h"

namespace weir {
namespace {

constexpr absl::string_view kJobPath = "checkpoints/job";

TEST_CASE("shared files: deleted only if their maker is gone, nobody names them, and all names are known") {
  for (const LateFiles creator : {LateFiles::kKeep, LateFiles::kDiscard}) {
    for (const bool is_named : {false, true}) {
      for (const bool is_known : {false, true}) {
        SharedFileFacts facts;
        facts.creator = creator;
        facts.is_named = is_named;
        facts.is_known = is_known;
        CHECK(MayDeleteSharedFile(facts) == (creator == LateFiles::kDiscard && !is_named && is_known));
      }
    }
  }
}

TEST_CASE("shared files: a key says who made the file") {
  CHECK(CreatorOfShared(kJobPath, SharedPrefix(kJobPath, CheckpointId(12)) + "op-1-0-3-000012.sst") ==
        CheckpointId(12));
  for (const char* key : {"checkpoints/job/chk-12/x", "checkpoints/job/shared/", "checkpoints/job/shared/x-1",
                          "checkpoints/job/shared/12", "checkpoints/jo/shared/12-a"}) {
    CHECK(CreatorOfShared(kJobPath, key) == CheckpointId());
  }
}

struct SharedHarness : CoordinatorHarness {
  explicit SharedHarness(uint32_t num_retained = 1, uint64_t epoch = 1)
      : CoordinatorHarness(
            [](CheckpointCoordinator::Options& options) {
              options.has_shared_files = true;
              options.max_concurrent = 2;
            },
            num_retained, epoch) {}

  static std::string KeyOf(uint64_t creator, const std::string& name) {
    return SharedPrefix(kJobPath, CheckpointId(creator)) + name;
  }
  // Subtask 1 of "sum" names these files; those that this checkpoint makes are stored.
  void AcknowledgeNaming(uint64_t id, const std::vector<std::pair<uint64_t, std::string>>& files) {
    OperatorSnapshot snapshot;
    snapshot.operator_id.bytes[0] = 2;
    KeyedHandle& keyed = snapshot.state.managed_keyed;
    keyed = KeyedHandle::Native({64, 127}, static_cast<int64_t>(id), "backend",
                                StreamHandle::Inline("m", "meta"));
    for (const auto& [creator, name] : files) {
      if (creator == id) world.store.blobs[KeyOf(id, name)] = Blob{"table", 0};
      keyed.shared.push_back({name, StreamHandle::File(KeyOf(creator, name), 5)});
    }
    coordinator->Acknowledge({VertexId(1), 1}, Attempt(running), CheckpointId(id), {snapshot});
  }
  void Complete(uint64_t id, const std::vector<std::pair<uint64_t, std::string>>& files) {
    AcknowledgeNaming(id, files);
    for (SubtaskId subtask : Subtasks()) {
      if (subtask != SubtaskId{VertexId(1), 1}) Acknowledge(id, subtask, running);
    }
    RunFor(20);
  }
  std::vector<std::string> Shared() const {
    std::vector<std::string> keys;
    const std::string prefix = SharedPrefix(kJobPath);
    for (const auto& [key, blob] : world.store.blobs) {
      if (key.compare(0, prefix.size(), prefix) == 0) keys.push_back(key.substr(prefix.size()));
    }
    return keys;
  }
};

using Names = std::vector<std::string>;

TEST_CASE("shared files: live as long as a retained checkpoint names them") {
  SharedHarness h;
  h.Start();
  h.Complete(h.NextTriggered(), {{1, "a"}, {1, "b"}});
  CHECK(h.Shared() == Names{"1-a", "1-b"});
  h.Complete(h.NextTriggered(), {{1, "a"}, {2, "c"}});
  CHECK(h.Shared() == Names{"1-a", "2-c"});
  h.Complete(h.NextTriggered(), {{1, "a"}, {2, "c"}, {3, "d"}});
  CHECK(h.Shared() == Names{"1-a", "2-c", "3-d"});
  h.Complete(h.NextTriggered(), {{3, "d"}});
  CHECK(h.Shared() == Names{"3-d"});
  CHECK(h.FilesOf(1) + h.FilesOf(2) + h.FilesOf(3) == 0);
}

TEST_CASE("shared files: with two retained, the older one keeps its own") {
  SharedHarness h(2);
  h.Start();
  h.Complete(h.NextTriggered(), {{1, "a"}});
  h.Complete(h.NextTriggered(), {{2, "b"}});
  CHECK(h.Shared() == Names{"1-a", "2-b"});
  h.Complete(h.NextTriggered(), {{2, "b"}});
  CHECK(h.Shared() == Names{"2-b"});
}

TEST_CASE("shared files: those of a checkpoint that is given up go, those that it only named stay") {
  SharedHarness h;
  h.Start();
  h.Complete(h.NextTriggered(), {{1, "a"}});
  const uint64_t given_up = h.NextTriggered();
  h.AcknowledgeNaming(given_up, {{1, "a"}, {given_up, "b"}});
  CHECK(h.Shared() == Names{"1-a", "2-b"});
  h.coordinator->Decline(Attempt(h.running), CheckpointId(given_up),
                         absl::ResourceExhaustedError("too large"));
  h.RunFor(20);
  CHECK(h.Shared() == Names{"1-a"});
  SECTION("also if they come late") {
    h.AcknowledgeNaming(given_up, {{given_up, "c"}});
    h.RunFor(20);
    CHECK(h.Shared() == Names{"1-a"});
  }
}

TEST_CASE("shared files: a new leader deletes none before it knows what is named") {
  SharedHarness h;
  h.Start();
  h.Complete(h.NextTriggered(), {{1, "a"}, {1, "b"}});
  h.Complete(h.NextTriggered(), {{1, "a"}});
  h.world.store.blobs[SharedHarness::KeyOf(1, "rubbish")] = Blob{"table", 0};
  h.world.store.blobs[SharedHarness::KeyOf(99, "of an id that nobody knows")] = Blob{"table", 0};

  SharedHarness next(1, 2);
  next.world.store.blobs = h.world.store.blobs;
  next.world.registry.values = h.world.registry.values;
  CompletedCheckpointStore store({"job", 2, 1, Duration::Millis(10)}, CoordinatorHarness::kActor,
                                 next.world.executor, next.world.registry);
  CheckpointCoordinator::Options options;
  options.job_id = "job";
  options.checkpoint_dir = "checkpoints";
  options.interval = Duration::Millis(100);
  options.timeout = Duration::Millis(1000);
  options.retry_delay = Duration::Millis(10);
  options.has_shared_files = true;
  CheckpointCoordinator coordinator(options, next.world.env, CoordinatorHarness::kActor, store, next.gateway);
  store.TakeOver([](const absl::Status& status) { REQUIRE(status.ok()); });
  next.RunFor(5);
  const Names kept{"1-a", "99-of an id that nobody knows"};
  const Names all{"1-a", "1-rubbish", "99-of an id that nobody knows"};
  SECTION("it reads what is retained") {
    coordinator.DiscardOrphans();
    next.RunFor(100);
    CHECK(next.Shared() == kept);
  }
  SECTION("the store fails at first") {
    next.world.store.fates.script = {Fate::kRefused};
    coordinator.DiscardOrphans();
    next.RunFor(9);
    CHECK(next.Shared() == all);
    next.RunFor(100);
    CHECK(next.Shared() == kept);
  }
  SECTION("what is retained cannot be read: any file may be named there") {
    next.world.store.blobs[MetadataPath(CheckpointPath("checkpoints", "job", CheckpointId(2)))].bytes = "x";
    coordinator.DiscardOrphans();
    next.RunFor(100);
    CHECK(next.Shared() == all);
  }
}

}  // namespace
}  // namespace weir
