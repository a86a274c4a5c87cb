#include "runtime/job/slot_assignment.h"

#include <algorithm>

namespace weir {

uint32_t SlotsNeeded(const JobGraph& graph) {
  uint32_t needed = 0;
  for (const JobVertex& vertex : graph.vertices) needed = std::max(needed, vertex.parallelism);
  return needed;
}

uint32_t SlotsOffered(const std::map<NodeId, uint32_t>& offers) {
  uint32_t offered = 0;
  for (const auto& [node, slots] : offers) offered += slots;
  return offered;
}

std::vector<NodeId> AssignSlots(const std::map<NodeId, uint32_t>& offers, uint32_t needed) {
  std::vector<NodeId> assigned;
  for (uint32_t round = 0; assigned.size() < needed; ++round) {
    const size_t before = assigned.size();
    for (const auto& [node, slots] : offers) {
      if (round < slots && assigned.size() < needed) assigned.push_back(node);
    }
    if (assigned.size() == before) break;
  }
  return assigned;
}

}  // namespace weir
