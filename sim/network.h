// Licensed under the Apache License, Version 2.0.
//
// Links between nodes. Fault model: a link may be slow (latency, bandwidth), cut in one or both directions (what is sent
// meanwhile waits as in a TCP send buffer, and flows when the link heals, unless the connection is given up first), and
// its connections may be reset (a suffix of what was sent is lost, possibly after the peer acted on the rest).
// Messages are never altered, repeated or reordered within a connection.
#ifndef WEIR_SIM_NETWORK_H_
#define WEIR_SIM_NETWORK_H_

#include <cstdint>
#include <memory>

#include "runtime/base/ids.h"
#include "runtime/base/time.h"

namespace weir::sim {

struct LinkOptions {
  Duration latency_min = Duration::Micros(50);
  Duration latency_max = Duration::Micros(500);     // uniform between, but for the tail:
  uint32_t tail_permille = 10;                      // so many messages of a thousand take up to ...
  Duration latency_tail = Duration::Millis(5);      // ... this long
  uint64_t bytes_per_second = 1'250'000'000;        // 10 Gbit/s
  Duration connect_timeout = Duration::Seconds(2);  // a connect into silence fails after this
};

class Connections;

class Network {
 public:
  explicit Network(Connections& connections);
  ~Network();

  // From now on nothing sent by `from` reaches `to`. Cut both ways by two calls. Idempotent.
  void Cut(NodeId from, NodeId to);
  // What waited flows again, in order.
  void Heal(NodeId from, NodeId to);
  bool IsCut(NodeId from, NodeId to) const;
  // Adds to the latency of every message from now on; zero ends it.
  void Delay(NodeId from, NodeId to, Duration extra);
  // Breaks every connection between the two: of the messages in flight a drawn suffix is lost, both ends are told
  // (kUnavailable) after what still arrives.
  void Reset(NodeId a, NodeId b);
  // Ends every cut and delay: the liveness phase.
  void HealAll();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_NETWORK_H_
