#include <vector>

#include "tests/sim/sim_fixture.h"

namespace weir::sim {
namespace {

using Strings = std::vector<std::string>;

// Crashes a node at the n-th event (from 1) that this node emits.
class Assassin : public Observer {
 public:
  Assassin(World& world, NodeId victim, uint64_t at, CrashMode mode)
      : world_(world), victim_(victim), at_(at), mode_(mode) {}
  absl::Status OnEvent(NodeId node, const Event& event) override {
    if (node != victim_) return absl::OkStatus();
    if (world_.IsAlive(victim_)) {
      if (++seen_ == at_) {
        world_.Crash(victim_, mode_);
      } else {
        sent += event.id == EventId::kMessageSent;
      }
    } else {
      ++posthumous;
    }
    return absl::OkStatus();
  }
  bool struck() const { return seen_ >= at_; }

  size_t sent = 0;  // messages before the strike
  int posthumous = 0;

 private:
  World& world_;
  const NodeId victim_;
  const uint64_t at_;
  const CrashMode mode_;
  uint64_t seen_ = 0;
};

// One handler that does everything that has an effect, and remembers how it was answered.
struct Deed {
  std::vector<absl::Status> answers;
  int ran_after = 0;
};

void DoEverything(Shell& shell, ConnectionId connection, Deed& deed) {
  Env& env = shell.env;
  const auto say = [&](const absl::Status& status) { deed.answers.push_back(status); };
  env.transport.Send(connection, {"one", ""});
  say(env.disk.Append("file", "first"));
  say(env.disk.Sync("file"));
  say(env.disk.SyncNames());
  say(env.tracer.Reach(events::CheckpointTriggered(1, 1)));
  env.executor.Charge(Duration::Millis(1));
  env.transport.Send(connection, {"two", ""});
  say(env.disk.Append("file", "second"));
  say(env.disk.Rename("file", "renamed"));
  say(env.disk.Read("renamed").status());
  env.tracer.Note(events::CheckpointAborted(1, 1));
  env.executor.Post(shell.actor, [&deed] { ++deed.ran_after; });
  env.executor.After(shell.actor, Duration::Millis(1), [&deed] { ++deed.ran_after; });
  env.transport.Send(connection, {"three", ""});
  say(env.disk.List("").status());
}

TEST_CASE("Crash: fences at every event of a handler, what was before has happened, what is after never does",
          "[sim]") {
  uint64_t strikes = 0;
  for (uint64_t at = 1; at < 30; ++at) {
    CAPTURE(at);
    TestWorld world(2);
    ConnectionId connection;
    world.Do(0, [&] { connection = world.shell(0).Call(NodeId(1)); });
    world.RunFor(Duration::Millis(1));
    Assassin assassin(world, NodeId(0), at, CrashMode::kReset);
    world.AddObserver(&assassin);
    Deed deed;
    world.env(0).executor.Post(world.shell(0).actor, [&] { DoEverything(world.shell(0), connection, deed); });
    // The handler runs out, although its process is dead: so Do, which asks for the process, is not used.
    world.RunFor(Duration::Millis(20));
    CHECK(assassin.posthumous == 0);
    REQUIRE(deed.answers.size() == 8);
    // Once one call is answered kAborted, all later ones are.
    size_t living = 0;
    while (living < 8 && !absl::IsAborted(deed.answers[living])) ++living;
    for (size_t i = living; i < 8; ++i) CHECK(absl::IsAborted(deed.answers[i]));
    const Strings& arrived = world.shell(1).incoming.bodies;
    if (!assassin.struck()) {
      CHECK(deed.ran_after == 2);
      CHECK(living == 8);
      CHECK(arrived == Strings{"one", "two", "three"});
      break;
    }
    ++strikes;
    CHECK(!world.IsAlive(NodeId(0)));
    CHECK(deed.ran_after == 0);
    // Each message before the strike arrives, then the bad news.
    CHECK(arrived.size() == assassin.sent);
    CHECK(world.shell(1).incoming.closed.has_value());
    world.Restart(NodeId(0));
    CHECK(world.Incarnation(NodeId(0)) == 2);
    world.RunFor(Duration::Millis(1));
    if (living < 3) continue;  // the name was not yet durable
    world.Do(0, [&] {
      LocalStore& disk = world.env(0).disk;
      const absl::StatusOr<Strings> files = disk.List("");
      REQUIRE(files.ok());
      REQUIRE(files->size() == 1);
      CHECK((files->front() == "file" || files->front() == "renamed"));
      CHECK(disk.Read(files->front()).value().substr(0, 5) == "first");
    });
  }
  CHECK(strikes == 11);
}

TEST_CASE("Crash: effects leave at instant plus charge, and a crash in between drops the later ones",
          "[sim]") {
  for (const int64_t crash_micros : {500, 1500, 2500, 3500}) {
    CAPTURE(crash_micros);
    TestWorld world(2);
    ConnectionId connection;
    world.Do(0, [&] { connection = world.shell(0).Call(NodeId(1)); });
    world.RunFor(Duration::Millis(1));
    const Instant begin = world.now();
    int posted = 0;
    world.Do(0, [&] {
      Env& env = world.env(0);
      for (int i = 1; i <= 3; ++i) {
        env.executor.Charge(Duration::Millis(1) - Duration::Micros(402));  // what the disk will take
        CHECK(env.disk.Append("log", std::to_string(i)).ok());
        CHECK(env.disk.Sync("log").ok());
        CHECK(env.disk.SyncNames().ok());
        env.transport.Send(connection, {std::to_string(i), ""});
      }
      env.executor.Post(world.shell(0).actor, [&] { ++posted; });
    });
    world.At(begin + Duration::Micros(crash_micros), [&] { world.Crash(NodeId(0), CrashMode::kSilent); });
    world.RunFor(Duration::Millis(10));
    const size_t survivors = static_cast<size_t>(crash_micros / 1000);
    CHECK(world.shell(1).incoming.bodies.size() == survivors);
    CHECK(posted == (survivors == 3 ? 1 : 0));
    CHECK(!world.shell(1).incoming.closed.has_value());
    world.Restart(NodeId(0));
    world.Do(0, [&] {
      const absl::StatusOr<std::string> content = world.env(0).disk.Read("log");
      CHECK(content.value_or("") == std::string("123").substr(0, survivors));
    });
  }
}

TEST_CASE("Crash: tasks, timers and waiting events of the dead are dropped, also across a restart", "[sim]") {
  TestWorld world(1);
  int ran = 0;
  Env& env = world.env(0);
  for (int i = 0; i < 5; ++i) {
    env.executor.Post(world.shell(0).actor, [&] {
      ++ran;
      env.executor.Charge(Duration::Millis(10));
    });
    env.executor.After(world.shell(0).actor, Duration::Millis(i), [&] { ++ran; });
  }
  world.RunFor(Duration::Millis(5));
  CHECK(ran == 1);
  world.Crash(NodeId(0), CrashMode::kReset);
  world.Restart(NodeId(0));
  world.RunFor(Duration::Seconds(1));
  CHECK(ran == 1);
}

// What order things are destroyed in, and that destructors of the dead reach nothing.
struct Ends {
  explicit Ends(Strings* its_order, std::string its_name) : order(its_order), name(std::move(its_name)) {}
  ~Ends() { order->push_back(name); }
  Strings* order;
  std::string name;
};

class Mortal : public Process, public Actor {
 public:
  Mortal(Env& env, Strings* order) : env_(env), order_(order), actor_(env.executor.AddActor(this)) {
    auto held = std::make_unique<Ends>(order, "task");
    env.executor.After(actor_, Duration::Seconds(1), [held = std::move(held)] {});
  }
  ~Mortal() override {
    order_->push_back("process");
    order_->push_back(absl::IsAborted(env_.disk.Append("file", "x")) ? "fenced" : "not fenced");
    env_.executor.Post(actor_, [order = order_] { order->push_back("never"); });
    env_.tracer.Note(events::CheckpointAborted(9, 9));
    env_.executor.RemoveActor(actor_);
  }
  std::string Describe() const override { return "mortal"; }

 private:
  Env& env_;
  Strings* order_;
  const ActorId actor_;
};

TEST_CASE("Crash: the queue goes first, then the process, then whoever restarts it is told", "[sim]") {
  TestWorld world(0);
  Strings order;
  const NodeId node = world.AddNode("mortal");
  world.OnProcessEnd([&](NodeId ended, const absl::Status& reason) {
    CHECK(ended == node);
    CHECK(absl::IsAborted(reason));
    CHECK(!world.IsAlive(node));
    order.push_back("told");
  });
  world.Start(node, [&](Env& env) { return std::make_unique<Mortal>(env, &order); });
  world.Crash(node, CrashMode::kReset);
  CHECK(order == Strings{"task", "process", "fenced", "told"});
  CHECK(world.Count(EventId::kCheckpointAborted) == 0);
  CHECK(world.Count(EventId::kProcessCrashed) == 1);
  world.Crash(node, CrashMode::kReset);  // nobody is there
  CHECK(world.Count(EventId::kProcessCrashed) == 1);
}

TEST_CASE("Crash: the process goes before the clients of its services", "[sim]") {
  class Clients : public ServiceClients {
   public:
    Clients(Executor& executor, Strings* order)
        : absent_(MakeAbsentClients(executor)), ends_(order, "clients") {}
    DurableStore& store() override { return absent_->store(); }
    Register& registry() override { return absent_->registry(); }
    Log& log() override { return absent_->log(); }

   private:
    std::unique_ptr<ServiceClients> absent_;
    Ends ends_;
  };
  Strings order;
  std::vector<uint32_t> built;
  TestWorld world(0);
  world.SetClientFactory([&](const ClientParts& parts) {
    CHECK(parts.transport.node() == parts.node);
    built.push_back(parts.incarnation);
    return std::make_unique<Clients>(parts.executor, &order);
  });
  const NodeId node = world.AddNode("mortal");
  world.Start(node, [&](Env& env) { return std::make_unique<Mortal>(env, &order); });
  world.Crash(node, CrashMode::kReset);
  CHECK(order == Strings{"task", "process", "fenced", "clients"});
  world.Restart(node);
  CHECK(built == std::vector<uint32_t>{1, 2});
}

TEST_CASE("Crash: at the delivery of a message, nobody receives it", "[sim]") {
  class Listener : public Shell {
   public:
    Listener(Env& its_env, Recorder* recorder) : Shell(its_env) {
      env.transport.Listen(actor, kPort, [recorder](ConnectionId, NodeId) { return recorder; });
    }
  };
  Recorder recorder;
  TestWorld world(1);
  const NodeId victim = world.AddNode("victim");
  world.Start(victim, [&](Env& env) { return std::make_unique<Listener>(env, &recorder); });
  Assassin assassin(world, victim, 1, CrashMode::kReset);
  world.AddObserver(&assassin);
  world.Do(0, [&] { world.env(0).transport.Send(world.shell(0).Call(victim), {"x", ""}); });
  world.RunFor(Duration::Millis(1));
  CHECK(world.Count(EventId::kMessageDelivered) == 1);
  CHECK(recorder.bodies.empty());
  CHECK(world.shell(0).outgoing.closed.has_value());
}

TEST_CASE("Crash: a stream leaves in order, so nothing overtakes what a busy actor sent first", "[sim]") {
  class Other : public Actor {
   public:
    std::string Describe() const override { return "other"; }
  } other_actor;
  TestWorld world(2);
  Env& env = world.env(0);
  const ActorId other = env.executor.AddActor(&other_actor);
  ConnectionId connection;
  world.Do(0, [&] { connection = world.shell(0).Call(NodeId(1)); });
  world.RunFor(Duration::Millis(1));
  env.executor.Post(world.shell(0).actor, [&] {
    env.executor.Charge(Duration::Millis(5));
    env.transport.Send(connection, {"first", ""});
  });
  env.executor.Post(other, [&] { env.transport.Send(connection, {"second", ""}); });
  world.RunFor(Duration::Millis(3));
  world.Crash(NodeId(0), CrashMode::kReset);
  world.RunFor(Duration::Millis(5));
  CHECK(world.shell(1).incoming.bodies.empty());
  CHECK(world.Count(EventId::kMessageDropped) == 2);
}

TEST_CASE("Crash: what had arrived but was not yet handled is dropped with the process", "[sim]") {
  TestWorld world(2);
  ConnectionId connection;
  world.Do(0, [&] { connection = world.shell(0).Call(NodeId(1)); });
  world.RunFor(Duration::Millis(1));
  world.Do(1, [&] { world.env(1).executor.Charge(Duration::Millis(50)); });
  world.Do(0, [&] {
    for (int i = 0; i < 3; ++i) world.env(0).transport.Send(connection, {"x", ""});
  });
  world.RunFor(Duration::Millis(1));
  CHECK(world.Count(EventId::kMessageDropped) == 0);
  world.Crash(NodeId(1), CrashMode::kSilent);
  CHECK(world.Count(EventId::kMessageDropped) == 3);
  world.Do(0, [&] { world.env(0).transport.Send(connection, {"y", ""}); });
  world.RunFor(Duration::Millis(1));
  std::vector<uint64_t> dropped;
  for (const TraceRecord& record : world.digest().Decode()) {
    if (record.event.id == EventId::kMessageDropped) dropped.push_back(Field(record.event, "number"));
  }
  CHECK(dropped == std::vector<uint64_t>{0, 1, 2, 3});
}

TEST_CASE("Crash: at the end of the world all processes end fenced", "[sim]") {
  Strings order;
  {
    World world((WorldOptions()));
    world.Start(world.AddNode("mortal"), [&](Env& env) { return std::make_unique<Mortal>(env, &order); });
  }
  CHECK(order == Strings{"task", "process", "fenced"});
}

TEST_CASE("Crash: a process that exits is reported with its reason and may be restarted at once", "[sim]") {
  TestWorld world(1);
  std::vector<std::string> reasons;
  world.OnProcessEnd([&](NodeId node, const absl::Status& reason) {
    reasons.emplace_back(reason.message());
    world.Restart(node);
  });
  world.env(0).executor.Post(world.shell(0).actor, [&world] {
    Env& env = world.env(0);
    env.executor.Exit(absl::DataLossError("state is gone"));
    CHECK(absl::IsAborted(env.tracer.Reach(events::CheckpointTriggered(1, 1))));
    env.executor.Exit(absl::DataLossError("twice"));
  });
  world.RunFor(Duration::Millis(1));
  CHECK(reasons == Strings{"state is gone"});
  CHECK(world.Incarnation(NodeId(0)) == 2);
  CHECK(world.IsAlive(NodeId(0)));
  CHECK(world.Count(EventId::kProcessExited) == 1);
}

TEST_CASE("Crash: while it starts", "[sim]") {
  TestWorld world(0);
  const NodeId node = world.AddNode("short-lived");
  bool finished = false;
  const auto program = [&](Env& env) -> std::unique_ptr<Process> {
    auto shell = std::make_unique<Shell>(env);
    if (world.Incarnation(node) == 1) {
      world.Crash(node, CrashMode::kReset);
      CHECK(absl::IsAborted(env.disk.Append("file", "x")));
    }
    finished = true;
    return shell;
  };
  world.Start(node, program);
  CHECK(finished);
  CHECK(!world.IsAlive(node));
  world.Restart(node);
  CHECK(world.IsAlive(node));
}

TEST_CASE("Crash: of another process from inside a handler, restarted in the same handler", "[sim]") {
  TestWorld world(2);
  world.Do(0, [&] {
    world.Crash(NodeId(1), CrashMode::kReset);
    CHECK(!world.IsAlive(NodeId(1)));
    world.Restart(NodeId(1));
    CHECK(world.IsAlive(NodeId(1)));
    CHECK(world.env(0).disk.Append("file", "mine is alive").ok());
  });
  CHECK(world.Incarnation(NodeId(1)) == 2);
}

}  // namespace
}  // namespace weir::sim
