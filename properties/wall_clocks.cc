#include "properties/wall_clocks.h"

#include <algorithm>
#include <limits>

namespace weir::properties {

int64_t WallClocks::StartOf(NodeId node, Instant now) const {
  return outside_.WallClock(node).millis - (now - Instant()).millis();
}

void WallClocks::Clear() {
  places_.clear();
  lowest_.clear();
}

void WallClocks::OnDeployed(const Subtask& subtask, NodeId node, Instant now) {
  places_[subtask] = {node, Instant()};
  lowest_.try_emplace(node, StartOf(node, now));
}

void WallClocks::OnRegistered(const Subtask& subtask, int64_t at, Instant now) {
  const auto found = places_.find(subtask);
  if (found == places_.end() || at > outside_.WallClock(found->second.node).millis) return;
  found->second.registered_in_the_past = now;
}

void WallClocks::Look(Instant now) {
  for (auto& [node, lowest] : lowest_) lowest = std::min(lowest, StartOf(node, now));
}

int64_t WallClocks::DueBy(const Subtask& subtask, Instant by) const {
  const auto found = places_.find(subtask);
  if (found == places_.end() || found->second.registered_in_the_past > by) {
    return std::numeric_limits<int64_t>::min();
  }
  return lowest_.at(found->second.node) + (by - Instant()).millis();
}

}  // namespace weir::properties
