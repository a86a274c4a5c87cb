#include "runtime/state/rocksdb/job_runner.h"

#include <optional>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "tests/rocksdb/rocksdb_fixture.h"

namespace weir {
namespace {

constexpr int kRows = 1'000;

// Writes rows into a database whose jobs JobRunner runs. Begins anew in each incarnation.
class Writer : public Process, public Actor {
 public:
  explicit Writer(Env& env)
      : env_(env),
        actor_(env.executor.AddActor(this)),
        options_(Options(env)),
        runner_(env, options_.identity) {
    if (!RocksDatabase::DeleteFolder(env.disk, options_.folder).ok()) return;
    auto made = RocksDatabase::Create(env, options_, runner_.OnJob());
    if (!made.ok()) return;  // dead already
    database_ = std::move(*made);
    runner_.Serve(database_.get());
    Next();
  }
  std::string Describe() const override { return absl::StrCat("writer of row ", written_); }
  int written() const { return written_; }
  bool is_done() const { return written_ == kRows && database_->jobs() == 0; }
  RocksDatabase& database() { return *database_; }

 private:
  static RocksOptions Options(const Env& env) {
    RocksOptions options = DatabaseWorld::Small();
    options.identity += FormatInstant(env.clock.Now());  // another one for each incarnation
    return options;
  }
  void Next() {
    env_.executor.After(actor_, Duration::Micros(50), [this] {
      const absl::Status status =
          database_->Put(database_->Family("default").value(), Key(written_ * 7 % kRows), Value(written_));
      WEIR_CHECK(status.ok() || absl::IsAborted(status), status.ToString());
      if (++written_ < kRows) Next();
    });
  }

  Env& env_;
  const ActorId actor_;
  const RocksOptions options_;
  JobRunner runner_;
  std::unique_ptr<RocksDatabase> database_;
  int written_ = 0;
};

// Notes how many rows there were at each flush, and may crash the node at an operation: an event of its disk or database.
class Watcher : public sim::Observer {
 public:
  Watcher(sim::World& world, NodeId node, uint64_t crash_at)
      : world_(world), node_(node), countdown_(crash_at) {}
  absl::Status OnEvent(NodeId, const Event& event) override {
    const auto* writer = static_cast<const Writer*>(world_.process(node_));
    if (event.id == EventId::kStateFlushStarted && writer != nullptr) rows.push_back(writer->written());
    const bool is_meant =
        absl::StartsWith(Info(event.id).name, "disk.") || absl::StartsWith(Info(event.id).name, "state.");
    if (is_meant) ++operations;
    if (!is_meant || countdown_ == 0 || --countdown_ != 0) return absl::OkStatus();
    world_.Crash(node_, sim::CrashMode::kSilent);
    return absl::OkStatus();
  }
  std::vector<int> rows;
  uint64_t operations = 0;

 private:
  sim::World& world_;
  const NodeId node_;
  uint64_t countdown_;
};

struct Outcome {
  Hash128 digest;
  std::vector<RocksFile> tables;
  std::vector<int> rows;
  uint64_t operations = 0;
  uint32_t incarnations = 0;
};

// crash_at: 0 never.
Outcome Run(uint64_t seed, uint64_t crash_at) {
  sim::WorldOptions options = DatabaseWorld::WithSeed(seed);
  options.schedule.strategy = sim::ScheduleStrategy::kRandom;
  options.schedule.slack = Duration::Millis(3);
  sim::World world(options);
  const NodeId node = world.AddNode("node");
  Watcher watcher(world, node, crash_at);
  world.AddObserver(&watcher);
  world.Start(node, [](Env& env) { return std::make_unique<Writer>(env); });
  const auto is_done = [&] {
    const auto* writer = static_cast<const Writer*>(world.process(node));
    return writer == nullptr || writer->is_done();
  };
  const Instant end = Instant::FromNanos(60'000'000'000);
  absl::Status status = world.RunUntil(is_done, end);
  if (!world.IsAlive(node)) {
    world.Restart(node);
    status = world.RunUntil(is_done, end);
  }
  CAPTURE(status.ToString(), world.failure().value_or(""));
  REQUIRE(status.ok());
  Outcome outcome;
  outcome.tables = static_cast<Writer*>(world.process(node))->database().LiveTables().value();
  outcome.rows = watcher.rows;
  outcome.operations = watcher.operations;
  outcome.digest = world.digest().Value();
  outcome.incarnations = world.Incarnation(node);
  return outcome;
}

TEST_CASE("JobRunner: jobs are events, whose moments are the schedule's, and the same again", "[rocksdb]") {
  std::set<std::vector<int>> moments;
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    const Outcome once = Run(seed, 0);
    const Outcome again = Run(seed, 0);
    CHECK(once.digest == again.digest);
    CHECK(once.tables == again.tables);
    CHECK(!once.tables.empty());
    moments.insert(once.rows);
  }
  CHECK(moments.size() > 4);
}

TEST_CASE("JobRunner: a process that dies at any operation of its database begins anew", "[rocksdb]") {
  // How many there are depends on the seed, and on RocksDB's version.
  size_t crashes = 0;
  for (uint64_t crash_at = 1; crash_at <= Run(crash_at, 0).operations; crash_at += 3, ++crashes) {
    CAPTURE(crash_at);
    const Outcome once = Run(crash_at, crash_at);
    CHECK(once.incarnations == 2);
    CHECK(!once.tables.empty());
    CHECK(once.digest == Run(crash_at, crash_at).digest);
  }
  CHECK(crashes > 30);
}

TEST_CASE("JobRunner: after Stop no job runs", "[rocksdb]") {
  DatabaseWorld world;
  auto runner = std::make_unique<JobRunner>(world.env(), "stopped");
  auto database = RocksDatabase::Create(world.env(), DatabaseWorld::Small(), runner->OnJob()).value();
  runner->Serve(database.get());
  CHECK(runner->Describe() == "state jobs of stopped: 0 queued");
  for (int i = 0; database->jobs() == 0; ++i) {
    REQUIRE(database->Put(database->Family("default").value(), Key(i), Value(i)).ok());
  }
  CHECK(runner->Describe() == "state jobs of stopped: 1 queued");
  runner->Stop();
  world.RunFor(Duration::Seconds(1));
  CHECK(database->jobs() == 1);
  CHECK(world.Count(EventId::kStateFlushStarted) == 0);
  REQUIRE(database->Close().ok());
  database.reset();
  runner.reset();
}

}  // namespace
}  // namespace weir
