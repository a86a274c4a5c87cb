#include "runtime/checkpoint/checkpoint_discarder.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/checkpoint/job_record.h"

namespace weir {

CheckpointDiscarder::CheckpointDiscarder(Options options, ActorId actor, Executor& executor,
                                         DurableStore& store, IsOrphan is_orphan, IsUnnamed is_unnamed)
    : options_(std::move(options)),
      actor_(actor),
      executor_(executor),
      store_(store),
      is_orphan_(std::move(is_orphan)),
      is_unnamed_(std::move(is_unnamed)) {}

std::string CheckpointDiscarder::JobPath() const {
  return absl::StrCat(options_.checkpoint_dir, "/", options_.job_id);
}

void CheckpointDiscarder::Discard(CheckpointId checkpoint) {
  if (!is_orphan_(checkpoint)) return;
  const auto [folder, is_new] = folders_.try_emplace(checkpoint);
  if (!is_new) {
    folder->second.again = true;
    return;
  }
  Pass(checkpoint);
}

void CheckpointDiscarder::DiscardOrphans() {
  ListAll(CheckpointsPrefix(options_.checkpoint_dir, options_.job_id), 1);
  if (is_unnamed_ != nullptr) ListAll(SharedPrefix(JobPath()), 1);
}

void CheckpointDiscarder::ListAll(const std::string& prefix, uint32_t tries) {
  store_.List(actor_, prefix, [this, prefix, tries](absl::StatusOr<std::vector<std::string>> keys) {
    if (!keys.ok()) {
      if (tries < kTriesMax)
        executor_.After(actor_, options_.retry_delay, [this, prefix, tries] { ListAll(prefix, tries + 1); });
      return;
    }
    std::set<CheckpointId> found;
    const bool is_shared = prefix == SharedPrefix(JobPath());
    for (const std::string& key : *keys) {
      found.insert(is_shared ? CreatorOfShared(JobPath(), key) : CheckpointOfKey(prefix, key));
    }
    for (CheckpointId checkpoint : found) {
      if (checkpoint.value != 0) Discard(checkpoint);
    }
  });
}

void CheckpointDiscarder::Pass(CheckpointId checkpoint) {
  WEIR_CHECK(is_orphan_(checkpoint), "checkpoint ", checkpoint.value,
             " is in use, but its files were to be deleted");
  folders_[checkpoint].again = false;
  const std::string path = CheckpointPath(options_.checkpoint_dir, options_.job_id, checkpoint);
  store_.List(actor_, absl::StrCat(path, "/"),
              [this, checkpoint, path](absl::StatusOr<std::vector<std::string>> keys) {
                if (!keys.ok()) return Retry(checkpoint);
                // _metadata goes last: while it is there, the folder can still be told from rubbish.
                std::stable_partition(keys->begin(), keys->end(),
                                      [&path](const std::string& key) { return key == MetadataPath(path); });
                folders_[checkpoint].keys = *std::move(keys);
                is_unnamed_ == nullptr ? DeleteNext(checkpoint) : PassShared(checkpoint);
              });
}

void CheckpointDiscarder::PassShared(CheckpointId checkpoint) {
  store_.List(actor_, SharedPrefix(JobPath(), checkpoint),
              [this, checkpoint](absl::StatusOr<std::vector<std::string>> keys) {
                if (!keys.ok()) return Retry(checkpoint);
                for (std::string& key : *keys) {
                  if (is_unnamed_(key)) folders_[checkpoint].keys.push_back(std::move(key));
                }
                DeleteNext(checkpoint);
              });
}

void CheckpointDiscarder::DeleteNext(CheckpointId checkpoint) {
  Folder& folder = folders_[checkpoint];
  if (folder.keys.empty()) return Finish(checkpoint);
  std::string key = std::move(folder.keys.back());
  folder.keys.pop_back();
  store_.Delete(actor_, std::move(key), [this, checkpoint](const absl::Status& status) {
    status.ok() ? DeleteNext(checkpoint) : Retry(checkpoint);
  });
}

void CheckpointDiscarder::Retry(CheckpointId checkpoint) {
  if (++folders_[checkpoint].tries >= kTriesMax) {
    folders_.erase(checkpoint);
    return;
  }
  executor_.After(actor_, options_.retry_delay, [this, checkpoint] { Pass(checkpoint); });
}

void CheckpointDiscarder::Finish(CheckpointId checkpoint) {
  if (folders_[checkpoint].again) return Pass(checkpoint);
  folders_.erase(checkpoint);
}

}  // namespace weir
