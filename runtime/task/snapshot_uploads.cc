#include "runtime/task/snapshot_uploads.h"

#include <algorithm>
#include <utility>

#include "runtime/base/check.h"

namespace weir {

void SnapshotUploads::Begin(CheckpointId checkpoint, const std::string& folder, ChainSnapshot snapshot,
                            uint32_t holds) {
  Upload& upload = uploads_[checkpoint];
  upload.snapshots = std::move(snapshot.operators);
  upload.holds = holds;
  for (SnapshotFile& file : snapshot.files) {
    std::string key = file.is_shared ? std::move(file.name) : absl::StrCat(folder, "/", file.name);
    upload.files.push_back({std::move(key), std::move(file.blob), FileState::kSending});
  }
  upload.missing = static_cast<uint32_t>(upload.files.size());
  const size_t count = upload.files.size();
  for (size_t i = 0; i < count; ++i) Put(checkpoint, i);
  if (count == 0 && owner_.OnFilesStored(checkpoint)) TryFinish(checkpoint);
}

void SnapshotUploads::Put(CheckpointId checkpoint, size_t file) {
  const File& f = uploads_.at(checkpoint).files[file];
  env_.store.Put(actor_, f.key, f.blob, PutMode::kOverwrite,
                 [this, checkpoint, file](const absl::Status& status) {
                   if (!owner_.OwnerIsStopped()) OnPut(checkpoint, file, status);
                 });
}

void SnapshotUploads::OnPut(CheckpointId checkpoint, size_t file, const absl::Status& status) {
  const auto found = uploads_.find(checkpoint);
  WEIR_CHECK(found != uploads_.end(), "checkpoint ", checkpoint.value);
  Upload& upload = found->second;
  if (upload.is_aborted) return Delete(checkpoint, file);
  if (absl::IsUnavailable(status)) {
    env_.executor.After(actor_, retry_delay_, [this, checkpoint, file] {
      if (owner_.OwnerIsStopped()) return;
      if (uploads_.at(checkpoint).is_aborted) return Delete(checkpoint, file);
      Put(checkpoint, file);
    });
    return;
  }
  if (!status.ok()) {
    owner_.OnSnapshotFailed(checkpoint, status);
    Abort(checkpoint);
    return Delete(checkpoint, file);
  }
  upload.files[file].state = FileState::kStored;
  upload.files[file].blob = Blob();
  if (--upload.missing == 0 && owner_.OnFilesStored(checkpoint)) TryFinish(checkpoint);
}

void SnapshotUploads::Release(CheckpointId checkpoint) {
  const auto found = uploads_.find(checkpoint);
  if (found == uploads_.end()) return;
  WEIR_CHECK(found->second.holds > 0);
  --found->second.holds;
  TryFinish(checkpoint);
}

void SnapshotUploads::TryFinish(CheckpointId checkpoint) {
  const auto found = uploads_.find(checkpoint);
  if (found == uploads_.end()) return;
  const Upload& upload = found->second;
  if (upload.missing != 0 || upload.holds != 0 || upload.is_aborted) return;
  std::vector<OperatorSnapshot> snapshots = std::move(found->second.snapshots);
  uploads_.erase(found);
  owner_.OnSnapshotStored(checkpoint, std::move(snapshots));
}

void SnapshotUploads::Abort(CheckpointId checkpoint) {
  const auto found = uploads_.find(checkpoint);
  if (found == uploads_.end() || found->second.is_aborted) return;
  Upload& upload = found->second;
  upload.is_aborted = true;
  // Those that are still being sent are deleted when their answer comes.
  std::vector<size_t> stored;
  for (size_t i = 0; i < upload.files.size(); ++i) {
    if (upload.files[i].state == FileState::kStored) stored.push_back(i);
  }
  if (upload.files.empty()) uploads_.erase(found);
  for (const size_t file : stored) Delete(checkpoint, file);
}

void SnapshotUploads::Delete(CheckpointId checkpoint, size_t file) {
  const auto found = uploads_.find(checkpoint);
  if (found == uploads_.end()) return;
  env_.store.Delete(
      actor_, found->second.files[file].key, [this, checkpoint, file](const absl::Status& status) {
        if (owner_.OwnerIsStopped()) return;
        if (absl::IsUnavailable(status)) {
          env_.executor.After(actor_, retry_delay_, [this, checkpoint, file] {
            if (!owner_.OwnerIsStopped()) Delete(checkpoint, file);
          });
          return;
        }
        Upload& upload = uploads_.at(checkpoint);
        upload.files[file].state = FileState::kGone;
        const bool all_gone = std::all_of(upload.files.begin(), upload.files.end(),
                                          [](const File& f) { return f.state == FileState::kGone; });
        if (all_gone) uploads_.erase(checkpoint);
      });
}

void SnapshotUploads::AppendWaits(const std::string& who, std::vector<Wait>* waits) const {
  for (const auto& [checkpoint, upload] : uploads_) {
    if (upload.is_aborted || upload.missing == 0) continue;
    waits->push_back(
        {who, absl::StrCat("the store of ", upload.missing, " files of checkpoint ", checkpoint.value),
         "the object store"});
  }
}

}  // namespace weir
