#include "runtime/state/rocksdb/uploaded_tables.h"

namespace weir {

const StreamHandle* UploadedTables::Find(const std::string& table) const {
  const auto base = taken_.find(complete_);
  if (base == taken_.end()) return nullptr;
  const auto found = base->second.find(table);
  if (found == base->second.end() || found->second.is_null()) return nullptr;
  for (auto later = std::next(base); later != taken_.end(); ++later) {
    const auto again = later->second.find(table);
    if (again == later->second.end() || again->second != found->second) return nullptr;
  }
  return &found->second;
}

void UploadedTables::OnComplete(CheckpointId checkpoint) {
  if (checkpoint <= complete_ || taken_.count(checkpoint) == 0) return;
  complete_ = checkpoint;
  taken_.erase(taken_.begin(), taken_.find(checkpoint));
}

void UploadedTables::OnAborted(CheckpointId checkpoint) {
  if (checkpoint != complete_) taken_.erase(checkpoint);
}

}  // namespace weir
