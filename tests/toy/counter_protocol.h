// Licensed under the Apache License, Version 2.0.
//
// A toy that proves the simulated world: a client that counts on a server over a network that loses, and a server that
// keeps the count on a disk that forgets.
//
//   client   sends "count request n" for n = 1, 2, ..., again after a timeout or a lost connection, until the server says
//            how much that makes; n + 1 follows the answer to n
//   server   counts each request once: its file holds (last request, count), written as a new file, synced, renamed over
//            the old one, and the name synced, before the answer leaves. A repeated request is answered, not counted.
//
// So the answer to request n is n, always. Three mutants get one thing wrong each.
#ifndef WEIR_TESTS_TOY_COUNTER_PROTOCOL_H_
#define WEIR_TESTS_TOY_COUNTER_PROTOCOL_H_

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "runtime/env/env.h"

namespace weir::toy {

enum class Mutant {
  kNone,
  kForgetsRequests,     // the file holds the count only: after a crash a repeated request is counted again
  kAnswersBeforeSync,   // the answer leaves before the file is durable
  kForgetsToSyncNames,  // the rename is not made durable
};

inline constexpr PortId kCounterPort{1};

class Server : public Process, public ConnectionHandler, public Actor {
 public:
  Server(Env& env, Mutant mutant);

  void OnMessage(ConnectionId connection, Message message) override;
  void OnClosed(ConnectionId, const absl::Status&) override {}
  std::string Describe() const override;

 private:
  struct State {
    uint64_t request = 0;
    uint64_t count = 0;
  };
  // Reads the file; tries again later if the disk fails.
  void Load();
  absl::Status Save(const State& state);
  void Answer(ConnectionId connection, uint64_t request);

  Env& env_;
  const Mutant mutant_;
  ActorId actor_;
  State state_;
};

class Client : public Process, public ConnectionHandler, public Actor {
 public:
  // Asks `requests` times, `pause` apart.
  Client(Env& env, NodeId server, uint64_t requests, Duration pause);

  bool is_done() const { return answered_ == requests_; }
  // The first answer that was wrong: (request, answer).
  const std::optional<std::pair<uint64_t, uint64_t>>& wrong() const { return wrong_; }
  uint64_t retries() const { return retries_; }

  void OnMessage(ConnectionId connection, Message message) override;
  void OnClosed(ConnectionId connection, const absl::Status& reason) override;
  std::string Describe() const override;
  void AppendWaits(std::vector<Wait>* waits) const override;

 private:
  void Ask();
  void Retry();

  Env& env_;
  const NodeId server_;
  const uint64_t requests_;
  const Duration pause_;
  ActorId actor_;
  uint64_t answered_ = 0;
  uint64_t retries_ = 0;
  std::optional<ConnectionId> connection_;
  TimerId timeout_;
  std::optional<std::pair<uint64_t, uint64_t>> wrong_;
};

}  // namespace weir::toy

#endif  // WEIR_TESTS_TOY_COUNTER_PROTOCOL_H_
