#include <algorithm>
#include <vector>

#include "tests/sim/sim_fixture.h"

namespace weir::sim {
namespace {

using Strings = std::vector<std::string>;

constexpr Duration kHop = Duration::Micros(100);  // TestWorld's latency

Strings Numbers(int count) {
  Strings numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(std::to_string(i));
  return numbers;
}

// Node 0 calls node 1, and the connection stands.
class Pair : public TestWorld {
 public:
  explicit Pair(WorldOptions options = Options()) : TestWorld(2, std::move(options)) {
    Do(0, [this] {
      connection = shell(0).Call(NodeId(1));
      env(0).transport.Send(connection, {"hello", ""});
    });
    REQUIRE(RunUntil([this] { return !server().bodies.empty(); }, now() + Duration::Seconds(1)).ok());
    server().bodies.clear();
  }
  Recorder& client() { return shell(0).outgoing; }
  Recorder& server() { return shell(1).incoming; }
  void Send(int count, int first = 0) {
    Do(0, [=, this] {
      for (int i = first; i < first + count; ++i) env(0).transport.Send(connection, {std::to_string(i), ""});
    });
  }
  void Reply(const std::string& body) {
    Do(1, [=, this] { env(1).transport.Send(server().last, {body, ""}); });
  }

  ConnectionId connection;
};

constexpr NodeId kClient{0};
constexpr NodeId kServer{1};

TEST_CASE("Network: a message takes the latency and its bytes over the bandwidth, and its lane costs nothing",
          "[sim]") {
  WorldOptions options = TestWorld::Options();
  options.link.bytes_per_second = 1'000'000;
  Pair world(options);
  const Instant begin = world.now();
  world.Do(0, [&] {
    world.env(0).transport.Send(world.connection, {std::string(2000, 'x'), std::string(500'000, 'y')});
    world.env(0).transport.Send(world.connection, {std::string(1000, 'x'), ""});
  });
  REQUIRE(
      world.RunUntil([&] { return world.server().bodies.size() == 1; }, begin + Duration::Seconds(1)).ok());
  CHECK(world.now() == begin + Duration::Millis(2) + kHop);
  REQUIRE(
      world.RunUntil([&] { return world.server().bodies.size() == 2; }, begin + Duration::Seconds(1)).ok());
  CHECK(world.now() == begin + Duration::Millis(3) + kHop);
}

TEST_CASE(
    "Network: latencies are drawn between the bounds, some from the tail, by message and not by position",
    "[sim]") {
  WorldOptions options = TestWorld::Options();
  options.link = LinkOptions();
  options.link.bytes_per_second = 1'000'000'000'000;
  options.link.tail_permille = 100;
  int tails = 0;
  std::vector<Duration> alone;
  std::vector<Duration> disturbed;
  for (const bool disturb : {false, true}) {
    TestWorld world(3, options);
    ConnectionId connection;
    ConnectionId other;
    world.Do(0, [&] {
      connection = world.shell(0).Call(NodeId(1));
      if (disturb) other = world.shell(0).Call(NodeId(2));
    });
    world.RunFor(Duration::Millis(100));
    for (int i = 0; i < 200; ++i) {
      const Instant begin = world.now();
      world.Do(0, [&] {
        if (disturb) world.env(0).transport.Send(other, {"noise", ""});
        world.env(0).transport.Send(connection, {"x", ""});
      });
      const size_t expected = static_cast<size_t>(i) + 1;
      REQUIRE(
          world.RunUntil([&] { return world.shell(1).incoming.bodies.size() == expected; }, Instant::Max())
              .ok());
      (disturb ? disturbed : alone).push_back(world.now() - begin);
      world.RunFor(Duration::Millis(20));
    }
  }
  CHECK(alone == disturbed);
  for (const Duration latency : alone) {
    CHECK(latency >= options.link.latency_min);
    CHECK(latency <= options.link.latency_tail);
    tails += latency > options.link.latency_max;
  }
  CHECK((tails > 5 && tails < 50));
}

TEST_CASE("Network: a connection delivers in order, whatever the latencies and the schedule", "[sim]") {
  for (const ScheduleStrategy strategy : {ScheduleStrategy::kFifo, ScheduleStrategy::kRandom}) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);
      WorldOptions options = TestWorld::Options();
      options.link = LinkOptions();
      options.link.tail_permille = 300;
      options.seed = seed;
      options.schedule = {strategy, Duration::Millis(2)};
      Pair world(options);
      for (int i = 0; i < 50; ++i) {
        world.Do(0, [&] {
          world.env(0).executor.Charge(Duration::Micros(static_cast<int64_t>(seed) * 3));
          for (int j = 0; j < 4; ++j) {
            world.env(0).transport.Send(world.connection, {std::to_string(4 * i + j), ""});
          }
        });
        world.RunFor(Duration::Micros(50));
      }
      world.RunFor(Duration::Seconds(1));
      CHECK(world.server().bodies == Numbers(200));
    }
  }
}

TEST_CASE("Schedule: random mixes actors but keeps an actor's posts in order", "[sim]") {
  class Other : public Actor {
   public:
    std::string Describe() const override { return "other"; }
  } other_actor;
  int mixed = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    WorldOptions options = TestWorld::Options();
    options.seed = seed;
    options.schedule = {ScheduleStrategy::kRandom, Duration::Micros(10)};
    TestWorld world(1, options);
    Executor& executor = world.env(0).executor;
    const ActorId actors[] = {world.shell(0).actor, executor.AddActor(&other_actor)};
    Strings ran[2];
    Strings all;
    for (int i = 0; i < 40; ++i) {
      const size_t who = static_cast<size_t>(i % 2);
      executor.Post(actors[who], [&, who, i] {
        ran[who].push_back(std::to_string(i));
        all.push_back(std::to_string(i));
        if (i % 5 == 0) executor.Charge(Duration::Micros(3));
      });
    }
    world.RunFor(Duration::Millis(1));
    REQUIRE(all.size() == 40);
    for (int i = 0; i < 40; ++i) CHECK(ran[i % 2][static_cast<size_t>(i / 2)] == std::to_string(i));
    mixed += all != Numbers(40);
  }
  CHECK(mixed == 20);
}

TEST_CASE("Network: a refusal comes after a round trip", "[sim]") {
  TestWorld world(1);
  const NodeId deaf = world.AddNode("deaf");
  world.Start(deaf, ShellProgram());
  const NodeId empty = world.AddNode("empty");
  for (const NodeId node : {deaf, empty}) {
    const Instant begin = world.now();
    world.shell(0).outgoing.closed.reset();
    world.Do(0, [&] {
      const ConnectionId connection = world.shell(0).Call(node);
      world.env(0).transport.Send(connection, {"lost", ""});
    });
    REQUIRE(world.RunUntil([&] { return world.shell(0).outgoing.closed.has_value(); }, Instant::Max()).ok());
    CHECK(world.now() == begin + kHop * 2);
    CHECK(absl::IsUnavailable(*world.shell(0).outgoing.closed));
  }
}

TEST_CASE("Network: a connect into a cut fails by its timeout, in whichever direction the cut is", "[sim]") {
  for (const bool forward : {true, false}) {
    TestWorld world(2);
    if (forward) world.network().Cut(kClient, kServer);
    if (!forward) world.network().Cut(kServer, kClient);
    const Instant begin = world.now();
    world.Do(0, [&] { world.env(0).transport.Send(world.shell(0).Call(kServer), {"x", ""}); });
    REQUIRE(world.RunUntil([&] { return world.shell(0).outgoing.closed.has_value(); }, Instant::Max()).ok());
    CHECK(world.now() == begin + WorldOptions().link.connect_timeout);
    CHECK(world.shell(0).outgoing.closed->message() == "connection timed out");
    world.network().HealAll();
    world.RunFor(Duration::Seconds(5));
    CHECK(world.shell(1).incoming.bodies.empty());
    // The half that stood on the other side is told when it answers.
    CHECK(world.shell(1).incoming.closed.has_value() == !forward);
  }
}

TEST_CASE("Network: a connect waits out a short cut", "[sim]") {
  TestWorld world(2);
  world.network().Cut(kClient, kServer);
  world.Do(0, [&] { world.env(0).transport.Send(world.shell(0).Call(kServer), {"x", ""}); });
  world.RunFor(Duration::Seconds(1));
  world.network().Heal(kClient, kServer);
  world.RunFor(Duration::Millis(1));
  CHECK(world.shell(1).incoming.bodies == Strings{"x"});
  world.RunFor(Duration::Seconds(5));
  CHECK(!world.shell(0).outgoing.closed.has_value());
}

TEST_CASE("Network: what meets a cut waits and flows when it heals, in order, and the other direction flows",
          "[sim]") {
  Pair world;
  world.Send(3);
  world.RunFor(Duration::Micros(50));  // under way before the cut
  world.network().Cut(kClient, kServer);
  world.network().Cut(kClient, kServer);
  CHECK(world.network().IsCut(kClient, kServer));
  CHECK(!world.network().IsCut(kServer, kClient));
  world.Send(3, 3);
  world.RunFor(Duration::Millis(10));
  CHECK(world.server().bodies == Numbers(3));
  world.Reply("still here");
  world.RunFor(Duration::Millis(1));
  CHECK(world.client().bodies == Strings{"still here"});
  world.Send(2, 6);  // not yet arrived when the link heals
  world.network().Heal(kClient, kServer);
  world.RunFor(Duration::Micros(99));
  CHECK(world.server().bodies == Numbers(3));
  world.Send(2, 8);
  world.RunFor(Duration::Millis(1));
  CHECK(world.server().bodies == Numbers(10));
  CHECK(!world.client().closed.has_value());
  CHECK(world.Count(EventId::kLinkChanged) == 2);
}

TEST_CASE("Network: a delayed link is slow until it is not", "[sim]") {
  Pair world;
  world.network().Delay(kClient, kServer, Duration::Millis(7));
  world.Send(1);
  const Instant begin = world.now();
  REQUIRE(world.RunUntil([&] { return world.server().bodies.size() == 1; }, Instant::Max()).ok());
  CHECK(world.now() == begin + kHop + Duration::Millis(7));
  world.network().HealAll();
  world.Send(1, 1);
  world.RunFor(kHop);
  CHECK(world.server().bodies == Numbers(2));
}

TEST_CASE("Network: a quick message does not pull a slow one along", "[sim]") {
  Pair world;
  world.network().Delay(kClient, kServer, Duration::Millis(7));
  world.Send(1);
  const Instant begin = world.now();
  world.network().Delay(kClient, kServer, Duration());
  world.Send(1, 1);
  REQUIRE(world.RunUntil([&] { return !world.server().bodies.empty(); }, Instant::Max()).ok());
  CHECK(world.now() == begin + kHop + Duration::Millis(7));
  world.RunFor(Duration());
  CHECK(world.server().bodies == Numbers(2));
}

TEST_CASE("Network: a reset loses a suffix of what is under way and tells both ends", "[sim]") {
  std::vector<size_t> arrived;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    WorldOptions options = TestWorld::Options();
    options.seed = seed;
    Pair world(options);
    world.Send(2);
    world.RunFor(kHop);
    world.Send(4, 2);
    world.network().Reset(kServer, kClient);
    world.Send(1, 6);  // too late
    world.RunFor(Duration::Millis(1));
    const size_t count = world.server().bodies.size();
    REQUIRE((count >= 2 && count <= 6));
    CHECK(world.server().bodies == Numbers(static_cast<int>(count)));
    CHECK(world.server().closed.has_value());
    CHECK(world.client().closed.has_value());
    arrived.push_back(count);
  }
  for (size_t count = 2; count <= 6; ++count) CHECK(std::count(arrived.begin(), arrived.end(), count) > 0);
}

TEST_CASE("Network: a reset does not touch other pairs, nor later connections", "[sim]") {
  Pair world;
  world.AddNode("third");
  world.Start(NodeId(2), ServerProgram());
  world.Do(0, [&] { world.connection = world.shell(0).Call(NodeId(2)); });
  world.RunFor(Duration::Millis(1));
  world.network().Reset(kClient, kServer);
  world.RunFor(Duration::Millis(1));
  world.Send(3);
  world.RunFor(Duration::Millis(1));
  CHECK(world.shell(2).incoming.bodies == Numbers(3));
  world.shell(0).outgoing.closed.reset();
  world.Do(0, [&] { world.connection = world.shell(0).Call(kServer); });
  world.server().closed.reset();
  world.Send(3);
  world.RunFor(Duration::Millis(1));
  CHECK(world.server().bodies == Numbers(3));
}

TEST_CASE("Network: the peers of a dead process are told after the latency, behind what it had sent",
          "[sim]") {
  Pair world;
  world.Send(3);
  world.Crash(kClient, CrashMode::kReset);
  world.RunFor(kHop - Duration::Nanos(1));
  CHECK(!world.server().closed.has_value());
  world.RunFor(Duration::Nanos(1));
  CHECK(world.server().bodies == Numbers(3));
  CHECK(world.server().closed.has_value());
}

TEST_CASE("Network: the peers of a dead machine hear nothing, until it runs again and they say something",
          "[sim]") {
  Pair world;
  world.Crash(kServer, CrashMode::kSilent);
  world.Send(1);
  world.RunFor(Duration::Seconds(100));
  CHECK(!world.client().closed.has_value());
  // A connect meets silence, too.
  world.Do(0, [&] {
    world.env(0).transport.Connect(world.shell(0).actor, kServer, kPort, &world.shell(0).incoming);
  });
  world.RunFor(Duration::Seconds(3));
  REQUIRE(world.shell(0).incoming.closed.has_value());
  CHECK(world.shell(0).incoming.closed->message() == "connection timed out");
  world.Restart(kServer);
  world.RunFor(Duration::Seconds(100));
  CHECK(!world.client().closed.has_value());
  world.Send(1);
  world.RunFor(kHop * 2);
  REQUIRE(world.client().closed.has_value());
  CHECK(world.client().closed->message() == "connection reset");
  CHECK(world.server().bodies.empty());
  CHECK(world.Count(EventId::kMessageDropped) == 2);
}

TEST_CASE("Network: a dead machine loses what waited behind a cut, a dead process does not", "[sim]") {
  for (const CrashMode mode : {CrashMode::kSilent, CrashMode::kReset}) {
    Pair world;
    world.network().Cut(kClient, kServer);
    world.Send(3);
    world.RunFor(Duration::Millis(1));
    world.Crash(kClient, mode);
    world.network().Heal(kClient, kServer);
    world.RunFor(Duration::Millis(1));
    CHECK(world.server().bodies == Numbers(mode == CrashMode::kReset ? 3 : 0));
    CHECK(world.server().closed.has_value() == (mode == CrashMode::kReset));
  }
}

TEST_CASE("Network: a paused server's machine accepts, and the process when it is back", "[sim]") {
  TestWorld world(2);
  world.Pause(kServer);
  world.Do(0, [&] { world.env(0).transport.Send(world.shell(0).Call(kServer), {"x", ""}); });
  world.RunFor(Duration::Seconds(10));
  CHECK(!world.shell(0).outgoing.closed.has_value());
  CHECK(world.shell(1).incoming.bodies.empty());
  world.Resume(kServer);
  world.RunFor(Duration());
  CHECK(world.shell(1).incoming.bodies == Strings{"x"});
}

TEST_CASE("Network: a process may connect to itself", "[sim]") {
  TestWorld world(1);
  world.Do(0, [&] { world.env(0).transport.Send(world.shell(0).Call(kClient), {"me", ""}); });
  world.RunFor(Duration::Millis(1));
  CHECK(world.shell(0).incoming.bodies == Strings{"me"});
  world.Do(0, [&] { world.env(0).transport.Send(world.shell(0).incoming.last, {"and me", ""}); });
  world.RunFor(Duration::Millis(1));
  CHECK(world.shell(0).outgoing.bodies == Strings{"and me"});
  world.Crash(kClient, CrashMode::kReset);
  world.Restart(kClient);
  world.RunFor(Duration::Millis(1));
  CHECK(world.shell(0).outgoing.bodies.empty());
}

TEST_CASE("Network: messages to a removed actor are dropped, its listener is gone", "[sim]") {
  Pair world;
  world.Send(2);
  world.RunFor(kHop);
  world.Do(1, [&] { world.env(1).executor.Charge(Duration::Millis(5)); });
  world.Send(3, 2);
  world.RunFor(Duration::Millis(1));  // arrived, waiting for the busy actor
  world.env(1).executor.RemoveActor(world.shell(1).actor);
  world.Send(1, 5);
  world.RunFor(Duration::Millis(10));
  CHECK(world.server().bodies == Numbers(2));
  CHECK(world.Count(EventId::kMessageDropped) == 4);
  world.Do(0, [&] {
    world.env(0).transport.Connect(world.shell(0).actor, kServer, kPort, &world.shell(0).incoming);
  });
  world.RunFor(Duration::Millis(1));
  CHECK(world.shell(0).incoming.closed.has_value());
}

}  // namespace
}  // namespace weir::sim
