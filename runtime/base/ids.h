// Licensed under the Apache License, Version 2.0.
//
// Names for things, each its own type so that none can stand for another. All are small integers except OperatorId,
// which is Flink's 16 bytes.
#ifndef WEIR_RUNTIME_BASE_IDS_H_
#define WEIR_RUNTIME_BASE_IDS_H_

#include <array>
#include <compare>
#include <cstdint>
#include <string>

namespace weir {

template <typename Tag, typename T>
struct StrongId {
  T value = 0;
  constexpr StrongId() = default;
  explicit constexpr StrongId(T v) : value(v) {}
  constexpr auto operator<=>(const StrongId&) const = default;
};

using NodeId = StrongId<struct NodeTag, uint32_t>;              // a machine of the cluster
using PortId = StrongId<struct PortTag, uint32_t>;              // a service on a node
using ActorId = StrongId<struct ActorTag, uint32_t>;            // an actor within one process incarnation
using TimerId = StrongId<struct TimerTag, uint64_t>;            // 0 is "no timer"
using ConnectionId = StrongId<struct ConnectionTag, uint64_t>;  // one end's name for a connection
using CheckpointId = StrongId<struct CheckpointTag, uint64_t>;  // from 1, growing; gaps are normal
using Attempt = StrongId<struct AttemptTag, uint32_t>;          // execution attempt of the whole job, from 1
using VertexId = StrongId<struct VertexTag, uint32_t>;          // job vertex: a chain of operators
using KeyGroup = StrongId<struct KeyGroupTag, uint16_t>;

// Flink's operator id: murmur3_128 of the uid, printed as 32 hex digits in file order.
struct OperatorId {
  std::array<uint8_t, 16> bytes{};
  auto operator<=>(const OperatorId&) const = default;
  std::string ToHex() const;
};

// One parallel instance of a vertex.
struct SubtaskId {
  VertexId vertex;
  uint32_t index = 0;
  constexpr auto operator<=>(const SubtaskId&) const = default;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_BASE_IDS_H_
