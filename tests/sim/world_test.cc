#include <vector>

#include "runtime/base/check.h"
#include "tests/sim/sim_fixture.h"

namespace weir::sim {
namespace {

using Strings = std::vector<std::string>;

// An observer made of a function.
class Watcher : public Observer {
 public:
  using OnEach = std::function<absl::Status(NodeId, const Event&)>;
  explicit Watcher(OnEach on_each) : on_each_(std::move(on_each)) {}
  absl::Status OnEvent(NodeId node, const Event& event) override { return on_each_(node, event); }

 private:
  OnEach on_each_;
};

TEST_CASE("World: processes start, talk and are described", "[sim]") {
  TestWorld world(2);
  CHECK(world.IsAlive(NodeId(0)));
  CHECK(world.Incarnation(NodeId(0)) == 1);
  ConnectionId connection;
  world.Do(0, [&] {
    connection = world.shell(0).Call(NodeId(1));
    world.env(0).transport.Send(connection, {"hello", "lane"});
  });
  world.RunFor(Duration::Micros(301));
  REQUIRE(world.shell(1).incoming.bodies == Strings{"hello"});
  world.Do(1, [&] { world.env(1).transport.Send(world.shell(1).incoming.last, {"you too", ""}); });
  world.RunFor(Duration::Micros(101));
  CHECK(world.shell(0).outgoing.bodies == Strings{"you too"});
  CHECK(world.Waits().size() == 2);
  CHECK(world.LastFailures().empty());
  world.shell(1).last_failure = "an order failed";
  CHECK(world.LastFailures() == Strings{"an order failed"});
  CHECK(world.Describe().find("n1: incarnation 1") != std::string::npos);
  CHECK(world.Describe().find("actor 1: shell") != std::string::npos);
  CHECK(world.Count(EventId::kConnectionOpened) == 1);
  CHECK(world.Count(EventId::kMessageSent) == 2);
  CHECK(world.Count(EventId::kMessageDelivered) == 2);
}

TEST_CASE("World: a run ends when done, at the deadline, with nothing left, or with its budget", "[sim]") {
  WorldOptions options = TestWorld::Options();
  options.event_budget = 100;
  TestWorld world(1, options);
  CHECK(world.RunUntil([] { return true; }, Instant()).ok());
  CHECK(absl::IsFailedPrecondition(world.RunUntil([] { return false; }, Instant::Max())));
  world.env(0).executor.After(world.shell(0).actor, Duration::Millis(5), [] {});
  const Instant deadline = Instant() + Duration::Millis(2);
  CHECK(absl::IsDeadlineExceeded(world.RunUntil([] { return false; }, deadline)));
  CHECK(world.now() == deadline);
  CHECK(world.events() == 0);
  std::function<void()> again = [&] {
    world.env(0).executor.Post(world.shell(0).actor, [&again] { again(); });
  };
  again();
  CHECK(absl::IsResourceExhausted(world.RunUntil([] { return false; }, Instant::Max())));
  CHECK(world.events() == 100);
}

TEST_CASE("World: tasks of the harness run at their instants, in order, outside of processes", "[sim]") {
  TestWorld world(1);
  Strings ran;
  world.At(Instant() + Duration::Millis(2), [&] { ran.push_back("second"); });
  world.At(Instant() + Duration::Millis(1), [&] {
    ran.push_back("first");
    world.At(Instant(), [&] { ran.push_back("late, so now"); });
  });
  CHECK(world.Step());
  CHECK(world.now() == Instant() + Duration::Millis(1));
  CHECK(world.Step());
  CHECK(world.Step());
  CHECK(!world.Step());
  CHECK(ran == Strings{"first", "late, so now", "second"});
}

TEST_CASE("Executor: a charge delays later effects and the actor's next event, and nobody else", "[sim]") {
  TestWorld world(2);
  Env& env = world.env(0);
  Shell& shell = world.shell(0);
  class Other : public Actor {
   public:
    std::string Describe() const override { return "other"; }
  } other_actor;
  const ActorId other = env.executor.AddActor(&other_actor);
  ConnectionId connection;
  world.Do(0, [&] { connection = shell.Call(NodeId(1)); });
  world.RunFor(Duration::Millis(1));
  const Instant begin = world.now();
  std::vector<std::pair<std::string, Duration>> ran;
  const auto note = [&](const char* what) { ran.emplace_back(what, env.clock.Now() - begin); };
  env.executor.Post(shell.actor, [&] {
    env.executor.Charge(Duration::Millis(3));
    env.transport.Send(connection, {"late", ""});
    env.executor.Charge(Duration::Millis(4));
    note("handler");
  });
  env.executor.Post(shell.actor, [&] { note("next"); });
  env.executor.Post(other, [&] { note("other"); });
  env.executor.After(shell.actor, Duration::Millis(5), [&] { note("timer"); });
  Instant arrival;
  world.RunUntil([&] { return !world.shell(1).incoming.bodies.empty(); }, begin + Duration::Seconds(1))
      .IgnoreError();
  arrival = world.now();
  world.RunFor(Duration::Millis(10));
  CHECK(arrival - begin == Duration::Millis(3) + Duration::Micros(100));
  const std::vector<std::pair<std::string, Duration>> expected = {{"handler", Duration::Millis(7)},
                                                                  {"other", Duration()},
                                                                  {"next", Duration::Millis(7)},
                                                                  {"timer", Duration::Millis(7)}};
  CHECK(ran == expected);
}

TEST_CASE("Executor: whoever waits for a busy actor is served in the order of coming", "[sim]") {
  TestWorld world(1);
  Env& env = world.env(0);
  std::vector<int> ran;
  for (int i = 0; i < 50; ++i) {
    env.executor.After(world.shell(0).actor, Duration::Micros(10 * i), [&ran, &env, i] {
      ran.push_back(i);
      env.executor.Charge(Duration::Micros(i % 7 * 25));
    });
  }
  world.RunFor(Duration::Millis(100));
  REQUIRE(ran.size() == 50);
  for (int i = 0; i < 50; ++i) CHECK(ran[static_cast<size_t>(i)] == i);
}

TEST_CASE("World: a paused process runs nothing, and everything afterwards in order", "[sim]") {
  TestWorld world(2);
  ConnectionId connection;
  world.Do(0, [&] { connection = world.shell(0).Call(NodeId(1)); });
  world.RunFor(Duration::Millis(1));
  world.Pause(NodeId(1));
  CHECK(world.IsPaused(NodeId(1)));
  Strings ran;
  world.env(1).executor.After(world.shell(1).actor, Duration::Millis(1), [&] { ran.push_back("timer"); });
  world.env(1).executor.Post(world.shell(1).actor, [&] { ran.push_back("post"); });
  world.Do(0, [&] {
    for (int i = 0; i < 10; ++i) world.env(0).transport.Send(connection, {std::to_string(i), ""});
  });
  world.RunFor(Duration::Millis(5));
  CHECK(ran.empty());
  CHECK(world.shell(1).incoming.bodies.empty());
  CHECK(!world.shell(0).outgoing.closed.has_value());
  world.Resume(NodeId(1));
  world.RunFor(Duration());
  CHECK(ran == Strings{"post", "timer"});
  CHECK(world.shell(1).incoming.bodies == Strings{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"});
  CHECK(world.Count(EventId::kProcessPaused) == 1);
  CHECK(world.Count(EventId::kProcessResumed) == 1);
}

TEST_CASE("World: wall clocks have a skew below the bound, and jump, and the monotonic clock does not",
          "[sim]") {
  WorldOptions options = TestWorld::Options();
  options.clock_skew_max = Duration::Seconds(10);
  TestWorld world(8, options);
  int64_t least = 10'000;
  int64_t most = 0;
  for (uint32_t i = 0; i < 8; ++i) {
    const int64_t skew = world.env(i).clock.WallNow().millis - options.wall_start.millis;
    CHECK((skew >= 0 && skew < 10'000));
    least = std::min(least, skew);
    most = std::max(most, skew);
  }
  CHECK(least != most);
  const WallTime before = world.env(0).clock.WallNow();
  world.JumpWallClock(NodeId(0), Duration::Seconds(-3));
  CHECK(world.env(0).clock.WallNow().millis == before.millis - 3000);
  CHECK(world.env(0).clock.Now() == world.now());
}

TEST_CASE("World: observers see events in order, and the first status that is not OK answers", "[sim]") {
  TestWorld world(1);
  Strings seen;
  Watcher first([&](NodeId node, const Event& event) {
    if (event.id != EventId::kCheckpointTriggered) return absl::OkStatus();
    seen.push_back("first " + std::to_string(node.value));
    return absl::OkStatus();
  });
  Watcher second([&](NodeId, const Event& event) {
    if (event.id != EventId::kCheckpointTriggered) return absl::OkStatus();
    seen.push_back("second");
    return absl::DataLossError("from the second");
  });
  Watcher third([&](NodeId, const Event& event) {
    if (event.id == EventId::kCheckpointTriggered) seen.push_back("third");
    return absl::UnavailableError("from the third");
  });
  world.AddObserver(&first);
  world.AddObserver(&second);
  world.AddObserver(&third);
  world.Do(0, [&] {
    CHECK(absl::IsDataLoss(world.env(0).tracer.Reach(events::CheckpointTriggered(1, 1))));
    world.env(0).tracer.Note(events::CheckpointTriggered(2, 1));
  });
  CHECK(seen == Strings{"first 0", "second", "third", "first 0", "second", "third"});
}

TEST_CASE("World: a choice is the first observer's that makes one, else 0", "[sim]") {
  class Chooser : public Observer {
   public:
    absl::Status OnEvent(NodeId, const Event&) override { return absl::OkStatus(); }
    std::optional<uint32_t> OnChoose(NodeId, const Event& event, uint32_t count) override {
      if (event.id != EventId::kCheckpointTriggered) return std::nullopt;
      return count - 1;
    }
  } chooser;
  TestWorld world(1);
  world.AddObserver(&chooser);
  CHECK(world.env(0).tracer.Choose(events::CheckpointTriggered(1, 1), 5) == 4);
  CHECK(world.env(0).tracer.Choose(events::CheckpointCompleted(1, 1), 5) == 0);
  // A choice is an event, with what was chosen; nobody's choice is none.
  class Orders : public Observer {
   public:
    absl::Status OnEvent(NodeId, const Event& event) override {
      if (event.id == EventId::kBroadcastOrderChosen) seen.push_back(ToString(event));
      return absl::OkStatus();
    }
    std::optional<uint32_t> OnChoose(NodeId, const Event& event, uint32_t) override {
      if (event.id != EventId::kBroadcastOrderChosen || Field(event, "vertex") != 3) return std::nullopt;
      return 2;
    }
    Strings seen;
  } orders;
  world.AddObserver(&orders);
  CHECK(world.env(0).tracer.Choose(events::BroadcastOrderChosen(3, 0, 1, 0), 3) == 2);
  CHECK(world.env(0).tracer.Choose(events::BroadcastOrderChosen(4, 0, 1, 0), 3) == 0);
  CHECK(orders.seen == Strings{"broadcast.order-chosen vertex=3 subtask=0 attempt=1 choice=2"});
}

TEST_CASE("World: observers are asked what they watch, and dispatches are watched only on demand", "[sim]") {
  class Counter : public Observer {
   public:
    explicit Counter(bool all) : all_(all) {}
    bool Watches(EventId id) const override { return all_ || Observer::Watches(id); }
    absl::Status OnEvent(NodeId, const Event& event) override {
      dispatches += event.id == EventId::kEventDispatched;
      return absl::OkStatus();
    }
    int dispatches = 0;

   private:
    const bool all_;
  };
  TestWorld world(1);
  Counter plain(false);
  Counter all(true);
  world.AddObserver(&plain);
  world.AddObserver(&all);
  world.Do(0, [] {});
  CHECK(plain.dispatches == 0);
  CHECK(all.dispatches > 0);
}

TEST_CASE("World: a failed check ends the run, not the program", "[sim]") {
  TestWorld world(2);
  bool ran_later = false;
  world.env(1).executor.After(world.shell(1).actor, Duration::Millis(1), [&] { ran_later = true; });
  world.env(0).executor.Post(world.shell(0).actor, [] { WEIR_CHECK(1 + 1 == 3, "arithmetic"); });
  const absl::Status end = world.RunUntil([] { return false; }, Instant::Max());
  CHECK(absl::IsAborted(end));
  REQUIRE(world.failure().has_value());
  CHECK(world.failure()->find("1 + 1 == 3: arithmetic") != std::string::npos);
  CHECK(!world.Step());
  CHECK(!ran_later);
  // Outside of the run the hook of the host is back.
  const CheckHook during = SetCheckHook(nullptr);
  SetCheckHook(during);
  TestWorld other(1);
  other.Do(0, [&] { CHECK(SetCheckHook(during) != during); });
}

TEST_CASE("World: a check that fails where a process starts ends the run", "[sim]") {
  World world((WorldOptions()));
  const NodeId node = world.AddNode("bad");
  world.Start(node, [](Env&) -> std::unique_ptr<Process> {
    WEIR_CHECK(false, "cannot start");
    return nullptr;
  });
  CHECK(world.failure().has_value());
  CHECK(!world.Step());
}

TEST_CASE("Services: without a factory every call answers kUnimplemented, by an event", "[sim]") {
  TestWorld world(1);
  std::vector<absl::Status> answers;
  world.Do(0, [&] {
    const ActorId actor = world.shell(0).actor;
    Env& env = world.env(0);
    env.store.Get(actor, "key", [&](absl::StatusOr<Blob> got) { answers.push_back(got.status()); });
    env.registry.Read(actor, "key", [&](absl::StatusOr<Versioned> got) { answers.push_back(got.status()); });
    env.log.Commit(actor, "name", [&](absl::Status status) { answers.push_back(status); });
    CHECK(answers.empty());
  });
  world.RunFor(Duration());
  REQUIRE(answers.size() == 3);
  for (const absl::Status& answer : answers) CHECK(absl::IsUnimplemented(answer));
}

}  // namespace
}  // namespace weir::sim
