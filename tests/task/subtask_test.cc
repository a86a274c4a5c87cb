#include <catch2/catch.hpp>

#include "tests/task/account_job.h"
#include "tests/task/mini_cluster.h"

namespace weir {
namespace {

Configuration Options(std::map<std::string, std::string> more = {}) {
  Configuration options;
  for (const auto& [key, value] : more) options.Set(key, value);
  options.SetDefault("parallelism.default", "2");
  options.SetDefault("execution.checkpointing.interval", "100 ms");
  options.SetDefault("taskmanager.memory.segment-size", "256");
  options.SetDefault("execution.buffer-timeout.interval", "2 ms");
  options.SetDefault("weir.source.fetch-records", "10");
  options.SetDefault("weir.retry-delay", "20 ms");
  return options;
}

struct Run {
  explicit Run(AccountJob j, uint64_t seed = 1)
      : job(std::move(j)), cluster(ClusterOptions(seed), [this] { return job.Build(); }) {
    job.AddTopics(cluster.services().log());
  }
  static MiniCluster::Options ClusterOptions(uint64_t seed) {
    MiniCluster::Options options;
    options.world.seed = seed;
    options.world.schedule.strategy =
        seed % 2 == 0 ? sim::ScheduleStrategy::kRandom : sim::ScheduleStrategy::kFifo;
    options.world.schedule.slack = Duration::Micros(300);
    return options;
  }
  void CheckExactlyOnce() {
    const AccountJob::Output output = job.Read(cluster.services().log());
    const AccountJob::Output expected = job.Expected();
    CHECK(output.records == expected.records);
    CHECK(output.duplicates == 0);
    CHECK(output.last_totals == expected.last_totals);
  }
  AccountJob job;
  MiniCluster cluster;
};

TEST_CASE("subtask: a job reads, maps, sums by key and commits everything once (two nodes)", "[task]") {
  Run run({Options()});
  run.cluster.Start();
  const bool drained = run.cluster.RunUntilDrained(Duration::Seconds(30));
  INFO(run.cluster.world().Describe());
  INFO(run.cluster.world().failure().value_or("no failed check"));
  for (const std::string& failure : run.cluster.failures()) UNSCOPED_INFO(failure);
  REQUIRE(drained);
  CHECK(run.cluster.attempt() == 1);
  run.CheckExactlyOnce();
}

// Crashes a node where it emits the nth event of a kind, once.
void CrashAt(Run& run, EventId id, uint64_t nth) {
  run.cluster.on_event = [&run, id, nth, seen = uint64_t{0}](NodeId node, const Event& event) mutable {
    if (event.id != id || ++seen != nth) return absl::OkStatus();
    for (uint32_t i = 0; i < 2; ++i) {
      if (run.cluster.world().NodeName(node) == "tm" + std::to_string(i)) run.cluster.CrashNode(i);
    }
    return absl::AbortedError("crashed");
  };
}

TEST_CASE("subtask: exactly once though a node crashes at any of its events", "[task]") {
  uint64_t seed = 1;
  for (const EventId id :
       {EventId::kSubtaskRunning, EventId::kBarrierInjected, EventId::kBarrierReceived,
        EventId::kBarrierAligned, EventId::kBarrierForwarded, EventId::kSnapshotTaken,
        EventId::kUploadStarted, EventId::kUploadFinished, EventId::kCheckpointAcknowledged,
        EventId::kNotifyCompleteReceived, EventId::kRecordEmitted, EventId::kRecordReceived,
        EventId::kTransactionPreCommitted, EventId::kTransactionCommitting, EventId::kTransactionCommitted}) {
    for (const uint64_t nth : {1, 2, 3, 4}) {
      const uint64_t factor = id == EventId::kRecordEmitted || id == EventId::kRecordReceived ? 61 : 1;
      Run run({Options()}, ++seed);
      run.cluster.Start();
      CrashAt(run, id, nth * factor);
      const bool drained = run.cluster.RunUntilDrained(Duration::Seconds(60));
      INFO("crash at " << Info(id).name << " " << nth);
      INFO(run.cluster.world().Describe());
      INFO(run.cluster.world().failure().value_or("no failed check"));
      for (const std::string& failure : run.cluster.failures()) UNSCOPED_INFO(failure);
      REQUIRE(drained);
      CHECK(run.cluster.attempt() == 2);
      run.CheckExactlyOnce();
    }
  }
}

TEST_CASE("subtask: a status at an event fails the task, and everything is committed once", "[task]") {
  uint64_t seed = 100;
  for (const EventId id : {EventId::kRecordEmitted, EventId::kRecordReceived, EventId::kSnapshotTaken,
                           EventId::kTransactionCommitting, EventId::kUploadFinished}) {
    Run run({Options()}, ++seed);
    run.cluster.Start();
    run.cluster.on_event = [id, seen = 0](NodeId, const Event& event) mutable {
      return event.id == id && ++seen == 3 ? absl::UnavailableError("injected") : absl::OkStatus();
    };
    const bool drained = run.cluster.RunUntilDrained(Duration::Seconds(60));
    INFO("status at " << Info(id).name);
    INFO(run.cluster.world().failure().value_or("no failed check"));
    REQUIRE(drained);
    CHECK(run.cluster.attempt() == 2);
    REQUIRE_FALSE(run.cluster.failures().empty());
    CHECK(run.cluster.failures()[0].find("injected") != std::string::npos);
    run.CheckExactlyOnce();
  }
}

TEST_CASE("subtask: in at-least-once mode nothing is lost, and duplicates happen (some seed)", "[task]") {
  size_t duplicates = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    AccountJob job{Options({{"execution.checkpointing.mode", "at-least-once"},
                            {"taskmanager.memory.segment-size", "1"},
                            {"weir.task.record-cost", "1 us"}})};
    job.records = 2000;
    job.interval = Duration::Micros(200);
    Run run(job, seed);
    run.cluster.Start();
    CrashAt(run, EventId::kNotifyCompleteReceived, 5);
    REQUIRE(run.cluster.RunUntilDrained(Duration::Seconds(60)));
    const AccountJob::Output output = run.job.Read(run.cluster.services().log());
    const AccountJob::Output expected = run.job.Expected();
    for (const auto& [account, total] : expected.last_totals) CHECK(output.last_totals.at(account) >= total);
    duplicates += output.last_totals != expected.last_totals;
  }
  CHECK(duplicates > 0);
}

TEST_CASE("subtask: a plain sink loses nothing, and repeats what came after the checkpoint", "[task]") {
  AccountJob job{Options()};
  job.is_transactional = false;
  Run run(job, 3);
  run.cluster.Start();
  CrashAt(run, EventId::kRecordEmitted, 300);
  REQUIRE(run.cluster.RunUntilDrained(Duration::Seconds(60)));
  const AccountJob::Output output = run.job.Read(run.cluster.services().log());
  const AccountJob::Output expected = run.job.Expected();
  CHECK(output.records - output.duplicates == expected.records);
  CHECK(output.last_totals == expected.last_totals);
}

TEST_CASE("subtask: an unavailable store and lost responses delay checkpoints, and lose nothing", "[task]") {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    Run run({Options()}, seed);
    run.cluster.services().log_faults().LoseResponsesByRatio(1, 4);
    run.cluster.services().store_faults().LoseResponsesByRatio(1, 4);
    run.cluster.Start();
    run.cluster.RunFor(Duration::Millis(150));
    run.cluster.services().store_faults().MakeUnavailable(run.cluster.world().now() + Duration::Millis(700));
    const bool drained = run.cluster.RunUntilDrained(Duration::Seconds(60));
    INFO(run.cluster.world().Describe());
    for (const std::string& failure : run.cluster.failures()) UNSCOPED_INFO(failure);
    REQUIRE(drained);
    CHECK(run.cluster.attempt() == 1);
    run.CheckExactlyOnce();
  }
}

TEST_CASE("subtask: a slow consumer blocks its producer, and waits are explained", "[task]") {
  Run run({Options({{"taskmanager.memory.segment-size", "1"},
                    {"weir.task.record-cost", "5 ms"},
                    {"taskmanager.network.memory.buffers-per-channel", "1"}})});
  run.cluster.Start();
  run.cluster.RunFor(Duration::Millis(400));
  CHECK(run.cluster.count(EventId::kOutputBlocked) > 0);
  bool credit = false;
  for (const Wait& wait : run.cluster.world().Waits()) credit = credit || wait.what == "credit";
  CHECK(credit);
  REQUIRE(run.cluster.RunUntilDrained(Duration::Seconds(120)));
  CHECK(run.cluster.count(EventId::kOutputUnblocked) > 0);
  run.CheckExactlyOnce();
}

struct Trace {
  std::string digest;
  Instant end;
  uint64_t events = 0;
};
Trace TraceOf(const std::string& ledger) {
  Run run({Options({{"weir.ledger", ledger}})}, 7);
  run.cluster.Start();
  CrashAt(run, EventId::kRecordEmitted, 150);
  REQUIRE(run.cluster.RunUntilDrained(Duration::Seconds(60)));
  return {run.cluster.world().digest().Value().ToHex(), run.cluster.world().now(),
          run.cluster.world().events()};
}

TEST_CASE("subtask: equal seeds give equal digests", "[task]") {
  CHECK(TraceOf("sums").digest == TraceOf("sums").digest);
}

TEST_CASE("subtask: full identity sets instead of sums do not change the timing of a run", "[task]") {
  const Trace sums = TraceOf("sums");
  const Trace sets = TraceOf("sets");
  CHECK(sums.end == sets.end);
  CHECK(sums.events == sets.events);
}

}  // namespace
}  // namespace weir
