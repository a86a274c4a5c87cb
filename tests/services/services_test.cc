#include <set>
#include <vector>

#include "tests/env/sim_world.h"

namespace weir::contract {
namespace {

// Counts events, and can refuse the next ones of a kind.
class Watcher : public sim::Observer {
 public:
  absl::Status OnEvent(NodeId, const Event& event) override {
    ++counts[static_cast<size_t>(event.id)];
    if (refuse.has_value() && *refuse == event.id) {
      refuse.reset();
      return absl::UnavailableError("refused by the test");
    }
    return absl::OkStatus();
  }
  uint64_t Count(EventId id) const { return counts[static_cast<size_t>(id)]; }

  std::vector<uint64_t> counts = std::vector<uint64_t>(kEventCount);
  std::optional<EventId> refuse;
};

absl::Status Put(SimWorld& world, std::string key, std::string bytes, PutMode mode = PutMode::kOverwrite) {
  return world.Ask<absl::Status>(0, [&](auto answer) {
    world.env(0).store.Put(world.actor(0), key, {bytes, 0}, mode, std::move(answer));
  });
}

absl::StatusOr<Blob> Get(SimWorld& world, std::string key) {
  return world.Ask<absl::StatusOr<Blob>>(
      0, [&](auto answer) { world.env(0).store.Get(world.actor(0), key, std::move(answer)); });
}

absl::Status AppendIn(SimWorld& world, std::string transaction, uint64_t sequence, std::string value) {
  return world.Ask<absl::Status>(0, [&](auto answer) {
    world.env(0).log.AppendInTransaction(world.actor(0), transaction, sequence, "output", 0, {{value, {}}},
                                         std::move(answer));
  });
}

TEST_CASE("Object store: a lost response was applied, and a retried put-if-absent meets itself",
          "[services]") {
  SimWorld world;
  Watcher watcher;
  world.world().AddObserver(&watcher);
  world.services().store_faults().LoseResponses(1);
  CHECK(absl::IsUnavailable(Put(world, "key", "mine", PutMode::kIfAbsent)));
  CHECK(watcher.Count(EventId::kStorePut) == 1);
  CHECK(watcher.Count(EventId::kStoreResponseLost) == 1);
  CHECK(world.services().store().Find("key")->bytes == "mine");
  CHECK(absl::IsAlreadyExists(Put(world, "key", "mine", PutMode::kIfAbsent)));
  CHECK(watcher.Count(EventId::kStorePut) == 1);
}

TEST_CASE("Object store: while it is unavailable nothing is applied", "[services]") {
  SimWorld world;
  Watcher watcher;
  world.world().AddObserver(&watcher);
  world.services().store_faults().MakeUnavailable(world.world().now() + Duration::Seconds(5));
  CHECK(absl::IsUnavailable(Put(world, "key", "early")));
  CHECK(absl::IsUnavailable(Get(world, "key").status()));
  CHECK(watcher.Count(EventId::kStoreRefused) == 2);
  CHECK(watcher.Count(EventId::kStorePut) == 0);
  CHECK(world.services().store().Keys().empty());
  world.RunFor(Duration::Seconds(5));
  CHECK(Put(world, "key", "late").ok());
  world.services().store_faults().MakeUnavailable(Instant::Max());
  CHECK(absl::IsUnavailable(Get(world, "key").status()));
  world.services().HealAll();
  CHECK(Get(world, "key")->bytes == "late");
}

TEST_CASE("Object store: a request takes latency and transfer time, unbilled bytes none", "[services]") {
  sim::ClusterServicesOptions options;
  options.store = {Duration::Millis(5), Duration::Millis(5), 1'000'000};
  SimWorld world(1, {}, options);
  const auto time_of = [&](Blob blob) {
    const Instant begin = world.world().now();
    const absl::Status status = world.Ask<absl::Status>(0, [&](auto answer) {
      world.env(0).store.Put(world.actor(0), "key", blob, PutMode::kOverwrite, std::move(answer));
    });
    CHECK(status.ok());
    return world.world().now() - begin;
  };
  const std::string half_a_second(500'000, 'x');
  const Duration slack = Duration::Millis(25);  // of the network, there and back
  time_of({"", 0});                             // connects
  CHECK(time_of({"", 0}) >= Duration::Millis(5));
  CHECK(time_of({"", 0}) < Duration::Millis(5) + slack);
  CHECK(time_of({half_a_second, 0}) >= Duration::Millis(505));
  CHECK(time_of({half_a_second, 500'000}) < Duration::Millis(5) + slack);
  world.services().store_faults().MakeSlow(3, Duration::Millis(100));
  CHECK(time_of({"", 0}) >= Duration::Millis(115));
  world.services().store_faults().MakeSlow(1, Duration());
  CHECK(time_of({"", 0}) < Duration::Millis(5) + slack);
}

TEST_CASE("Object store: a refusal at a fault point is answered, and nothing was changed", "[services]") {
  SimWorld world;
  Watcher watcher;
  world.world().AddObserver(&watcher);
  watcher.refuse = EventId::kStorePut;
  CHECK(absl::IsUnavailable(Put(world, "key", "value")));
  CHECK(world.services().store().Find("key") == nullptr);
  CHECK(Put(world, "key", "value").ok());
  watcher.refuse = EventId::kStoreGet;
  CHECK(absl::IsUnavailable(Get(world, "key").status()));
  CHECK(Get(world, "key").ok());
}

TEST_CASE("Services: silence ends in a timeout, and a healed link serves again", "[services]") {
  SimWorld world;
  REQUIRE(Put(world, "before", "x").ok());
  world.world().network().Cut(world.node(0), world.services().store_node());
  const Instant begin = world.world().now();
  CHECK(absl::IsUnavailable(Put(world, "during", "x")));
  CHECK(world.world().now() - begin >= Duration::Seconds(1));
  CHECK(world.world().now() - begin < Duration::Millis(1'100));
  world.world().network().HealAll();
  CHECK(Put(world, "after", "x").ok());
}

TEST_CASE("Services: an answer that comes after the timeout is ignored", "[services]") {
  SimWorld world;
  world.services().store_faults().MakeSlow(1, Duration::Millis(1'500));
  CHECK(absl::IsUnavailable(Put(world, "key", "slow")));
  CHECK(world.services().store().Find("key") == nullptr);
  world.RunFor(Duration::Seconds(2));
  CHECK(world.services().store().Find("key")->bytes == "slow");  // applied all the same
  world.services().HealAll();
  CHECK(Get(world, "key").ok());
}

TEST_CASE("Services: what they hold outlives their process", "[services]") {
  const auto mode = GENERATE(sim::CrashMode::kReset, sim::CrashMode::kSilent);
  SimWorld world;
  REQUIRE(Put(world, "key", "value").ok());
  REQUIRE(AppendIn(world, "t", 1, "a").ok());
  for (const NodeId node : {world.services().store_node(), world.services().log_node()}) {
    world.world().Crash(node, mode);
  }
  CHECK(absl::IsUnavailable(Get(world, "key").status()));
  for (const NodeId node : {world.services().store_node(), world.services().log_node()}) {
    world.world().Restart(node);
  }
  absl::StatusOr<Blob> blob = Get(world, "key");
  for (int i = 0; i < 5 && !blob.ok(); ++i)
    blob = Get(world, "key");  // the old connection has to be given up first
  REQUIRE(blob.ok());
  CHECK(blob->bytes == "value");
  CHECK(world.services().log().StateOf("t") == LogState::Transaction::kOpen);
}

TEST_CASE("Register: a swap whose response was lost is seen by the next read", "[services]") {
  SimWorld world;
  world.services().register_faults().LoseResponses(1);
  const auto swap = [&](uint64_t expected) {
    return world.Ask<absl::StatusOr<Versioned>>(0, [&](auto answer) {
      world.env(0).registry.CompareAndSet(world.actor(0), "key", expected, "value", std::move(answer));
    });
  };
  CHECK(absl::IsUnavailable(swap(0).status()));
  CHECK(world.services().registry().Find("key").version == 1);
  CHECK(absl::IsAborted(swap(0).status()));
  CHECK(swap(1)->version == 2);
}

TEST_CASE("Log: a commit whose response was lost can be asked for again", "[services]") {
  SimWorld world;
  Watcher watcher;
  world.world().AddObserver(&watcher);
  REQUIRE(AppendIn(world, "t", 1, "a").ok());
  world.services().log_faults().LoseResponses(1);
  const auto commit = [&] {
    return world.Ask<absl::Status>(
        0, [&](auto answer) { world.env(0).log.Commit(world.actor(0), "t", std::move(answer)); });
  };
  CHECK(absl::IsUnavailable(commit()));
  CHECK(world.services().log().CommittedRecords("output", 0).size() == 1);
  CHECK(commit().ok());
  CHECK(world.services().log().CommittedRecords("output", 0).size() == 1);
  CHECK(watcher.Count(EventId::kLogCommitted) == 1);  // the second changed nothing
  CHECK(watcher.Count(EventId::kLogResponseLost) == 1);
}

TEST_CASE("Log: requests of one connection are applied in order", "[services]") {
  SimWorld world;
  int answers = 0;
  world.Do(0, [&] {
    for (int i = 0; i < 100; ++i) {
      world.env(0).log.Append(world.actor(0), "output", 0, {{std::to_string(i), {}}},
                              [&](const absl::Status& status) { answers += status.ok(); });
    }
  });
  REQUIRE(world.RunUntil([&] { return answers == 100; }));
  int i = 0;
  for (const LogRecord& record : world.services().log().CommittedRecords("output", 0)) {
    CHECK(record.value == std::to_string(i++));
  }
  CHECK(i == 100);
}

TEST_CASE("Log: an open transaction expires after its timeout, also across a restart", "[services]") {
  const bool restarts = GENERATE(false, true);
  sim::ClusterServicesOptions options;
  options.transaction_timeout = Duration::Seconds(10);
  SimWorld world(1, {}, options);
  REQUIRE(AppendIn(world, "t", 1, "a").ok());
  if (restarts) {
    world.world().Crash(world.services().log_node(), sim::CrashMode::kReset);
    world.world().Restart(world.services().log_node());
  }
  world.RunFor(Duration::Seconds(9));
  CHECK(world.services().log().StateOf("t") == LogState::Transaction::kOpen);
  world.RunFor(Duration::Millis(1'100));
  CHECK(world.services().log().StateOf("t") == LogState::Transaction::kAborted);
}

TEST_CASE("Log: the records of a source come one interval after the other", "[services]") {
  SimWorld world;
  world.services().log().AddSourceTopic("slow", 1, &InputRecord, Duration::Seconds(1));
  const auto fetch = [&] {
    return world
        .Ask<absl::StatusOr<LogBatch>>(0,
                                       [&](auto answer) {
                                         world.env(0).log.Fetch(world.actor(0), "slow", 0, 0, 100,
                                                                std::move(answer));
                                       })
        .value();
  };
  CHECK(fetch().records.size() == 1);
  CHECK(!fetch().at_end);
  world.RunFor(Instant::FromNanos(3'500'000'000) - world.world().now());
  CHECK(fetch().records.size() == 4);
  world.RunFor(Duration::Seconds(10));
  CHECK(fetch().records.size() == 5);
  CHECK(fetch().at_end);
}

TEST_CASE("Log: a topic that grows has its late partitions from their moment on", "[services]") {
  SimWorld world;
  LogState& log = world.services().log();
  log.AddSourceTopic("growing", 3, &InputRecord);
  log.AddPartitionsLater("growing", 1, Instant() + Duration::Seconds(5));
  const auto partitions = [&] {
    return world
        .Ask<absl::StatusOr<uint32_t>>(
            0,
            [&](auto answer) { world.env(0).log.Partitions(world.actor(0), "growing", std::move(answer)); })
        .value();
  };
  CHECK(partitions() == 1);
  CHECK(log.Partitions("growing").value() == 3);
  CHECK(absl::IsNotFound(log.Fetch("growing", 1, 0, 10, world.world().now()).status()));
  CHECK(log.Fetch("growing", 0, 0, 10, world.world().now()).ok());
  world.RunFor(Duration::Seconds(6));
  CHECK(partitions() == 3);
  CHECK(log.Fetch("growing", 2, 0, 10, world.world().now()).ok());
}

TEST_CASE("Database: gets, puts and adds, and counts them", "[services]") {
  SimWorld world;
  const std::unique_ptr<sim::KeyValueClient> client = world.services().MakeDatabaseClient(world.env(0));
  const auto get = [&](std::string key) {
    return world
        .Ask<absl::StatusOr<std::optional<std::string>>>(
            0, [&](auto answer) { client->Get(world.actor(0), key, std::move(answer)); })
        .value();
  };
  const auto add = [&](std::string key, int64_t delta) {
    return world.Ask<absl::StatusOr<int64_t>>(
        0, [&](auto answer) { client->Add(world.actor(0), key, delta, std::move(answer)); });
  };
  CHECK(get("account") == std::nullopt);
  CHECK(add("account", 5).value() == 5);
  CHECK(add("account", -7).value() == -2);
  CHECK(get("account") == "-2");
  const absl::Status put = world.Ask<absl::Status>(
      0, [&](auto answer) { client->Put(world.actor(0), "name", "text", std::move(answer)); });
  CHECK(put.ok());
  CHECK(absl::IsFailedPrecondition(add("name", 1).status()));
  world.services().database_faults().LoseResponses(1);
  CHECK(absl::IsUnavailable(add("account", 1).status()));
  CHECK(get("account") == "-1");
  CHECK(world.services().database().reads == 3);
  CHECK(world.services().database().writes == 4);
}

// Keeps the answers that come on a connection.
class Listener : public ConnectionHandler {
 public:
  void OnMessage(ConnectionId, Message message) override { answers.push_back(std::move(message)); }
  void OnClosed(ConnectionId, const absl::Status&) override {}
  std::vector<Message> answers;
};

TEST_CASE("Services: a damaged request is answered kInvalidArgument and changes nothing", "[services]") {
  SimWorld world;
  sim::ClusterServices& services = world.services();
  const std::string one_record("\0\0\0\0\0\0\0\1\0\0\0\1v", 13);  // partition 0, one record "v"
  struct Case {
    NodeId node;
    PortId port;
    uint8_t method;
    std::string arguments;
    std::string lane;
  };
  const std::vector<Case> cases = {
      {services.store_node(), sim::kObjectStorePort, 99, "", ""},
      {services.store_node(), sim::kObjectStorePort, sim::ObjectStore::kPut, "", ""},
      {services.store_node(), sim::kObjectStorePort, sim::ObjectStore::kPut, "\7bytes", ""},
      {services.register_node(), sim::kRegisterPort, 0, "", ""},
      {services.register_node(), sim::kRegisterPort, sim::ReplicatedRegister::kCompareAndSet, "1234567", ""},
      {services.log_node(), sim::kLogPort, 0, "", ""},
      {services.log_node(), sim::kLogPort, sim::TransactionalLog::kFetch, "too short", ""},
      {services.log_node(), sim::kLogPort, sim::TransactionalLog::kAppend, one_record, "no identity"},
      {services.log_node(), sim::kLogPort, sim::TransactionalLog::kAppend, one_record + "!",
       std::string(16, 'i')},
      {services.log_node(), sim::kLogPort, sim::TransactionalLog::kAppendInTransaction, one_record, ""},
      {services.database_node(), sim::kKeyValuePort, sim::KeyValueStore::kAdd, "seven b", ""},
      {services.database_node(), sim::kKeyValuePort, 4, "", ""},
  };
  const auto send = [&world](const Case& c) {
    Listener listener;
    world.Do(0, [&] {
      Transport& transport = world.env(0).transport;
      sim::RpcRequest request{42, c.method, "output", c.arguments, c.lane};
      transport.Send(transport.Connect(world.actor(0), c.node, c.port, &listener),
                     std::move(request).Encode());
    });
    REQUIRE(world.RunUntil([&] { return !listener.answers.empty(); }));
    uint64_t id = 0;
    const absl::Status status = sim::RpcAnswer::Decode(listener.answers[0], &id)->status;
    CHECK(id == 42);
    return status;
  };
  for (const Case& c : cases) {
    INFO("port " << c.port.value << " method " << int{c.method});
    CHECK(absl::IsInvalidArgument(send(c)));
  }
  CHECK(services.store().Keys().empty());
  CHECK(services.registry().Keys().empty());
  CHECK(services.log().CommittedRecords("output", 0).empty());
  CHECK(services.log().OpenTransactions("").empty());
  CHECK(services.database().values.empty());
  // The same frame, whole.
  CHECK(send({services.log_node(), sim::kLogPort, sim::TransactionalLog::kAppend, one_record,
              std::string(16, 'i')})
            .ok());
  CHECK(services.log().CommittedRecords("output", 0).size() == 1);
}

TEST_CASE("Services: a client that waits says for what", "[services]") {
  SimWorld world;
  world.services().store_faults().MakeSlow(1, Duration::Millis(500));
  bool answered = false;
  world.Do(0, [&] {
    world.env(0).store.Put(world.actor(0), "key", {"value", 0}, PutMode::kOverwrite,
                           [&](const absl::Status&) { answered = true; });
  });
  const auto waits_for_store = [&] {
    for (const Wait& wait : world.world().Waits()) {
      if (wait.whom == "object store") return true;
    }
    return false;
  };
  CHECK(waits_for_store());
  REQUIRE(world.RunUntil([&] { return answered; }));
  CHECK(!waits_for_store());
}

TEST_CASE("Services: a client that was shut down is not called back, and can be used anew", "[services]") {
  SimWorld world;
  const std::unique_ptr<sim::KeyValueClient> client = world.services().MakeDatabaseClient(world.env(0));
  int called = 0;
  world.Do(0, [&] {
    client->Put(world.actor(0), "key", "value", [&](const absl::Status&) { ++called; });
    client->Shutdown();
    client->Shutdown();
  });
  world.RunFor(Duration::Seconds(3));
  CHECK(called == 0);
  world.services().database_faults().MakeSlow(1, Duration::Seconds(2));
  const absl::Status late = world.Ask<absl::Status>(
      0, [&](auto answer) { client->Put(world.actor(0), "key", "value", std::move(answer)); });
  CHECK(absl::IsUnavailable(late));  // its timeout is armed again
}

TEST_CASE("Services: lost responses by ratio are a function of the seed", "[services]") {
  const auto run = [](uint64_t seed) {
    sim::WorldOptions options;
    options.seed = seed;
    SimWorld world(1, options);
    world.services().store_faults().LoseResponsesByRatio(1, 3);
    std::vector<bool> lost;
    for (int i = 0; i < 60; ++i) lost.push_back(!Put(world, "key" + std::to_string(i % 7), "value").ok());
    return lost;
  };
  const std::vector<bool> first = run(1);
  const auto losses = std::count(first.begin(), first.end(), true);
  CHECK(losses > 5);
  CHECK(losses < 40);
  CHECK(run(1) == first);
  CHECK(run(2) != first);
}

}  // namespace
}  // namespace weir::contract
