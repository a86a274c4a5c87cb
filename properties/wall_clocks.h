// Licensed under the Apache License, Version 2.0.
//
// What the wall clocks of an attempt's nodes have shown, as far as it matters for alarms: the lowest that each was set to.
#ifndef WEIR_PROPERTIES_WALL_CLOCKS_H_
#define WEIR_PROPERTIES_WALL_CLOCKS_H_

#include <cstdint>
#include <map>
#include <utility>

#include "properties/property.h"

namespace weir::properties {

class WallClocks {
 public:
  using Subtask = std::pair<uint64_t, uint64_t>;  // vertex, index

  // `outside` outlives it.
  explicit WallClocks(const Outside& outside) : outside_(outside) {}
  // Another attempt begins.
  void Clear();
  void OnDeployed(const Subtask& subtask, NodeId node, Instant now);
  // A timer of processing time was registered.
  void OnRegistered(const Subtask& subtask, int64_t at, Instant now);
  // Looks at every clock. A clock is set between two looks at most once: before each fault there is one.
  void Look(Instant now);

  // Up to which time a timer of the subtask was due at `by`, whatever clock it was set by; the least number if that is not
  // known: of a subtask that was not deployed, or one that registered a timer in the past since.
  int64_t DueBy(const Subtask& subtask, Instant by) const;

 private:
  struct Place {
    NodeId node;
    Instant registered_in_the_past;  // last
  };
  // What the clock showed at instant zero, if it always was as it is set now.
  int64_t StartOf(NodeId node, Instant now) const;

  const Outside& outside_;
  std::map<Subtask, Place> places_;
  std::map<NodeId, int64_t> lowest_;  // of StartOf
};

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_WALL_CLOCKS_H_
