// The same seed gives the same digest, whatever the program did before it and whatever else is watched.
#include <map>
#include <vector>

#include "tests/sim/sim_fixture.h"

namespace weir::sim {
namespace {

constexpr uint32_t kNodes = 4;

// Gossips: on a timer it works for a while, writes its log, and sends a rumour to another node over a connection that it
// opens again whenever it is lost. What it hears goes into what it says.
class Gossip : public Process, public Actor, public ConnectionHandler {
 public:
  explicit Gossip(Env& env) : env_(env), actor_(env.executor.AddActor(this)) {
    env_.transport.Listen(actor_, kPort, [this](ConnectionId, NodeId) { return this; });
    const absl::StatusOr<std::string> log = env_.disk.Read("log");
    state_ = Mix(env_.transport.node().value, log.ok() ? StableHash64(*log) : 0);
    Tick();
  }
  std::string Describe() const override { return "gossip"; }

 private:
  void OnMessage(ConnectionId connection, Message message) override {
    state_ = Mix(state_, StableHash64(message.body));
    if (message.body.size() % 3 == 0)
      env_.transport.Send(connection, {"so" + std::to_string(state_ % 100), ""});
    env_.executor.Post(actor_,
                       [this] { env_.executor.Charge(Duration::Micros(static_cast<int64_t>(state_ % 90))); });
  }
  void OnClosed(ConnectionId connection, const absl::Status& reason) override {
    state_ = Mix(state_, StableHash64(reason.message()));
    for (auto it = peers_.begin(); it != peers_.end(); ++it) {
      if (it->second == connection) return (void)peers_.erase(it);
    }
  }
  void Tick() {
    const uint64_t draw =
        env_.random.Draw(DrawSite::kUser, Mix(env_.transport.node().value, ticks_), 0, 1'000'000);
    ++ticks_;
    env_.executor.Charge(Duration::Micros(static_cast<int64_t>(draw % 300)));
    const NodeId peer(
        static_cast<uint32_t>((env_.transport.node().value + 1 + draw % (kNodes - 1)) % kNodes));
    if (peers_.count(peer) == 0) peers_[peer] = env_.transport.Connect(actor_, peer, kPort, this);
    env_.transport.Send(peers_[peer], {std::string(draw % 50, 'r') + std::to_string(state_), "lane"});
    if (env_.disk.Append("log", std::to_string(state_)).ok() && draw % 4 == 0) {
      env_.disk.Sync("log").IgnoreError();
      env_.disk.SyncNames().IgnoreError();
    }
    env_.executor.After(actor_, Duration::Micros(200 + static_cast<int64_t>(draw % 1000)),
                        [this] { Tick(); });
  }

  Env& env_;
  const ActorId actor_;
  uint64_t state_ = 0;
  uint64_t ticks_ = 0;
  std::map<NodeId, ConnectionId> peers_;
};

// Faults at drawn instants.
void Trouble(World& world, uint64_t seed) {
  const Random random(seed);
  for (uint64_t i = 0; i < 12; ++i) {
    const NodeId a(static_cast<uint32_t>(random.Draw(DrawSite::kPlan, i, 0, kNodes)));
    const NodeId b(static_cast<uint32_t>(random.Draw(DrawSite::kPlan, i, 1, kNodes)));
    const uint64_t what = random.Draw(DrawSite::kPlan, i, 2, 6);
    const auto at =
        Instant() + Duration::Micros(static_cast<int64_t>(random.Draw(DrawSite::kPlan, i, 3, 40'000)));
    const Instant end = at + Duration::Millis(3);
    world.At(at, [&world, a, b, what] {
      if (what == 0) world.Crash(a, CrashMode::kSilent);
      if (what == 1) world.Crash(a, CrashMode::kReset);
      if (what == 2) world.Pause(a);
      if (what == 3) world.network().Cut(a, b);
      if (what == 4) world.network().Reset(a, b);
      if (what == 5) world.network().Delay(a, b, Duration::Millis(1));
    });
    world.At(end, [&world, a, b] {
      if (!world.IsAlive(a)) world.Restart(a);
      world.Resume(a);
      world.network().Heal(a, b);
      world.network().Delay(a, b, Duration());
    });
  }
}

std::unique_ptr<World> RunOnce(uint64_t seed, bool keep = false) {
  WorldOptions options;
  options.seed = seed;
  options.keep_trace = keep;
  options.schedule = {seed % 2 == 0 ? ScheduleStrategy::kFifo : ScheduleStrategy::kRandom,
                      Duration::Micros(30)};
  options.clock_skew_max = Duration::Seconds(1);
  auto world = std::make_unique<World>(options);
  for (uint32_t i = 0; i < kNodes; ++i) world->AddNode("gossip " + std::to_string(i));
  for (uint32_t i = 0; i < kNodes; ++i) {
    world->Start(NodeId(i), [](Env& env) { return std::make_unique<Gossip>(env); });
  }
  Trouble(*world, seed);
  const absl::Status end = world->RunUntil([] { return false; }, Instant() + Duration::Millis(50));
  REQUIRE(absl::IsDeadlineExceeded(end));
  REQUIRE(!world->failure().has_value());
  return world;
}

Hash128 DigestOf(uint64_t seed) { return RunOnce(seed)->digest().Value(); }

TEST_CASE("Hygiene: equal seeds give equal digests forward, backward, alone and interleaved", "[sim]") {
  constexpr uint64_t kSeeds = 60;
  std::vector<Hash128> forward;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) forward.push_back(DigestOf(seed));
  for (uint64_t seed = kSeeds; seed-- > 0;) CHECK(DigestOf(seed) == forward[seed]);
  for (uint64_t seed = 1; seed < kSeeds; ++seed) CHECK(forward[seed] != forward[seed - 1]);
  // Several worlds alive at a time, moved in turns.
  std::vector<std::unique_ptr<World>> worlds;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    WorldOptions options;
    options.seed = 77;
    worlds.push_back(std::make_unique<World>(options));
    for (uint32_t i = 0; i < kNodes; ++i) worlds.back()->AddNode("gossip");
    for (uint32_t i = 0; i < kNodes; ++i) {
      worlds.back()->Start(NodeId(i), [](Env& env) { return std::make_unique<Gossip>(env); });
    }
  }
  for (int step = 0; step < 3000; ++step) {
    for (const auto& world : worlds) world->Step();
  }
  for (const auto& world : worlds) CHECK(world->digest().Value() == worlds[0]->digest().Value());
}

TEST_CASE("Hygiene: a seed alone equals itself after many others", "[sim]") {
  const Hash128 alone = DigestOf(4242);
  for (uint64_t seed = 0; seed < 500; ++seed) (void)DigestOf(10'000 + seed);
  CHECK(DigestOf(4242) == alone);
}

TEST_CASE("Hygiene: keeping the trace or watching it changes nothing, and two runs do not diverge", "[sim]") {
  class Watcher : public Observer {
   public:
    bool Watches(EventId) const override { return true; }
    absl::Status OnEvent(NodeId, const Event&) override { return ++seen_, absl::OkStatus(); }
    uint64_t seen_ = 0;
  };
  for (const uint64_t seed : {1u, 2u, 3u}) {
    const auto kept = RunOnce(seed, true);
    const auto again = RunOnce(seed, true);
    CHECK(kept->digest().Value() == DigestOf(seed));
    CHECK(!FindDivergence(kept->digest(), again->digest()).has_value());
    CHECK(kept->digest().Decode().size() == kept->digest().count());
    const auto other = RunOnce(seed + 2, true);
    const std::optional<Divergence> divergence = FindDivergence(kept->digest(), other->digest());
    REQUIRE(divergence.has_value());
    CHECK(divergence->index < kept->digest().count());
  }
}

TEST_CASE("Hygiene: the toy does meet what it is there for", "[sim]") {
  std::map<EventId, uint64_t> seen;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto world = RunOnce(seed, true);
    for (const TraceRecord& record : world->digest().Decode()) ++seen[record.event.id];
  }
  for (const EventId id :
       {EventId::kProcessCrashed, EventId::kProcessPaused, EventId::kProcessResumed, EventId::kMessageDropped,
        EventId::kConnectionClosed, EventId::kLinkChanged, EventId::kDiskTorn, EventId::kMessageDelivered}) {
    CAPTURE(Info(id).name);
    CHECK(seen[id] > 10);
  }
}

}  // namespace
}  // namespace weir::sim
