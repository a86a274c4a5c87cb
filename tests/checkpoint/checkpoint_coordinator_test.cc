#include "runtime/checkpoint/checkpoint_coordinator.h"

#include <catch2/catch.hpp>

#include "tests/checkpoint/coordinator_harness.h"

namespace weir {
namespace {

using Ids = std::vector<uint64_t>;

TEST_CASE("coordinator: the first checkpoint comes within an interval, later ones at a fixed rate") {
  CoordinatorHarness h;
  h.Start();
  h.NextTriggered();
  const Instant first = h.world.clock.now;
  h.AcknowledgeAll(1);
  h.NextTriggered();
  CHECK(h.world.clock.now - first == CoordinatorHarness::kInterval);
  CHECK(h.gateway.triggered == Ids{1, 2});
}

TEST_CASE("coordinator: a checkpoint lives from trigger to notification, in the order of the catalogue") {
  CoordinatorHarness h;
  h.Start();
  h.NextTriggered();
  h.world.tracer.events.clear();
  h.AcknowledgeAll(1);
  h.RunFor(20);
  std::vector<EventId> order;
  for (const Event& event : h.world.tracer.events) order.push_back(event.id);
  CHECK(order == std::vector<EventId>{EventId::kAcknowledgeReceived, EventId::kAcknowledgeReceived,
                                      EventId::kAcknowledgeReceived, EventId::kAcknowledgeReceived,
                                      EventId::kMetadataWriting, EventId::kMetadataWritten,
                                      EventId::kPointerStored, EventId::kCheckpointCompleted,
                                      EventId::kNotifyCompleteSent});
  CHECK(h.gateway.completed == Ids{1});
  REQUIRE(h.Stored().retained.size() == 1);
  const auto metadata = ReadMetadata(h.world.store.blobs[MetadataPath(h.Stored().retained[0].path)].bytes);
  REQUIRE(metadata.ok());
  CHECK(metadata->version == 4);
  CHECK(metadata->metadata.checkpoint_id == 1);
  REQUIRE(metadata->metadata.operators.size() == 2);
  CHECK(metadata->metadata.operators[1].subtasks.size() == 2);
  CHECK(metadata->metadata.operators[1].subtasks[1].managed_operator.stream.path == "1-1");
}

TEST_CASE("coordinator: a duplicate acknowledgement does not stand in for a missing one") {
  CoordinatorHarness h;
  h.Start();
  h.NextTriggered();
  for (int i = 0; i < 5; ++i) h.Acknowledge(1, Subtasks()[0], 1);
  h.RunFor(20);
  CHECK(h.gateway.completed.empty());
  CHECK(h.world.tracer.Count(EventId::kAcknowledgeReceived) == 1);
}

TEST_CASE("coordinator: acknowledgements of another attempt or of unknown subtasks count for nothing") {
  CoordinatorHarness h;
  h.Start(2);
  h.NextTriggered();
  for (SubtaskId subtask : Subtasks()) h.Acknowledge(1, subtask, 1);
  h.Acknowledge(1, {VertexId(1), 2}, 2);
  h.Acknowledge(1, {VertexId(7), 0}, 2);
  h.RunFor(20);
  CHECK(h.world.tracer.Count(EventId::kAcknowledgeReceived) == 0);
  CHECK(h.FilesOf(1) > 0);  // the folder is that of a pending checkpoint
}

TEST_CASE("coordinator: a newer checkpoint replaces the older one, whose files go") {
  CoordinatorHarness h;
  h.Start();
  h.NextTriggered();
  h.AcknowledgeAll(1);
  h.NextTriggered();
  CHECK(h.FilesOf(1) == 5);
  h.AcknowledgeAll(2);
  h.RunFor(50);
  CHECK(h.FilesOf(1) == 0);
  CHECK(h.FilesOf(2) == 5);
  CHECK(h.world.tracer.Fields(EventId::kCheckpointSubsumed) == Ids{1});
}

TEST_CASE("coordinator: files are deleted only after the register has forgotten them") {
  CoordinatorHarness h;
  h.Start();
  h.NextTriggered();
  h.AcknowledgeAll(1);
  h.NextTriggered();
  int deletions = 0;
  h.world.store.on_delete = [&](const std::string& key) {
    ++deletions;
    for (const CheckpointPointer& pointer : h.Stored().retained) CHECK(key.find(pointer.path + "/") != 0);
  };
  h.world.registry.fates.script = {Fate::kRefused, Fate::kAnswered, Fate::kResponseLost};
  h.AcknowledgeAll(2);
  h.RunFor(100);
  CHECK(deletions == 5);
  CHECK(h.gateway.completed == Ids{1, 2});
}

TEST_CASE("coordinator: a lost answer of the register neither loses the checkpoint nor its files") {
  CoordinatorHarness h;
  h.Start();
  h.NextTriggered();
  h.world.registry.fates.script = {Fate::kResponseLost, Fate::kRefused, Fate::kRefused};
  h.AcknowledgeAll(1);
  h.RunFor(60);
  CHECK(h.gateway.completed == Ids{1});
  CHECK(h.FilesOf(1) == 5);
  CHECK(h.gateway.failures.empty());
}

TEST_CASE(
    "coordinator: _metadata is written again until the store answers, and its own first try is recognised") {
  CoordinatorHarness h;
  h.Start();
  h.NextTriggered();
  h.world.store.fates.script = {Fate::kResponseLost, Fate::kRefused, Fate::kAnswered, Fate::kRefused,
                                Fate::kAnswered};
  h.AcknowledgeAll(1);
  h.RunFor(80);
  CHECK(h.gateway.completed == Ids{1});
}

TEST_CASE("coordinator: somebody else's _metadata in the folder is never taken for our own") {
  CoordinatorHarness h;
  h.Start();
  h.NextTriggered();
  h.world.store.blobs[MetadataPath(CheckpointPath("checkpoints", "job", CheckpointId(1)))] = Blob{"other", 0};
  h.AcknowledgeAll(1);
  h.RunFor(20);
  CHECK(h.gateway.completed.empty());
  CHECK(h.world.tracer.events.back().id == EventId::kCheckpointAborted);
}

TEST_CASE(
    "coordinator: what is not acknowledged in time is aborted, and its files go, also those that come late") {
  CoordinatorHarness h([](auto& options) {
    options.timeout = Duration::Millis(50);
    options.tolerable_failures = 1;
  });
  h.Start();
  h.NextTriggered();
  for (int i = 0; i < 3; ++i) h.Acknowledge(1, Subtasks()[static_cast<size_t>(i)], 1);
  h.RunFor(60);
  CHECK(h.gateway.aborted == Ids{1});
  CHECK(h.FilesOf(1) == 0);
  h.Acknowledge(1, Subtasks()[3], 1);
  CHECK(h.world.tracer.Count(EventId::kAcknowledgeLate) == 1);
  h.RunFor(20);
  CHECK(h.FilesOf(1) == 0);
  CHECK(h.gateway.failures.empty());
}

TEST_CASE("coordinator: a late acknowledgement of a completed checkpoint leaves its files alone") {
  CoordinatorHarness h;
  h.Start();
  h.NextTriggered();
  h.AcknowledgeAll(1);
  h.RunFor(10);
  h.Acknowledge(1, Subtasks()[0], 1);
  h.RunFor(20);
  CHECK(h.FilesOf(1) == 5);
}

TEST_CASE("coordinator: an acknowledgement of an id that nobody handed out deletes nothing") {
  CoordinatorHarness h;
  h.Start();
  h.Acknowledge(77, Subtasks()[0], 1);
  h.RunFor(20);
  CHECK(h.FilesOf(77) == 1);
}

TEST_CASE("coordinator: one decline ends the checkpoint, a decline of the past does not") {
  CoordinatorHarness h([](auto& options) { options.tolerable_failures = 5; });
  h.Start(2);
  h.NextTriggered();
  h.coordinator->Decline(Attempt(1), CheckpointId(1), absl::ResourceExhaustedError("too large"));
  CHECK(h.gateway.aborted.empty());
  h.coordinator->Decline(Attempt(2), CheckpointId(1), absl::ResourceExhaustedError("too large"));
  CHECK(h.gateway.aborted == Ids{1});
  h.coordinator->Decline(Attempt(2), CheckpointId(1), absl::ResourceExhaustedError("too large"));
  CHECK(h.gateway.aborted == Ids{1});
  CHECK(h.coordinator->last_failure() == "checkpoint 1 failed: declined: too large");
  h.NextTriggered();
  h.AcknowledgeAll(2);
  h.RunFor(5);
  CHECK(h.coordinator->last_failure().empty());
}

TEST_CASE(
    "coordinator: a decline of a subtask that merely takes no part ends the checkpoint and fails nothing") {
  CoordinatorHarness h;
  h.Start();
  for (uint64_t id = 1; id <= 3; ++id) {
    h.NextTriggered();
    h.coordinator->Decline(Attempt(1), CheckpointId(id),
                           absl::CancelledError("the subtask does not run yet"));
    CHECK(h.gateway.aborted.back() == id);
  }
  CHECK(h.gateway.failures.empty());
  h.NextTriggered();
  h.coordinator->Decline(Attempt(1), CheckpointId(4), absl::ResourceExhaustedError("too large"));
  CHECK(h.gateway.failures.size() == 1);
}

TEST_CASE("coordinator: more failures in a row than tolerated fail the job") {
  CoordinatorHarness h([](auto& options) { options.tolerable_failures = 1; });
  h.Start();
  for (uint64_t id = 1; id <= 2; ++id) {
    h.NextTriggered();
    CHECK(h.gateway.failures.empty());
    h.coordinator->Decline(Attempt(1), CheckpointId(id), absl::ResourceExhaustedError("too large"));
  }
  REQUIRE(h.gateway.failures.size() == 1);
  CHECK_THAT(std::string(h.gateway.failures[0].message()),
             Catch::Contains("in a row: checkpoint 2 failed: declined: too large"));
  CHECK_FALSE(h.coordinator->is_running());
}

TEST_CASE(
    "coordinator: no more checkpoints at once than allowed, and a waiting request is served on completion") {
  CoordinatorHarness h([](auto& options) { options.max_concurrent = 2; });
  h.Start();
  h.RunFor(500);
  CHECK(h.gateway.triggered == Ids{1, 2});
  h.AcknowledgeAll(1);
  h.RunFor(5);
  CHECK(h.gateway.triggered == Ids{1, 2, 3});
}

TEST_CASE("coordinator: a newer checkpoint that completes first aborts the older one") {
  CoordinatorHarness h([](auto& options) { options.max_concurrent = 3; });
  h.Start();
  h.RunFor(500);
  h.Acknowledge(1, Subtasks()[0], 1);
  h.AcknowledgeAll(2);
  h.RunFor(30);
  CHECK(h.gateway.completed == Ids{2});
  CHECK(h.gateway.aborted == Ids{1});
  CHECK(h.FilesOf(1) == 0);
  CHECK(h.FilesOf(2) == 5);
}

TEST_CASE("coordinator: an older checkpoint that reaches the register second is subsumed there") {
  CoordinatorHarness h([](auto& options) { options.max_concurrent = 2; });
  h.Start();
  h.RunFor(300);
  // The older one's _metadata takes longer, so that both pointers are under way, the newer one first.
  h.world.registry.fates.script = {Fate::kRefused, Fate::kRefused};
  h.world.store.fates.script = {Fate::kRefused};
  h.AcknowledgeAll(1);
  h.AcknowledgeAll(2);
  h.RunFor(100);
  CHECK(h.gateway.completed == Ids{2});
  CHECK(h.FilesOf(1) == 0);
  CHECK(h.FilesOf(2) == 5);
  CHECK(h.Stored().retained.back().id == CheckpointId(2));
}

TEST_CASE("coordinator: the minimum pause puts the next trigger off") {
  CoordinatorHarness h([](auto& options) { options.min_pause = Duration::Millis(80); });
  h.Start();
  h.NextTriggered();
  h.RunFor(70);
  h.AcknowledgeAll(1);
  h.RunFor(5);
  const Instant completed = h.world.clock.now;
  h.NextTriggered();
  CHECK(h.world.clock.now - completed > Duration::Millis(70));
  CHECK(h.world.clock.now - completed < Duration::Millis(90));
}

TEST_CASE("coordinator: a failover aborts everything that is pending and stops the timer") {
  CoordinatorHarness h([](auto& options) { options.max_concurrent = 2; });
  h.Start();
  h.RunFor(300);
  h.Acknowledge(1, Subtasks()[0], 1);
  h.coordinator->Stop();
  CHECK(h.coordinator->PendingIds().empty());
  h.RunFor(1000);
  CHECK(h.gateway.triggered == Ids{1, 2});
  CHECK(h.FilesOf(1) == 0);
  CHECK(h.gateway.failures.empty());
  h.Start(2);
  CHECK(h.NextTriggered() == 3);
}

TEST_CASE("coordinator: a checkpoint whose pointer is under way survives the failover, unannounced") {
  CoordinatorHarness h;
  h.Start();
  h.NextTriggered();
  h.world.registry.fates.script = {Fate::kResponseLost};
  h.AcknowledgeAll(1);
  h.RunFor(2);  // _metadata is there, the swap has been sent
  h.coordinator->Stop();
  CHECK(h.coordinator->PendingIds().size() == 1);
  std::optional<size_t> retained_at_attempt;
  h.store.BeginAttempt(
      0, [&](absl::StatusOr<Attempt>) { retained_at_attempt = h.store.record().retained.size(); });
  h.RunFor(50);
  CHECK(retained_at_attempt == 1u);  // decided before the next attempt chooses what to recover from
  CHECK(h.world.tracer.Count(EventId::kCheckpointCompleted) == 1);
  CHECK(h.gateway.completed.empty());
  CHECK(h.FilesOf(1) == 5);
}

TEST_CASE("coordinator: an id that arrives after its attempt ended is not used") {
  CoordinatorHarness h;
  h.Start();
  while (h.world.registry.swaps < 2) h.RunFor(1);  // the takeover, and now the first id
  h.coordinator->Stop();
  h.Start(2);
  h.RunFor(3);
  CHECK(h.gateway.triggered.empty());
  CHECK(h.NextTriggered() == 2);
}

TEST_CASE("coordinator: a superseded leader deletes nothing and announces nothing") {
  CoordinatorHarness h;
  h.Start();
  h.NextTriggered();
  CompletedCheckpointStore next({"job", 2, 1, Duration::Millis(10)}, ActorId(2), h.world.executor,
                                h.world.registry);
  next.TakeOver([](const absl::Status& status) { CHECK(status.ok()); });
  h.RunFor(10);
  h.AcknowledgeAll(1);
  h.RunFor(200);
  CHECK(h.store.is_superseded());
  CHECK(h.gateway.completed.empty());
  CHECK(h.FilesOf(1) == 5);
}

TEST_CASE("coordinator: each fault point fails its own step") {
  const auto fail_at = [](CoordinatorHarness& h, EventId id) {
    h.world.tracer.on_reach = [id](const Event& event) {
      return event.id == id ? absl::UnavailableError("fault") : absl::OkStatus();
    };
  };
  const EventId aborting[] = {EventId::kCheckpointTriggered, EventId::kAcknowledgeReceived,
                              EventId::kMetadataWriting, EventId::kMetadataWritten};
  for (EventId id : aborting) {
    CAPTURE(Info(id).name);
    CoordinatorHarness h([](auto& options) { options.tolerable_failures = 9; });
    fail_at(h, id);
    h.Start();
    h.RunFor(110);
    h.AcknowledgeAll(1);
    h.RunFor(30);
    CHECK(h.gateway.completed.empty());
    REQUIRE_FALSE(h.world.tracer.Fields(EventId::kCheckpointAborted).empty());
    CHECK(h.world.tracer.Fields(EventId::kCheckpointAborted)[0] == 1);
    CHECK(h.Stored().retained.empty());
  }
  const EventId failing[] = {EventId::kPointerStored, EventId::kCheckpointCompleted};
  for (EventId id : failing) {
    CAPTURE(Info(id).name);
    CoordinatorHarness h;
    fail_at(h, id);
    h.Start();
    h.NextTriggered();
    h.AcknowledgeAll(1);
    h.RunFor(30);
    CHECK(h.gateway.failures.size() == 1);  // but stored it is, and recovery finds it
    CHECK(h.Stored().retained.size() == 1);
    CHECK(h.FilesOf(1) == 5);
  }
}

TEST_CASE("coordinator: what an earlier leader left behind is found and deleted") {
  CoordinatorHarness h;
  h.Start();
  h.NextTriggered();
  h.AcknowledgeAll(1);
  h.NextTriggered();
  h.world.store.blobs[CoordinatorHarness::FileOf(2, Subtasks()[0])] = Blob{"orphan", 0};
  h.world.store.blobs[CoordinatorHarness::FileOf(99, Subtasks()[0])] = Blob{"of the future", 0};
  h.coordinator->Stop();
  h.RunFor(50);
  h.world.store.blobs[CoordinatorHarness::FileOf(2, Subtasks()[0])] = Blob{"orphan", 0};
  h.world.store.fates.script = {Fate::kRefused, Fate::kAnswered, Fate::kRefused, Fate::kAnswered,
                                Fate::kRefused};
  h.coordinator->DiscardOrphans();
  h.RunFor(200);
  CHECK(h.FilesOf(1) == 5);
  CHECK(h.FilesOf(2) == 0);
  CHECK(h.FilesOf(99) == 1);
}

TEST_CASE("coordinator: says what it waits for") {
  CoordinatorHarness h;
  h.Start();
  h.NextTriggered();
  for (size_t i = 0; i < 3; ++i) h.Acknowledge(1, Subtasks()[i], 1);
  std::vector<Wait> waits;
  h.coordinator->AppendWaits(&waits);
  REQUIRE(waits.size() == 1);
  CHECK(waits[0].who == "checkpoint 1");
  CHECK(waits[0].what == "the acknowledgement");
  CHECK(waits[0].whom == "sum[1]");
  h.Acknowledge(1, Subtasks()[3], 1);
  waits.clear();
  h.coordinator->AppendWaits(&waits);
  REQUIRE(waits.size() == 1);
  CHECK(waits[0].whom == "object store");
}

TEST_CASE("coordinator: without an interval there are no checkpoints") {
  CoordinatorHarness h([](auto& options) { options.interval = Duration(); });
  h.Start();
  h.RunFor(1000);
  CHECK(h.gateway.triggered.empty());
}

}  // namespace
}  // namespace weir
