#include <vector>

#include "tests/env/worlds.h"

namespace weir::contract {
namespace {

class Bystander : public Actor {
 public:
  std::string Describe() const override { return "bystander"; }
};

TEMPLATE_TEST_CASE("Clock: a timer is not early, and no clock goes back", "[env]", WEIR_WORLDS) {
  TestType world;
  Env& env = world.env(0);
  Instant begin;
  Instant fired;
  WallTime wall_begin;
  WallTime wall_fired;
  bool has_fired = false;
  world.Do(0, [&] {
    begin = env.clock.Now();
    wall_begin = env.clock.WallNow();
    env.executor.After(world.actor(0), Duration::Millis(20), [&] {
      fired = env.clock.Now();
      wall_fired = env.clock.WallNow();
      has_fired = true;
    });
  });
  REQUIRE(world.RunUntil([&] { return has_fired; }));
  CHECK(fired - begin >= Duration::Millis(20));
  CHECK(wall_fired.millis - wall_begin.millis >= 19);
  CHECK(wall_begin.millis > 1'500'000'000'000);  // milliseconds since 1970, not since the start
}

TEMPLATE_TEST_CASE("Executor: posts of an actor run in order, never inside the call", "[env]", WEIR_WORLDS) {
  TestType world;
  Env& env = world.env(0);
  std::vector<int> ran;
  world.Do(0, [&] {
    for (int i = 0; i < 100; ++i) env.executor.Post(world.actor(0), [&ran, i] { ran.push_back(i); });
    CHECK(ran.empty());
  });
  REQUIRE(world.RunUntil([&] { return ran.size() == 100; }));
  for (int i = 0; i < 100; ++i) CHECK(ran[static_cast<size_t>(i)] == i);
}

TEMPLATE_TEST_CASE("Executor: timers run in the order in which they are due", "[env]", WEIR_WORLDS) {
  TestType world;
  Env& env = world.env(0);
  std::vector<int> ran;
  world.Do(0, [&] {
    for (const int millis : {30, 10, 20}) {
      const TimerId timer = env.executor.After(world.actor(0), Duration::Millis(millis),
                                               [&ran, millis] { ran.push_back(millis); });
      CHECK(timer != TimerId());
    }
  });
  REQUIRE(world.RunUntil([&] { return ran.size() == 3; }));
  CHECK(ran == std::vector<int>{10, 20, 30});
}

TEMPLATE_TEST_CASE("Executor: a cancelled timer does not run, and cancelling is harmless", "[env]",
                   WEIR_WORLDS) {
  TestType world;
  Env& env = world.env(0);
  int ran = 0;
  TimerId kept;
  world.Do(0, [&] {
    const TimerId cancelled = env.executor.After(world.actor(0), Duration::Millis(5), [&] { ran += 100; });
    kept = env.executor.After(world.actor(0), Duration::Millis(10), [&] { ran += 1; });
    env.executor.Cancel(cancelled);
    env.executor.Cancel(cancelled);
    env.executor.Cancel(TimerId());
  });
  REQUIRE(world.RunUntil([&] { return ran > 0; }));
  world.Do(0, [&] { env.executor.Cancel(kept); });  // it has fired already
  world.RunFor(Duration::Millis(10));
  CHECK(ran == 1);
}

TEMPLATE_TEST_CASE("Executor: a removed actor's tasks and timers are dropped", "[env]", WEIR_WORLDS) {
  TestType world;
  Env& env = world.env(0);
  const Bystander bystander;
  int ran = 0;
  world.Do(0, [&] {
    const ActorId gone = env.executor.AddActor(&bystander);
    CHECK(gone != world.actor(0));
    env.executor.Post(gone, [&] { ++ran; });
    env.executor.After(gone, Duration::Millis(1), [&] { ++ran; });
    env.executor.RemoveActor(gone);
    env.executor.Post(gone, [&] { ++ran; });
    CHECK(env.executor.AddActor(&bystander) != gone);
  });
  world.RunFor(Duration::Millis(10));
  CHECK(ran == 0);
}

TEMPLATE_TEST_CASE("Executor: a charge never makes time go back", "[env]", WEIR_WORLDS) {
  TestType world;
  Env& env = world.env(0);
  std::vector<Instant> seen;
  world.Do(0, [&] {
    seen.push_back(env.clock.Now());
    env.executor.Charge(Duration::Millis(3));
    seen.push_back(env.clock.Now());
    env.executor.Post(world.actor(0), [&] { seen.push_back(env.clock.Now()); });
  });
  REQUIRE(world.RunUntil([&] { return seen.size() == 3; }));
  CHECK(seen[0] <= seen[1]);
  CHECK(seen[1] <= seen[2]);
}

TEMPLATE_TEST_CASE("Executor: nothing runs after the handler in which a process exits", "[env]",
                   WEIR_WORLDS) {
  TestType world;
  Env& env = world.env(1);
  int ran = 0;
  bool exited = false;
  env.executor.Post(world.actor(1), [&] {
    env.executor.Post(world.actor(1), [&] { ++ran; });
    env.executor.Exit(absl::AbortedError("told to"));
    exited = true;  // the handler runs out
  });
  REQUIRE(world.RunUntil([&] { return exited; }));
  world.RunFor(Duration::Millis(10));
  CHECK(ran == 0);
}

TEMPLATE_TEST_CASE("Tracer: an undisturbed world lets everything go on", "[env]", WEIR_WORLDS) {
  TestType world;
  world.Do(0, [&] {
    Tracer& tracer = world.env(0).tracer;
    CHECK(tracer.Reach(events::CheckpointCompleted(1, 1)).ok());
    tracer.Note(events::CheckpointAborted(1, 1));
    CHECK(tracer.Choose(events::CheckpointCompleted(1, 1), 1) == 0);
    CHECK(tracer.Choose(events::CheckpointCompleted(1, 1), 7) == 0);
  });
}

TEMPLATE_TEST_CASE("Random: a draw depends on its names alone", "[env]", WEIR_WORLDS) {
  TestType world;
  const Random& random = world.env(0).random;
  CHECK(random.Draw(DrawSite::kUser, 1, 1, 1'000'000) == random.Draw(DrawSite::kUser, 1, 1, 1'000'000));
  int differing = 0;
  for (uint64_t i = 0; i < 100; ++i) {
    const uint64_t draw = random.Draw(DrawSite::kUser, 1, i, 1'000'000);
    CHECK(draw < 1'000'000);
    differing += draw != random.Draw(DrawSite::kUser, 2, i, 1'000'000);
  }
  CHECK(differing > 90);
  CHECK(random.Draw(DrawSite::kUser, 1, 1, 0) == 0);
}

}  // namespace
}  // namespace weir::contract
