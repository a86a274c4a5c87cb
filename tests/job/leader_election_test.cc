#include "runtime/job/leader_election.h"

#include <catch2/catch.hpp>

#include "tests/checkpoint/fake_env.h"

namespace weir {
namespace {

class NodeTransport : public NoTransport {
 public:
  explicit NodeTransport(uint32_t node) : node_(node) {}
  NodeId node() const override { return NodeId(node_); }

 private:
  uint32_t node_;
};

// One job manager's part in the election, on the shared register of `world`.
struct Candidate : LeaderElection::Listener {
  Candidate(FakeEnv& world, uint32_t node)
      : transport(node),
        actor(world.executor.AddActor(nullptr)),
        env{world.clock,    world.executor, transport,    world.store, world.disk,
            world.registry, world.log,      world.random, world.tracer},
        election({"job", Duration::Millis(20), Duration::Millis(100), Duration::Millis(10)}, env, actor,
                 *this) {
    election.Start();
  }
  void OnElected(uint64_t epoch) override { elected.push_back(epoch); }
  void OnDeposed(const absl::Status&) override { ++deposed; }

  NodeTransport transport;
  ActorId actor;
  Env env;
  LeaderElection election;
  std::vector<uint64_t> elected;
  int deposed = 0;
};

using Epochs = std::vector<uint64_t>;

TEST_CASE("election: of two candidates one leads, for as long as it renews") {
  FakeEnv world;
  Candidate a(world, 1);
  Candidate b(world, 2);
  world.executor.RunFor(Duration::Seconds(2));
  CHECK(a.elected.size() + b.elected.size() == 1);
  CHECK(a.deposed + b.deposed == 0);
}

TEST_CASE("election: the other one takes over when the leader falls silent, with the next epoch") {
  FakeEnv world;
  Candidate a(world, 1);
  world.executor.RunFor(Duration::Millis(50));
  Candidate b(world, 2);
  world.executor.RunFor(Duration::Millis(300));
  CHECK(b.elected.empty());
  world.executor.RemoveActor(a.actor);  // it dies
  world.executor.RunFor(Duration::Millis(90));
  CHECK(b.elected.empty());
  world.executor.RunFor(Duration::Millis(60));
  CHECK(b.elected == Epochs{2});
}

TEST_CASE("election: a restarted job manager takes over from its former self at once") {
  FakeEnv world;
  Candidate first(world, 1);
  world.executor.RunFor(Duration::Millis(50));
  world.executor.RemoveActor(first.actor);
  Candidate second(world, 1);
  world.executor.RunFor(Duration::Millis(5));
  CHECK(second.elected == Epochs{2});
}

TEST_CASE("election: lost answers of the register make no second leader and depose nobody") {
  FakeEnv world;
  world.registry.fates.script = {Fate::kRefused, Fate::kAnswered, Fate::kResponseLost, Fate::kRefused};
  Candidate a(world, 1);
  world.executor.RunFor(Duration::Millis(80));
  CHECK(a.elected == Epochs{1});
  world.registry.fates.script = {Fate::kResponseLost, Fate::kAnswered, Fate::kLate, Fate::kRefused,
                                 Fate::kAnswered};
  world.executor.RunFor(Duration::Seconds(1));
  CHECK(a.elected == Epochs{1});
  CHECK(a.deposed == 0);
}

TEST_CASE("election: a leader that cannot renew for a lease deposes itself, and may lead again") {
  FakeEnv world;
  Candidate a(world, 1);
  world.executor.RunFor(Duration::Millis(50));
  world.registry.fates.script.assign(30, Fate::kRefused);
  world.executor.RunFor(Duration::Millis(120));
  CHECK(a.deposed == 1);
  CHECK_FALSE(a.election.is_leading());
  world.registry.fates.script.clear();
  world.executor.RunFor(Duration::Millis(300));
  CHECK(a.elected == Epochs{1, 2});
}

TEST_CASE("election: a leader that was replaced while it slept finds out") {
  FakeEnv world;
  Candidate a(world, 1);
  world.executor.RunFor(Duration::Millis(50));
  Versioned& value = world.registry.values[LeaderKey("job")];
  value = {value.version + 1, LeaderRecord{2, NodeId(9), 0}.Encode()};
  world.executor.RunFor(Duration::Millis(40));
  CHECK(a.deposed == 1);
  CHECK(a.elected == Epochs{1});
}

TEST_CASE("election: a claim that is overtaken is given up") {
  FakeEnv world;
  world.registry.values[LeaderKey("job")] = {5, LeaderRecord{3, NodeId(2), 0}.Encode()};
  Candidate a(world, 1);
  // The claim is lost on its way, and meanwhile the leader gives a sign of life.
  world.executor.RunFor(Duration::Millis(99));
  world.registry.fates.script = {Fate::kAnswered, Fate::kRefused};
  world.executor.RunFor(Duration::Millis(15));
  world.registry.values[LeaderKey("job")] = {6, LeaderRecord{3, NodeId(2), 1}.Encode()};
  world.executor.RunFor(Duration::Millis(60));
  CHECK(a.elected.empty());
  world.executor.RunFor(Duration::Millis(150));
  CHECK(a.elected == Epochs{4});
}

}  // namespace
}  // namespace weir
