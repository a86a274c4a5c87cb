#include "properties/retained_checkpoints.h"

#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "runtime/base/codec.h"
#include "runtime/base/status.h"

namespace weir::properties {
namespace {

// Of one checkpoint, handle by handle.
class FileLister {
 public:
  explicit FileLister(std::string folder) : folder_(std::move(folder)) {}

  void Add(const StreamHandle& stream) {
    switch (stream.kind) {
      case StreamHandle::Kind::kRelativeFile:
        files_.push_back({absl::StrCat(folder_, "/", stream.path), static_cast<uint64_t>(stream.size)});
        return;
      case StreamHandle::Kind::kFile:
        files_.push_back({stream.path, static_cast<uint64_t>(stream.size)});
        return;
      default:
        for (const StreamHandle& inner : stream.inner) Add(inner);
    }
  }
  void Add(const KeyedHandle& handle) {
    Add(handle.stream);
    for (const NamedStream& file : handle.shared) Add(file.stream);
    for (const NamedStream& file : handle.exclusive) Add(file.stream);
  }
  void Add(const SubtaskState& subtask) {
    Add(subtask.managed_keyed);
    Add(subtask.managed_operator.stream);
  }

  std::vector<ReferredFile> Take() { return std::move(files_); }

 private:
  const std::string folder_;
  std::vector<ReferredFile> files_;
};

}  // namespace

absl::StatusOr<std::vector<RetainedCheckpoint>> ReadRetained(absl::string_view record) {
  std::vector<RetainedCheckpoint> checkpoints;
  if (record.empty()) return checkpoints;
  // u8 version, u64 epoch, u64 write, u32 attempt, u32 parallelism, u64 last checkpoint, bool failed, then the retained.
  constexpr size_t kBefore = 1 + 8 + 8 + 4 + 4 + 8 + 1;
  ByteReader reader(record);
  (void)reader.Raw(kBefore);
  for (uint32_t left = reader.U32(); left > 0 && reader.ok(); --left) {
    RetainedCheckpoint checkpoint;
    checkpoint.id = reader.U64();
    checkpoint.folder = std::string(reader.Bytes());
    checkpoints.push_back(std::move(checkpoint));
  }
  WEIR_RETURN_IF_ERROR(reader.Finish());
  return checkpoints;
}

const absl::StatusOr<VersionedMetadata>& SharedMetadata::Read(absl::string_view path,
                                                              absl::string_view bytes) {
  if (path == path_ && bytes == bytes_) return read_;
  path_ = std::string(path);
  bytes_ = std::string(bytes);
  read_ = ReadMetadata(bytes_);
  if (!read_.ok()) read_ = absl::DataLossError(absl::StrCat(path, ": ", read_.status().message()));
  return read_;
}

absl::StatusOr<std::vector<ReferredFile>> FilesOf(const RetainedCheckpoint& checkpoint,
                                                  const Outside& outside) {
  const std::string path = absl::StrCat(checkpoint.folder, "/_metadata");
  const std::optional<absl::string_view> bytes = outside.Object(path);
  if (!bytes) return absl::NotFoundError(absl::StrCat(path, " is not in the object store"));
  const absl::StatusOr<VersionedMetadata>& metadata = outside.Shared<SharedMetadata>().Read(path, *bytes);
  if (!metadata.ok()) return metadata.status();
  FileLister lister(checkpoint.folder);
  lister.Add(StreamHandle::File(path, static_cast<int64_t>(bytes->size())));
  for (const OperatorState& state : metadata->metadata.operators) {
    for (const SubtaskState& subtask : state.subtasks) lister.Add(subtask);
  }
  return lister.Take();
}

std::string CheckpointsFolder(const JobShape& job) {
  return absl::StrCat(job.checkpoint_dir, "/", job.job_id, "/");
}

uint64_t MakerOf(const JobShape& job, absl::string_view key) {
  if (!absl::ConsumePrefix(&key, CheckpointsFolder(job))) return 0;
  if (!absl::ConsumePrefix(&key, "chk-") && !absl::ConsumePrefix(&key, "shared/")) return 0;
  uint64_t checkpoint = 0;
  return absl::SimpleAtoi(key.substr(0, key.find_first_of("/-")), &checkpoint) ? checkpoint : 0;
}

}  // namespace weir::properties
