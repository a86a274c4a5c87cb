#include "runtime/task/snapshot_storage.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/checkpoint/inline_state.h"

namespace weir {

SnapshotStorage::SnapshotStorage(const JobConfig& config)
    : is_in_memory_(config.checkpoint_storage == CheckpointStorage::kJobManager),
      inline_max_(config.inline_state_max),
      memory_max_(config.memory_state_max) {}

uint64_t SnapshotStorage::inline_max() const {
  return is_in_memory_ ? std::numeric_limits<uint64_t>::max() : inline_max_;
}

absl::Status SnapshotStorage::CheckSize(uint64_t bytes) const {
  if (!is_in_memory_ || bytes <= memory_max_) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(bytes, " bytes are more than the ", memory_max_,
                   " that the job manager's memory takes of one state (weir.memory.max-state-size): use "
                   "state.checkpoint-storage filesystem"));
}

StreamHandle SnapshotStorage::Place(const std::string& name, std::string bytes, uint64_t unbilled,
                                    std::vector<SnapshotFile>* files) const {
  const uint64_t billed = bytes.size() - unbilled;
  WEIR_CHECK(CheckSize(billed).ok(), name);
  if (billed <= inline_max() && inline_max() > 0) {
    return InlineState(name, std::move(bytes), unbilled);
  }
  const auto size = static_cast<int64_t>(bytes.size());
  files->push_back({name, Blob{std::move(bytes), unbilled}, false});
  return StreamHandle::RelativeFile(name, size);
}

}  // namespace weir
