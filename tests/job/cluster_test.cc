#include "tests/job/cluster.h"

#include <catch2/catch.hpp>

namespace weir {
namespace {

TEST_CASE("cluster: a job runs, checkpoints and commits everything once, without any fault") {
  Cluster cluster({});
  const bool drained = cluster.RunUntilDrained();
  INFO(cluster.Explain());
  REQUIRE(drained);
  CHECK(cluster.count(EventId::kJobRunning) == 1);
  CHECK(cluster.count(EventId::kCheckpointCompleted) >= 10);
  CHECK(cluster.count(EventId::kCheckpointAborted) == 0);
  CHECK(cluster.count(EventId::kLeaderElected) == 1);
  // One checkpoint is retained, and no file of any other is left.
  REQUIRE(cluster.Record().retained.size() == 1);
  const std::string path = cluster.Record().retained[0].path + "/";
  for (const std::string& key : cluster.services().store().Keys("")) {
    const bool is_newer = CheckpointOfKey(CheckpointsPrefix("checkpoints", Cluster::kJobId), key) >=
                          cluster.Record().retained[0].id;
    CHECK((key.find(path) == 0 || is_newer));
  }
}

TEST_CASE("cluster: exactly once though a process crashes at any event of job control") {
  uint64_t seed = 10;
  for (const EventId id : {EventId::kLeaderElected,
                           EventId::kTaskManagerRegistered,
                           EventId::kRecoveryChosen,
                           EventId::kJobScheduled,
                           EventId::kSubtaskDeployed,
                           EventId::kSubtaskRunning,
                           EventId::kJobRunning,
                           EventId::kCheckpointTriggered,
                           EventId::kBarrierInjected,
                           EventId::kUploadFinished,
                           EventId::kCheckpointAcknowledged,
                           EventId::kAcknowledgeReceived,
                           EventId::kMetadataWriting,
                           EventId::kMetadataWritten,
                           EventId::kPointerStored,
                           EventId::kCheckpointCompleted,
                           EventId::kNotifyCompleteSent,
                           EventId::kNotifyCompleteReceived,
                           EventId::kTransactionCommitting,
                           EventId::kTransactionCommitted}) {
    for (const uint64_t nth : {uint64_t{1}, uint64_t{4}}) {
      Cluster::Options options;
      options.seed = ++seed;
      Cluster cluster(options);
      cluster.CrashAt(id, nth);
      const bool drained = cluster.RunUntilDrained();
      INFO("crash at " << Info(id).name << " " << nth << "\n" << cluster.Explain());
      REQUIRE(drained);
      if (nth == 1) CHECK(cluster.count(EventId::kProcessCrashed) == 1);
    }
  }
}

TEST_CASE("cluster: a status at any fault point of job control fails that step only") {
  uint64_t seed = 200;
  for (const EventId id :
       {EventId::kLeaderElected, EventId::kTaskManagerRegistered, EventId::kTaskManagerLost,
        EventId::kRecoveryChosen, EventId::kJobScheduled, EventId::kSubtaskDeployed, EventId::kSubtaskRunning,
        EventId::kJobRunning, EventId::kJobRestarting, EventId::kCheckpointTriggered,
        EventId::kAcknowledgeReceived, EventId::kMetadataWriting, EventId::kMetadataWritten,
        EventId::kPointerStored, EventId::kCheckpointCompleted, EventId::kNotifyCompleteSent}) {
    Cluster::Options options;
    options.seed = ++seed;
    Cluster cluster(options);
    uint64_t seen = 0;
    cluster.on_event = [&](NodeId, const Event& event) {
      return event.id == id && ++seen <= 2 ? absl::UnavailableError("injected") : absl::OkStatus();
    };
    const bool drained = cluster.RunUntilDrained();
    INFO("status at " << Info(id).name << "\n" << cluster.Explain());
    REQUIRE(drained);
    CHECK(cluster.count(EventId::kProcessCrashed) == 0);
  }
}

TEST_CASE("cluster: a silent task manager is missed, and its slots are taken by another") {
  Cluster::Options options;
  options.task_managers = 3;
  options.restart_after = Duration();
  Cluster cluster(options);
  REQUIRE(cluster.RunUntil([&] { return cluster.count(EventId::kCheckpointCompleted) == 3; }));
  cluster.world().Crash(cluster.task_manager(1), sim::CrashMode::kSilent);
  const bool drained = cluster.RunUntilDrained();
  INFO(cluster.Explain());
  REQUIRE(drained);
  CHECK(cluster.count(EventId::kTaskManagerLost) == 1);
  CHECK(cluster.count(EventId::kJobRestarting) == 1);
}

TEST_CASE("cluster: the standby takes over from a leader that died for good") {
  Cluster::Options options;
  options.job_managers = 2;
  options.restart_after = Duration();
  Cluster cluster(options);
  NodeId leader;
  cluster.on_event = [&](NodeId node, const Event& event) {
    if (event.id == EventId::kLeaderElected) leader = node;
    return absl::OkStatus();
  };
  REQUIRE(cluster.RunUntil([&] { return cluster.count(EventId::kCheckpointCompleted) == 3; }));
  cluster.world().Crash(leader, sim::CrashMode::kSilent);
  const bool drained = cluster.RunUntilDrained();
  INFO(cluster.Explain());
  REQUIRE(drained);
  CHECK(cluster.count(EventId::kLeaderElected) == 2);
  CHECK(Field(cluster.last(EventId::kRecoveryChosen), "checkpoint") >= 3);
}

TEST_CASE("cluster: a leader that wakes up after it was replaced does no harm") {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    Cluster::Options options;
    options.seed = seed;
    options.job_managers = 2;
    Cluster cluster(options);
    std::vector<NodeId> leaders;
    cluster.on_event = [&](NodeId node, const Event& event) {
      if (event.id == EventId::kLeaderElected) leaders.push_back(node);
      return absl::OkStatus();
    };
    // Asleep in the middle of a checkpoint, once its last part was counted.
    REQUIRE(cluster.RunUntil([&] { return cluster.count(EventId::kMetadataWriting) == 2 + seed % 3; }));
    cluster.world().Pause(leaders[0]);
    REQUIRE(cluster.RunUntil([&] { return leaders.size() == 2; }));
    cluster.RunFor(Duration::Millis(200));
    cluster.world().Resume(leaders[0]);
    const bool drained = cluster.RunUntilDrained();
    INFO("seed " << seed << "\n" << cluster.Explain());
    REQUIRE(drained);
    CHECK(leaders[0] != leaders[1]);
  }
}

TEST_CASE("cluster: a task manager that wakes up after it was replaced does no harm") {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    Cluster::Options options;
    options.seed = seed;
    options.task_managers = 3;
    Cluster cluster(options);
    REQUIRE(cluster.RunUntil([&] { return cluster.count(EventId::kUploadStarted) == 3 + seed; }));
    cluster.world().Pause(cluster.task_manager(0));
    REQUIRE(cluster.RunUntil([&] { return cluster.count(EventId::kJobRunning) == 2; }));
    cluster.world().Resume(cluster.task_manager(0));
    const bool drained = cluster.RunUntilDrained();
    INFO("seed " << seed << "\n" << cluster.Explain());
    REQUIRE(drained);
  }
}

TEST_CASE("cluster: links that are cut, one way or both, end in a restart or in nothing") {
  for (uint64_t seed = 1; seed <= 9; ++seed) {
    Cluster::Options options;
    options.seed = seed;
    Cluster cluster(options);
    REQUIRE(cluster.RunUntil([&] { return cluster.count(EventId::kCheckpointCompleted) == 2; }));
    const NodeId a = cluster.task_manager(0);
    const NodeId b = seed % 2 == 0 ? cluster.task_manager(1) : cluster.job_manager(0);
    if (seed % 3 != 0) cluster.world().network().Cut(a, b);
    if (seed % 3 != 1) cluster.world().network().Cut(b, a);
    cluster.RunFor(Duration::Millis(seed < 5 ? 200 : 1500));
    cluster.world().network().HealAll();
    const bool drained = cluster.RunUntilDrained();
    INFO("seed " << seed << "\n" << cluster.Explain());
    REQUIRE(drained);
  }
}

TEST_CASE("cluster: lost answers and outages of register and object store lose and repeat nothing") {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    Cluster::Options options;
    options.seed = seed;
    Cluster cluster(options);
    cluster.services().register_faults().LoseResponsesByRatio(1, 4);
    cluster.services().store_faults().LoseResponsesByRatio(1, 10);
    REQUIRE(cluster.RunUntil([&] { return cluster.count(EventId::kCheckpointCompleted) == 2; }));
    const Instant until = cluster.world().now() + Duration::Millis(800);
    if (seed % 2 == 0) cluster.services().store_faults().MakeUnavailable(until);
    if (seed % 3 == 0) cluster.services().register_faults().MakeUnavailable(until);
    cluster.world().Crash(seed % 2 == 0 ? cluster.job_manager(0) : cluster.task_manager(0),
                          sim::CrashMode::kReset);
    const bool drained = cluster.RunUntilDrained();
    INFO("seed " << seed << "\n" << cluster.Explain());
    REQUIRE(drained);
  }
}

TEST_CASE("cluster: when the restarts are used up the job has failed, for later leaders too") {
  Cluster::Options options;
  options.settings = {{"restart-strategy.fixed-delay.attempts", "2"}};
  Cluster cluster(options);
  cluster.on_event = [](NodeId, const Event& event) {
    return event.id == EventId::kJobRunning ? absl::UnavailableError("injected") : absl::OkStatus();
  };
  REQUIRE(cluster.RunUntil([&] { return cluster.count(EventId::kJobFailed) == 1; }));
  CHECK(cluster.count(EventId::kJobRestarting) == 2);
  CHECK(cluster.count(EventId::kJobScheduled) == 3);
  cluster.world().Crash(cluster.job_manager(0), sim::CrashMode::kReset);
  cluster.RunFor(Duration::Seconds(5));
  CHECK(cluster.count(EventId::kLeaderElected) == 2);
  CHECK(cluster.count(EventId::kJobScheduled) == 3);
  CHECK(cluster.Record().failed);
}

TEST_CASE("cluster: too few slots is a wait that says so") {
  Cluster::Options options;
  options.task_managers = 1;
  Cluster cluster(options);
  cluster.RunFor(Duration::Seconds(2));
  CHECK(cluster.count(EventId::kJobScheduled) == 0);
  CHECK_THAT(cluster.Explain(), Catch::Contains("job waits for 1 slots of task manager"));
}

// A crash or a pause of somebody every now and then.
void Disturb(Cluster& cluster, uint64_t seed) {
  const Random random(seed);
  for (uint64_t i = 0; i < 4; ++i) {
    cluster.RunFor(Duration::Millis(static_cast<int64_t>(100 + random.Draw(DrawSite::kPlan, 1, i, 700))));
    const uint64_t who = random.Draw(DrawSite::kPlan, 2, i, 4);
    const NodeId node = who < 2 ? cluster.job_manager(static_cast<uint32_t>(who))
                                : cluster.task_manager(static_cast<uint32_t>(who - 2));
    if (!cluster.world().IsAlive(node)) continue;
    switch (random.Draw(DrawSite::kPlan, 3, i, 3)) {
      case 0:
        cluster.world().Crash(node, sim::CrashMode::kReset);
        break;
      case 1:
        cluster.world().Crash(node, sim::CrashMode::kSilent);
        break;
      case 2:
        if (cluster.world().IsPaused(node)) break;
        cluster.world().Pause(node);
        cluster.world().At(cluster.world().now() + Duration::Millis(static_cast<int64_t>(i * 350)),
                           [&cluster, node] {
                             if (cluster.world().IsPaused(node)) cluster.world().Resume(node);
                           });
        break;
    }
  }
}

TEST_CASE("cluster: exactly once under random crashes and pauses, and the same again (40 seeds)") {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Cluster::Options options;
    options.seed = seed;
    options.job_managers = 2;
    Cluster cluster(options);
    Disturb(cluster, seed);
    const bool drained = cluster.RunUntilDrained();
    INFO("seed " << seed << "\n" << cluster.Explain());
    REQUIRE(drained);
    if (seed % 8 != 0) continue;
    Cluster again(options);
    Disturb(again, seed);
    REQUIRE(again.RunUntilDrained());
    CHECK(again.world().digest().Value() == cluster.world().digest().Value());
  }
}

}  // namespace
}  // namespace weir
