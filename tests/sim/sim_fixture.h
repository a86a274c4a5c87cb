// Licensed under the Apache License, Version 2.0.
//
// What the tests of the world stand on: a process that does nothing by itself and lends its Env to the test, and an end
// of connections that remembers everything.
#ifndef WEIR_TESTS_SIM_SIM_FIXTURE_H_
#define WEIR_TESTS_SIM_SIM_FIXTURE_H_

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/world.h"

namespace weir::sim {

inline constexpr PortId kPort{7};

class Recorder : public ConnectionHandler {
 public:
  void OnMessage(ConnectionId connection, Message message) override {
    CHECK(!closed.has_value());
    last = connection;
    bodies.push_back(std::move(message.body));
  }
  void OnClosed(ConnectionId, const absl::Status& reason) override {
    CHECK(!closed.has_value());
    closed = reason;
  }

  std::vector<std::string> bodies;
  std::optional<absl::Status> closed;
  ConnectionId last;
};

// A process with one actor. Tests reach into it by World::process.
class Shell : public Process, public Actor {
 public:
  explicit Shell(Env& its_env) : env(its_env), actor(env.executor.AddActor(this)) {}
  std::string Describe() const override { return "shell"; }
  void AppendWaits(std::vector<Wait>* waits) const override {
    waits->push_back({"shell", "orders", "the test"});
  }
  std::string LastFailure() const override { return last_failure; }

  // Accepts everybody on kPort and answers nothing.
  void Serve() {
    env.transport.Listen(actor, kPort,
                         [this](ConnectionId, NodeId) -> ConnectionHandler* { return &incoming; });
  }
  ConnectionId Call(NodeId node) { return env.transport.Connect(actor, node, kPort, &outgoing); }

  Env& env;
  const ActorId actor;
  Recorder incoming;
  Recorder outgoing;
  std::string last_failure;
};

inline World::Program ShellProgram() {
  return [](Env& env) { return std::make_unique<Shell>(env); };
}
inline World::Program ServerProgram() {
  return [](Env& env) {
    auto shell = std::make_unique<Shell>(env);
    shell->Serve();
    return shell;
  };
}

// A world of fixed latency, with `nodes` servers.
class TestWorld : public World {
 public:
  explicit TestWorld(uint32_t nodes, WorldOptions options = Options()) : World(std::move(options)) {
    for (uint32_t i = 0; i < nodes; ++i) {
      AddNode("n" + std::to_string(i));
      Start(NodeId(i), ServerProgram());
    }
  }

  static WorldOptions Options() {
    WorldOptions options;
    options.link.latency_min = options.link.latency_max = options.link.latency_tail = Duration::Micros(100);
    options.link.bytes_per_second = 1'000'000'000'000;  // small messages take no time
    options.loopback = options.link;
    options.keep_trace = true;
    return options;
  }

  Shell& shell(uint32_t node) {
    REQUIRE(process(NodeId(node)) != nullptr);
    return static_cast<Shell&>(*process(NodeId(node)));
  }
  Env& env(uint32_t node) { return shell(node).env; }

  // Runs `task` as an event of the node's actor, to its end.
  void Do(uint32_t node, Task task) {
    bool done = false;
    env(node).executor.Post(shell(node).actor, [&done, task = std::move(task)]() mutable {
      task();
      done = true;
    });
    REQUIRE(RunUntil([&done] { return done; }, now() + Duration::Seconds(1)).ok());
  }
  void RunFor(Duration time) {
    const absl::Status end = RunUntil([] { return false; }, now() + time);
    if (absl::IsFailedPrecondition(end)) RunIdle(time);
  }
  // Where nothing is left to do, time passes by an event of the harness.
  void RunIdle(Duration time) {
    const Instant end = now() + time;
    bool reached = false;
    At(end, [&reached] { reached = true; });
    REQUIRE(RunUntil([&reached] { return reached; }, end).ok());
  }
  // How often the trace so far holds this event.
  size_t Count(EventId id) {
    size_t count = 0;
    for (const TraceRecord& record : digest().Decode()) count += record.event.id == id;
    return count;
  }
};

}  // namespace weir::sim

#endif  // WEIR_TESTS_SIM_SIM_FIXTURE_H_
