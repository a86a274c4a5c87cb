#include "faults/injector.h"

#include <catch2/catch.hpp>

#include "faults/fault_kinds.h"

namespace weir::faults {
namespace {

// Reaches some step of checkpoint k at k x 10 ms after its start, and remembers what it was told.
class Ticker : public Process, public Actor {
 public:
  Ticker(Env& env, bool is_job_manager, uint64_t subtask, std::vector<std::string>& log)
      : env_(env),
        is_job_manager_(is_job_manager),
        subtask_(subtask),
        log_(log),
        actor_(env.executor.AddActor(this)) {
    Next();
  }
  std::string Describe() const override { return "ticker"; }
  LocalStore& disk() { return env_.disk; }
  int64_t WallMillis() const { return env_.clock.WallNow().millis; }

 private:
  void Next() {
    env_.executor.After(actor_, Duration::Millis(10), [this] {
      ++checkpoint_;
      absl::Status status;
      if (is_job_manager_) {
        status = env_.tracer.Reach(events::MetadataWritten(checkpoint_, 100));
      } else {
        status = env_.tracer.Reach(events::UploadStarted(checkpoint_, 1, subtask_, 1, 10));
        if (status.ok())
          status = env_.tracer.Reach(events::CheckpointAcknowledged(checkpoint_, 1, subtask_, 1));
      }
      if (status.code() == absl::StatusCode::kFailedPrecondition) {
        log_.push_back(absl::StrCat("failed ", subtask_, " at ", checkpoint_));
      }
      Next();
    });
  }

  Env& env_;
  const bool is_job_manager_;
  const uint64_t subtask_;
  std::vector<std::string>& log_;
  const ActorId actor_;
  uint64_t checkpoint_ = 0;
};

class FakeCluster : public ClusterControl, public sim::Observer {
 public:
  explicit FakeCluster(Plan plan) : plan_(std::move(plan)), world_(sim::WorldOptions()) {
    uint64_t subtask = 0;
    for (const char* name : {"job-manager-0", "task-manager-0", "task-manager-1"}) {
      const NodeId node = world_.AddNode(name);
      nodes_[name] = node;
      const bool is_job_manager = subtask == 0;
      const uint64_t index = subtask++;
      world_.Start(node, [this, is_job_manager, index](Env& env) -> std::unique_ptr<Process> {
        return std::make_unique<Ticker>(env, is_job_manager, index, log_);
      });
    }
    world_.AddObserver(this);
    injector_ = std::make_unique<Injector>(plan_, *this);
    injector_->Start();
  }

  sim::World& world() override { return world_; }
  const std::map<std::string, NodeId>& nodes() const override { return nodes_; }
  void SetStoreUnavailable(bool unavailable) override { store_unavailable = unavailable; }
  void SetStoreSlowdown(uint32_t factor) override { store_slowdown = factor; }
  void LoseStoreResponses(uint32_t count) override { store_lost = count; }

  absl::Status OnEvent(NodeId, const Event& event) override {
    if (event.id == EventId::kFaultFired) ++fired_events;
    if (event.id == EventId::kPhaseLiveness) ++liveness_events;
    return absl::OkStatus();
  }

  void RunTo(Duration time) {
    bool over = false;
    world_.At(Instant() + time, [&over] { over = true; });
    REQUIRE(world_.RunUntil([&over] { return over; }, Instant() + time + Duration::Seconds(1)).ok());
  }
  bool IsCut(const char* from, const char* to) {
    return world_.network().IsCut(nodes_.at(from), nodes_.at(to));
  }
  bool IsAlive(const char* node) const { return world_.IsAlive(nodes_.at(node)); }
  bool IsPaused(const char* node) const { return world_.IsPaused(nodes_.at(node)); }
  uint32_t Incarnation(const char* node) const { return world_.Incarnation(nodes_.at(node)); }
  // How far the wall clock of a node is ahead of where it began.
  Duration WallAhead(const char* node) {
    const int64_t wall = static_cast<Ticker*>(world_.process(nodes_.at(node)))->WallMillis();
    return Duration::Millis(wall - sim::WorldOptions().wall_start.millis -
                            (world_.now() - Instant()).millis());
  }
  LocalStore& disk(const char* node) { return static_cast<Ticker*>(world_.process(nodes_.at(node)))->disk(); }
  Injector& injector() { return *injector_; }
  const std::vector<std::string>& log() const { return log_; }

  bool store_unavailable = false;
  uint32_t store_slowdown = 1;
  uint32_t store_lost = 0;
  int fired_events = 0;
  int liveness_events = 0;

 private:
  const Plan plan_;
  std::vector<std::string> log_;
  sim::World world_;
  std::map<std::string, NodeId> nodes_;
  std::unique_ptr<Injector> injector_;
};

Action Do(FaultKind kind, const std::string& node, uint64_t parameter = 0, Duration duration = Duration(),
          const std::string& peer = "") {
  Action action;
  action.kind = kind;
  action.node = node;
  action.peer = peer;
  action.parameter = parameter;
  action.duration = duration;
  return action;
}

Trigger AtTime(Duration time) {
  Trigger trigger;
  trigger.at = Instant() + time;
  return trigger;
}

Trigger AtEvent(EventId id, uint64_t occurrence) {
  Trigger trigger;
  trigger.kind = Trigger::Kind::kEvent;
  trigger.event = id;
  trigger.occurrence = occurrence;
  return trigger;
}

Plan Of(std::vector<Fault> faults) {
  Plan plan;
  plan.faults = std::move(faults);
  plan.liveness_at = Instant() + Duration::Seconds(10);
  return plan;
}

TEST_CASE("injector: a mode of the run answers choices by their names, and strikes once",
          "[faults][injector]") {
  sim::World world{sim::WorldOptions()};
  class Control final : public ClusterControl {
   public:
    explicit Control(sim::World& w) : world_(w) {}
    sim::World& world() override { return world_; }
    const std::map<std::string, NodeId>& nodes() const override { return nodes_; }
    void SetStoreUnavailable(bool) override {}
    void SetStoreSlowdown(uint32_t) override {}
    void LoseStoreResponses(uint32_t) override {}

   private:
    sim::World& world_;
    std::map<std::string, NodeId> nodes_;
  } control(world);
  const Plan plan = Of({{Trigger(), Do(FaultKind::kBroadcastReorder, "", 2)}});
  Injector injector(plan, control);
  injector.Start();
  const NodeId node(0);
  CHECK(injector.fired().empty());
  CHECK(injector.OnChoose(node, events::CheckpointTriggered(1, 1), 3) == std::nullopt);
  CHECK(injector.OnChoose(node, events::BroadcastOrderChosen(1, 0, 1, 0), 3) == 2u);
  CHECK(injector.OnChoose(node, events::BroadcastOrderChosen(1, 1, 1, 0), 3) == 2u);
  REQUIRE(injector.fired().size() == 1);
  CHECK(injector.exhausted());
  const auto choice = [&](uint64_t subtask, uint64_t number) {
    return injector.OnChoose(node, events::BroadcastElementChosen(1, subtask, 1, number, 0), 1000).value();
  };
  CHECK(choice(0, 5) == choice(0, 5));
  CHECK(choice(0, 5) != choice(0, 6));
  CHECK(choice(0, 5) != choice(1, 5));
  injector.BeginLiveness();
  CHECK(injector.OnChoose(node, events::BroadcastOrderChosen(1, 0, 2, 0), 3) == std::nullopt);
}

TEST_CASE("injector: a crash at an instant, and a restart after its delay", "[faults][injector]") {
  FakeCluster cluster(
      Of({{AtTime(Duration::Millis(55)), Do(FaultKind::kCrashTaskManager, "task-manager-0", 30'000)}}));
  cluster.RunTo(Duration::Millis(54));
  CHECK(cluster.IsAlive("task-manager-0"));
  cluster.RunTo(Duration::Millis(84));
  CHECK(!cluster.IsAlive("task-manager-0"));
  cluster.RunTo(Duration::Millis(86));
  CHECK(cluster.IsAlive("task-manager-0"));
  CHECK(cluster.Incarnation("task-manager-0") == 2);
  CHECK(cluster.fired_events == 1);
  REQUIRE(cluster.injector().fired().size() == 1);
  CHECK(cluster.injector().fired()[0].effective);
  CHECK(cluster.injector().exhausted());
}

TEST_CASE("injector: a crash from inside, at the n-th occurrence on a node", "[faults][injector]") {
  Trigger trigger = AtEvent(EventId::kCheckpointAcknowledged, 3);
  trigger.node = "task-manager-1";
  FakeCluster cluster(Of({{trigger, Do(FaultKind::kCrashTaskManager, "task-manager-1", 1'000'000)}}));
  cluster.RunTo(Duration::Millis(100));
  CHECK(!cluster.IsAlive("task-manager-1"));
  CHECK(cluster.IsAlive("task-manager-0"));
  REQUIRE(cluster.injector().fired().size() == 1);
  const Firing& firing = cluster.injector().fired()[0];
  CHECK(firing.event.fields[0] == 3);
  CHECK(firing.phase == "acknowledge");
  CHECK(cluster.injector().NearestFault() == "crash.task-manager@acknowledge");
}

TEST_CASE("injector: occurrences count over the run, or within a checkpoint", "[faults][injector]") {
  Trigger over_run = AtEvent(EventId::kCheckpointAcknowledged, 2);
  Trigger within = AtEvent(EventId::kCheckpointAcknowledged, 2);
  within.scope = 5;
  Trigger never = AtEvent(EventId::kCheckpointAcknowledged, 3);
  never.scope = 5;  // there are only two task managers
  FakeCluster cluster(
      Of({{over_run, Do(FaultKind::kNetReset, "task-manager-0", 0, Duration(), "job-manager-0")},
          {within, Do(FaultKind::kNetReset, "task-manager-1", 0, Duration(), "job-manager-0")},
          {never, Do(FaultKind::kNetReset, "task-manager-1", 0, Duration(), "job-manager-0")}}));
  cluster.RunTo(Duration::Millis(200));
  const std::vector<Firing>& fired = cluster.injector().fired();
  REQUIRE(fired.size() == 2);
  CHECK(fired[0].fault == 0);
  CHECK(fired[0].event.fields[0] == 1);
  CHECK(fired[1].fault == 1);
  CHECK(fired[1].event.fields[0] == 5);
  CHECK(!cluster.injector().exhausted());
}

TEST_CASE("injector: a subtask fails at that very point", "[faults][injector]") {
  Trigger trigger = AtEvent(EventId::kUploadStarted, 4);
  trigger.where = {{"vertex", 1}, {"subtask", 2}};
  FakeCluster cluster(Of({{trigger, Do(FaultKind::kCrashTask, "")}}));
  cluster.RunTo(Duration::Millis(100));
  CHECK(cluster.log() == std::vector<std::string>{"failed 2 at 4"});
  CHECK(cluster.IsAlive("task-manager-1"));
}

TEST_CASE("injector: a subtask fails at its next point if the trigger is none", "[faults][injector]") {
  FakeCluster cluster(Of({{AtTime(Duration::Millis(42)), Do(FaultKind::kCrashTask, "task-manager-0")}}));
  cluster.RunTo(Duration::Millis(100));
  REQUIRE(cluster.log().size() == 1);
  CHECK(cluster.log()[0].rfind("failed 1 at ", 0) == 0);
}

// What a job master would be told that begins an attempt.
uint32_t Choose(FakeCluster& cluster, uint64_t now, uint64_t limit) {
  const auto choice = cluster.injector().OnChoose(NodeId(0), events::ParallelismChosen(2, now, limit),
                                                  static_cast<uint32_t>(limit) + 1);
  return choice.value_or(0);
}

TEST_CASE("injector: a rescale fails a subtask, and the next attempt has the parallelism",
          "[faults][injector]") {
  FakeCluster cluster(Of({{AtEvent(EventId::kUploadStarted, 4), Do(FaultKind::kRescale, "", 3)}}));
  CHECK(Choose(cluster, 2, 6) == 0);
  cluster.RunTo(Duration::Millis(100));
  CHECK(cluster.log().size() == 1);
  REQUIRE(cluster.injector().fired().size() == 1);
  CHECK_FALSE(cluster.injector().fired()[0].effective);
  CHECK(cluster.fired_events == 0);
  CHECK(Choose(cluster, 2, 2) == 0);  // its slots are away
  CHECK(Choose(cluster, 2, 6) == 3);
  CHECK(cluster.injector().fired()[0].effective);
  CHECK(cluster.fired_events == 1);
  CHECK(cluster.injector().NearestFault().rfind("rescale@", 0) == 0);  // the phase when it struck
  CHECK(Choose(cluster, 3, 6) == 0);
}

TEST_CASE("injector: a rescale fails nothing if the job restarts before that", "[faults][injector]") {
  FakeCluster cluster(
      Of({{AtEvent(EventId::kMetadataWritten, 1), Do(FaultKind::kRescale, "task-manager-1", 1)}}));
  cluster.RunTo(Duration::Millis(10));
  const bool has_failed = !cluster.log().empty();
  CHECK(Choose(cluster, 2, 6) == 1);
  cluster.RunTo(Duration::Millis(100));
  CHECK(cluster.log().size() == (has_failed ? 1u : 0u));
}

TEST_CASE("injector: a rescale to what the job has anyway had no effect", "[faults][injector]") {
  FakeCluster cluster(Of({{AtTime(Duration::Millis(5)), Do(FaultKind::kRescale, "", 2)},
                          {AtTime(Duration::Millis(6)), Do(FaultKind::kRescale, "", 4)}}));
  cluster.RunTo(Duration::Millis(50));
  CHECK(Choose(cluster, 2, 6) == 0);
  CHECK(Choose(cluster, 2, 6) == 4);
  REQUIRE(cluster.injector().fired().size() == 2);
  CHECK_FALSE(cluster.injector().fired()[0].effective);
  CHECK(cluster.injector().fired()[1].effective);
}

TEST_CASE("injector: in the liveness phase only a rescale that has failed its subtask is carried out",
          "[faults][injector]") {
  Trigger elsewhere = AtEvent(EventId::kUploadStarted, 2);
  Plan plan = Of({{elsewhere, Do(FaultKind::kRescale, "", 3)},
                  {AtTime(Duration::Millis(90)), Do(FaultKind::kRescale, "job-manager-0", 4)}});
  plan.liveness_at = Instant() + Duration::Millis(100);
  FakeCluster cluster(plan);
  cluster.RunTo(Duration::Millis(200));
  CHECK(cluster.log().size() == 1);
  CHECK(Choose(cluster, 2, 6) == 3);
  CHECK(Choose(cluster, 3, 6) == 0);
}

TEST_CASE("injector: a clock jumps, on a live node only", "[faults][injector]") {
  FakeCluster cluster(Of(
      {{AtTime(Duration::Millis(10)), Do(FaultKind::kClockJump, "task-manager-0", 60'000)},
       {AtTime(Duration::Millis(20)), Do(FaultKind::kClockJump, "task-manager-0", kClockBackward + 61'000)},
       {AtTime(Duration::Millis(30)), Do(FaultKind::kCrashTaskManager, "task-manager-0", kNeverRestarts)},
       {AtTime(Duration::Millis(40)), Do(FaultKind::kClockJump, "task-manager-0", 5)}}));
  const auto ahead = [&cluster] { return cluster.WallAhead("task-manager-0"); };
  cluster.RunTo(Duration::Millis(15));
  CHECK(ahead() == Duration::Seconds(60));
  cluster.RunTo(Duration::Millis(25));
  CHECK(ahead() == Duration() - Duration::Seconds(1));
  cluster.RunTo(Duration::Millis(50));
  REQUIRE(cluster.injector().fired().size() == 4);
  CHECK_FALSE(cluster.injector().fired()[3].effective);
}

TEST_CASE("injector: a phase begins once per checkpoint, whoever begins it", "[faults][injector]") {
  Trigger trigger;
  trigger.kind = Trigger::Kind::kPhase;
  trigger.phase = "upload";
  trigger.occurrence = 3;
  trigger.delay = Duration::Millis(1);
  FakeCluster cluster(Of({{trigger, Do(FaultKind::kStoreSlow, "", 8, Duration::Millis(15))}}));
  cluster.RunTo(Duration::Millis(40));
  CHECK(cluster.store_slowdown == 8);
  REQUIRE(cluster.injector().fired().size() == 1);
  CHECK(cluster.injector().fired()[0].event.fields[0] == 3);
  cluster.RunTo(Duration::Millis(60));
  CHECK(cluster.store_slowdown == 1);
}

TEST_CASE("injector: cuts of one link overlap", "[faults][injector]") {
  FakeCluster cluster(Of({{AtTime(Duration::Millis(10)), Do(FaultKind::kNetCut, "task-manager-0", 0,
                                                            Duration::Millis(20), "job-manager-0")},
                          {AtTime(Duration::Millis(20)), Do(FaultKind::kNetCutOneWay, "job-manager-0", 0,
                                                            Duration::Millis(30), "task-manager-0")}}));
  cluster.RunTo(Duration::Millis(15));
  CHECK(cluster.IsCut("task-manager-0", "job-manager-0"));
  CHECK(cluster.IsCut("job-manager-0", "task-manager-0"));
  CHECK(!cluster.IsCut("task-manager-0", "task-manager-1"));
  cluster.RunTo(Duration::Millis(40));
  CHECK(!cluster.IsCut("task-manager-0", "job-manager-0"));
  CHECK(cluster.IsCut("job-manager-0", "task-manager-0"));
  cluster.RunTo(Duration::Millis(60));
  CHECK(!cluster.IsCut("job-manager-0", "task-manager-0"));
}

TEST_CASE("injector: a bit of a disk flips once, if anything is stored there", "[faults][injector]") {
  FakeCluster cluster(Of({{AtTime(Duration::Millis(10)), Do(FaultKind::kDiskFlip, "task-manager-0", 9)},
                          {AtTime(Duration::Millis(20)), Do(FaultKind::kDiskFlip, "task-manager-0", 9)}}));
  cluster.RunTo(Duration::Millis(15));
  CHECK_FALSE(cluster.injector().fired()[0].effective);
  REQUIRE(cluster.disk("task-manager-0").Write("file", "abc").ok());
  cluster.RunTo(Duration::Millis(40));
  REQUIRE(cluster.injector().fired().size() == 2);
  CHECK(cluster.injector().fired()[1].effective);
  CHECK(cluster.disk("task-manager-0").Read("file").value() == "a`c");
}

TEST_CASE("injector: reads of a disk are short for a while", "[faults][injector]") {
  FakeCluster cluster(Of({{AtTime(Duration::Millis(10)),
                           Do(FaultKind::kDiskShortRead, "task-manager-0", 0, Duration::Millis(20))}}));
  REQUIRE(cluster.disk("task-manager-0").Write("file", "abcd").ok());
  cluster.RunTo(Duration::Millis(15));
  CHECK(cluster.disk("task-manager-0").Read("file").value() == "ab");
  cluster.RunTo(Duration::Millis(40));
  CHECK(cluster.disk("task-manager-0").Read("file").value() == "abcd");
}

TEST_CASE("injector: what cannot strike is recorded without effect", "[faults][injector]") {
  FakeCluster cluster(
      Of({{AtTime(Duration::Millis(10)), Do(FaultKind::kCrashTaskManager, "task-manager-0", 1'000'000)},
          {AtTime(Duration::Millis(20)), Do(FaultKind::kCrashTaskManager, "task-manager-0", 1'000)},
          {AtTime(Duration::Millis(30)), Do(FaultKind::kPause, "task-manager-0", 0, Duration::Millis(5))}}));
  cluster.RunTo(Duration::Millis(50));
  REQUIRE(cluster.injector().fired().size() == 3);
  CHECK(!cluster.injector().fired()[1].effective);
  CHECK(!cluster.injector().fired()[2].effective);
  CHECK(cluster.fired_events == 1);
  CHECK(cluster.Incarnation("task-manager-0") == 1);
}

TEST_CASE("injector: a pause ends, and ends with the process", "[faults][injector]") {
  FakeCluster cluster(
      Of({{AtTime(Duration::Millis(10)), Do(FaultKind::kPause, "task-manager-0", 0, Duration::Millis(20))},
          {AtTime(Duration::Millis(10)), Do(FaultKind::kPause, "task-manager-1", 0, Duration::Millis(50))},
          {AtTime(Duration::Millis(20)), Do(FaultKind::kCrashTaskManager, "task-manager-1", 10'000)}}));
  cluster.RunTo(Duration::Millis(15));
  CHECK(cluster.IsPaused("task-manager-0"));
  CHECK(cluster.IsPaused("task-manager-1"));
  cluster.RunTo(Duration::Millis(35));
  CHECK(!cluster.IsPaused("task-manager-0"));
  CHECK(cluster.IsAlive("task-manager-1"));
  CHECK(!cluster.IsPaused("task-manager-1"));
}

TEST_CASE("injector: the liveness phase ends everything and nothing strikes in it", "[faults][injector]") {
  Plan plan =
      Of({{AtTime(Duration::Millis(10)), Do(FaultKind::kCrashTaskManager, "task-manager-0", 60'000'000)},
          {AtTime(Duration::Millis(10)), Do(FaultKind::kPause, "job-manager-0", 0, Duration::Seconds(60))},
          {AtTime(Duration::Millis(10)), Do(FaultKind::kStoreUnavailable, "", 0, Duration::Seconds(60))},
          {AtTime(Duration::Millis(10)), Do(FaultKind::kStoreLostResponse, "", 3)},
          {AtTime(Duration::Millis(10)),
           Do(FaultKind::kNetCut, "task-manager-0", 0, Duration::Seconds(60), "task-manager-1")},
          {AtTime(Duration::Millis(120)), Do(FaultKind::kCrashTaskManager, "task-manager-1", 1'000)},
          {AtEvent(EventId::kCheckpointAcknowledged, 30),
           Do(FaultKind::kCrashTaskManager, "task-manager-1", 0)}});
  plan.liveness_at = Instant() + Duration::Millis(100);
  FakeCluster cluster(plan);
  cluster.RunTo(Duration::Millis(99));
  CHECK(cluster.store_unavailable);
  CHECK(cluster.store_lost == 3);
  cluster.RunTo(Duration::Millis(500));
  CHECK(cluster.liveness_events == 1);
  CHECK(cluster.IsAlive("task-manager-0"));
  CHECK(!cluster.IsPaused("job-manager-0"));
  CHECK(!cluster.store_unavailable);
  CHECK(cluster.store_lost == 0);
  CHECK(!cluster.IsCut("task-manager-0", "task-manager-1"));
  CHECK(cluster.Incarnation("task-manager-1") == 1);
  CHECK(cluster.injector().fired().size() == 5);
}

TEST_CASE("injector: a node that never comes back stays away, also in the liveness phase",
          "[faults][injector]") {
  Plan plan = Of(
      {{AtTime(Duration::Millis(10)), Do(FaultKind::kCrashTaskManager, "task-manager-0", kNeverRestarts)}});
  plan.liveness_at = Instant() + Duration::Millis(100);
  FakeCluster cluster(plan);
  cluster.RunTo(Duration::Seconds(2));
  CHECK(!cluster.IsAlive("task-manager-0"));
}

TEST_CASE("injector: the same plan does the same", "[faults][injector]") {
  const auto digest = [] {
    FakeCluster cluster(
        Of({{AtEvent(EventId::kUploadStarted, 7), Do(FaultKind::kCrashTaskManager, "task-manager-1", 12'345)},
            {AtTime(Duration::Millis(31)),
             Do(FaultKind::kNetDelay, "task-manager-0", 700, Duration::Millis(9), "job-manager-0")}}));
    cluster.RunTo(Duration::Millis(300));
    return cluster.world().digest().Value();
  };
  CHECK(digest() == digest());
}

}  // namespace
}  // namespace weir::faults
