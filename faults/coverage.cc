#include "faults/coverage.h"

namespace weir::faults {

void Coverage::Merge(const Coverage& other) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

std::vector<EventId> Coverage::Silent() const {
  std::vector<EventId> silent;
  for (size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) silent.push_back(static_cast<EventId>(i));
  }
  return silent;
}

}  // namespace weir::faults
