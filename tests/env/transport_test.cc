#include <map>
#include <vector>

#include "tests/env/worlds.h"

namespace weir::contract {
namespace {

constexpr PortId kPort{7};

// Remembers all that it was told.
class Recorder : public ConnectionHandler {
 public:
  void OnMessage(ConnectionId connection, Message message) override {
    CHECK(!closed.has_value());
    from = connection;
    messages.push_back(std::move(message));
  }
  void OnClosed(ConnectionId connection, const absl::Status& reason) override {
    CHECK(!closed.has_value());
    from = connection;
    closed = reason;
  }

  std::vector<Message> messages;
  std::optional<absl::Status> closed;
  ConnectionId from;
};

void ListenOn(ContractWorld& world, uint32_t node, ConnectionHandler* handler) {
  world.Do(node, [&world, node, handler] {
    world.env(node).transport.Listen(world.actor(node), kPort,
                                     [handler](ConnectionId, NodeId) { return handler; });
  });
}

TEMPLATE_TEST_CASE(
    "Transport: messages arrive whole and in order, also those sent before the connection stands", "[env]",
    WEIR_WORLDS) {
  TestType world;
  Recorder server;
  Recorder client;
  ListenOn(world, 1, &server);
  world.Do(0, [&] {
    Transport& transport = world.env(0).transport;
    const ConnectionId connection =
        transport.Connect(world.actor(0), world.env(1).transport.node(), kPort, &client);
    for (int i = 0; i < 500; ++i)
      transport.Send(connection, {std::to_string(i), "lane " + std::to_string(i)});
    transport.Send(connection, {"", ""});
    transport.Send(connection, {std::string(1'000'000, 'x'), std::string(10'000, 'y')});
  });
  REQUIRE(world.RunUntil([&] { return server.messages.size() == 502; }));
  for (size_t i = 0; i < 500; ++i) {
    CHECK(server.messages[i].body == std::to_string(i));
    CHECK(server.messages[i].lane == "lane " + std::to_string(i));
  }
  CHECK(server.messages[500].body.empty());
  CHECK(server.messages[501].body == std::string(1'000'000, 'x'));
  CHECK(server.messages[501].lane == std::string(10'000, 'y'));
  CHECK(!client.closed.has_value());
}

TEMPLATE_TEST_CASE("Transport: the accepting end answers on the same connection", "[env]", WEIR_WORLDS) {
  TestType world;
  Recorder server;
  Recorder client;
  ListenOn(world, 1, &server);
  ConnectionId connection;
  world.Do(0, [&] {
    connection =
        world.env(0).transport.Connect(world.actor(0), world.env(1).transport.node(), kPort, &client);
    world.env(0).transport.Send(connection, {"question", ""});
  });
  REQUIRE(world.RunUntil([&] { return !server.messages.empty(); }));
  world.Do(1, [&] { world.env(1).transport.Send(server.from, {"answer", "lane"}); });
  REQUIRE(world.RunUntil([&] { return !client.messages.empty(); }));
  CHECK(client.messages[0].body == "answer");
  CHECK(client.messages[0].lane == "lane");
  CHECK(client.from == connection);
}

TEMPLATE_TEST_CASE("Transport: the acceptor learns who calls", "[env]", WEIR_WORLDS) {
  TestType world;
  Recorder server;
  Recorder client;
  std::optional<NodeId> caller;
  world.Do(1, [&] {
    world.env(1).transport.Listen(world.actor(1), kPort, [&](ConnectionId, NodeId peer) {
      caller = peer;
      return &server;
    });
  });
  world.Do(0, [&] {
    world.env(0).transport.Connect(world.actor(0), world.env(1).transport.node(), kPort, &client);
  });
  REQUIRE(world.RunUntil([&] { return caller.has_value(); }));
  CHECK(*caller == world.env(0).transport.node());
  CHECK(*caller != world.env(1).transport.node());
}

TEMPLATE_TEST_CASE("Transport: nobody listens: the caller is told", "[env]", WEIR_WORLDS) {
  TestType world;
  Recorder client;
  world.Do(0, [&] {
    Transport& transport = world.env(0).transport;
    const ConnectionId connection =
        transport.Connect(world.actor(0), world.env(1).transport.node(), kPort, &client);
    transport.Send(connection, {"lost", ""});
    CHECK(!client.closed.has_value());
  });
  REQUIRE(world.RunUntil([&] { return client.closed.has_value(); }));
  CHECK(absl::IsUnavailable(*client.closed));
}

TEMPLATE_TEST_CASE("Transport: a refused caller is told", "[env]", WEIR_WORLDS) {
  TestType world;
  Recorder client;
  ListenOn(world, 1, nullptr);
  world.Do(0, [&] {
    Transport& transport = world.env(0).transport;
    const ConnectionId connection =
        transport.Connect(world.actor(0), world.env(1).transport.node(), kPort, &client);
    transport.Send(connection, {"lost", ""});
  });
  REQUIRE(world.RunUntil([&] { return client.closed.has_value(); }));
  CHECK(absl::IsUnavailable(*client.closed));
  CHECK(client.messages.empty());
}

TEMPLATE_TEST_CASE("Transport: after a close the peer gets what was sent before, then the end", "[env]",
                   WEIR_WORLDS) {
  TestType world;
  Recorder server;
  Recorder client;
  ListenOn(world, 1, &server);
  ConnectionId connection;
  world.Do(0, [&] {
    connection =
        world.env(0).transport.Connect(world.actor(0), world.env(1).transport.node(), kPort, &client);
    world.env(0).transport.Send(connection, {"first", ""});
  });
  REQUIRE(world.RunUntil([&] { return server.messages.size() == 1; }));
  world.Do(1, [&] { world.env(1).transport.Send(server.from, {"unread", ""}); });
  world.Do(0, [&] {
    Transport& transport = world.env(0).transport;
    for (int i = 0; i < 50; ++i) transport.Send(connection, {std::string(10'000, 'z'), ""});
    transport.Close(connection);
    transport.Close(connection);
    transport.Send(connection, {"too late", ""});
  });
  const size_t heard = client.messages.size();
  REQUIRE(world.RunUntil([&] { return server.closed.has_value(); }));
  CHECK(server.messages.size() == 51);
  world.RunFor(Duration::Millis(5));
  CHECK(client.messages.size() == heard);  // nothing is heard after one's own close
  CHECK(!client.closed.has_value());
}

TEMPLATE_TEST_CASE("Transport: unknown connections are ignored", "[env]", WEIR_WORLDS) {
  TestType world;
  world.Do(0, [&] {
    world.env(0).transport.Send(ConnectionId(123'456), {"nobody", ""});
    world.env(0).transport.Close(ConnectionId(123'456));
  });
  world.RunFor(Duration::Millis(1));
  SUCCEED("no effect");
}

TEMPLATE_TEST_CASE("Transport: connections do not mix", "[env]", WEIR_WORLDS) {
  TestType world;
  Recorder servers[2];
  Recorder clients[2];
  size_t accepted = 0;
  world.Do(1, [&] {
    world.env(1).transport.Listen(world.actor(1), kPort,
                                  [&](ConnectionId, NodeId) { return &servers[accepted++]; });
  });
  world.Do(0, [&] {
    Transport& transport = world.env(0).transport;
    const ConnectionId first =
        transport.Connect(world.actor(0), world.env(1).transport.node(), kPort, &clients[0]);
    const ConnectionId second =
        transport.Connect(world.actor(0), world.env(1).transport.node(), kPort, &clients[1]);
    CHECK(first != second);
    for (int i = 0; i < 20; ++i) {
      transport.Send(first, {"first", ""});
      transport.Send(second, {"second", ""});
    }
  });
  REQUIRE(world.RunUntil([&] { return servers[0].messages.size() + servers[1].messages.size() == 40; }));
  for (const Recorder& server : servers) {
    REQUIRE(server.messages.size() == 20);
    for (const Message& message : server.messages) CHECK(message.body == server.messages[0].body);
  }
}

}  // namespace
}  // namespace weir::contract
