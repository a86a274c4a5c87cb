#include "sim/disk_handle.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "runtime/base/stable_hash.h"
#include "runtime/base/status.h"
#include "sim/sim_process.h"

namespace weir::sim {
namespace {

bool IsGoodPath(absl::string_view path) {
  if (path.empty()) return false;
  for (absl::string_view part : absl::StrSplit(path, '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

}  // namespace

absl::Status DiskHandle::Begin(Duration cost) {
  if (process_.is_fenced()) return absl::AbortedError("this process is dead");
  process_.Charge(cost);
  if (disk_.is_failing()) return absl::UnavailableError("disk error");
  return absl::OkStatus();
}

absl::Status DiskHandle::BeginOn(absl::string_view path, Duration cost) {
  if (!IsGoodPath(path)) return absl::InvalidArgumentError(absl::StrCat("not a path: '", path, "'"));
  return Begin(cost);
}

absl::Status DiskHandle::BeginOnFile(absl::string_view path, Duration cost) {
  WEIR_RETURN_IF_ERROR(BeginOn(path, cost));
  return disk_.Exists(path) ? absl::OkStatus() : absl::NotFoundError(absl::StrCat("no file ", path));
}

absl::Status DiskHandle::Put(absl::string_view path, absl::string_view bytes, bool replaces) {
  WEIR_RETURN_IF_ERROR(BeginOn(path, disk_.AccessCost(bytes.size())));
  const uint64_t size = disk_.SizeOf(path);
  WEIR_RETURN_IF_ERROR(process_.Reach(
      events::DiskWritten(StableHash64(path), replaces ? 0 : size, bytes.size(), StableHash64(bytes))));
  const absl::string_view fitting = bytes.substr(0, disk_.Room(bytes.size(), replaces ? size : 0));
  if (replaces) {
    disk_.Write(path, fitting, process_.Now(), process_.world_now());
  } else {
    disk_.Append(path, fitting, process_.Now(), process_.world_now());
  }
  if (fitting.size() == bytes.size()) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("disk full: ", fitting.size(), " of ", bytes.size(), " bytes written to ", path));
}

absl::Status DiskHandle::Append(absl::string_view path, absl::string_view bytes) {
  return Put(path, bytes, false);
}

absl::Status DiskHandle::Write(absl::string_view path, absl::string_view bytes) {
  return Put(path, bytes, true);
}

absl::StatusOr<std::string> DiskHandle::Read(absl::string_view path) {
  return ReadAt(path, 0, disk_.SizeOf(path));
}

absl::StatusOr<std::string> DiskHandle::ReadAt(absl::string_view path, uint64_t offset, uint64_t length) {
  const uint64_t size = disk_.SizeOf(path);
  const uint64_t bytes = disk_.Readable(offset < size ? std::min(length, size - offset) : 0);
  WEIR_RETURN_IF_ERROR(BeginOnFile(path, disk_.AccessCost(static_cast<size_t>(bytes))));
  WEIR_RETURN_IF_ERROR(process_.Reach(events::DiskRead(StableHash64(path), offset, bytes)));
  if (bytes == 0) return std::string();
  return disk_.Read(path).substr(static_cast<size_t>(offset), static_cast<size_t>(bytes));
}

absl::StatusOr<uint64_t> DiskHandle::Size(absl::string_view path) {
  WEIR_RETURN_IF_ERROR(BeginOnFile(path, disk_.AccessCost(0)));
  return disk_.SizeOf(path);
}

absl::Status DiskHandle::Sync(absl::string_view path) {
  WEIR_RETURN_IF_ERROR(BeginOnFile(path, disk_.SyncCost()));
  WEIR_RETURN_IF_ERROR(process_.Reach(events::DiskSynced(StableHash64(path), disk_.SizeOf(path))));
  disk_.Sync(path, process_.Now(), process_.world_now());
  return absl::OkStatus();
}

absl::Status DiskHandle::SyncNames() {
  WEIR_RETURN_IF_ERROR(Begin(disk_.SyncCost()));
  WEIR_RETURN_IF_ERROR(process_.Reach(events::DiskSynced(0, 0)));
  disk_.SyncNames(process_.Now(), process_.world_now());
  return absl::OkStatus();
}

absl::Status DiskHandle::Rename(absl::string_view from, absl::string_view to) {
  WEIR_RETURN_IF_ERROR(BeginOnFile(from, disk_.AccessCost(0)));
  if (!IsGoodPath(to)) return absl::InvalidArgumentError(absl::StrCat("not a path: '", to, "'"));
  WEIR_RETURN_IF_ERROR(process_.Reach(events::DiskRenamed(StableHash64(from), StableHash64(to))));
  disk_.Rename(from, to, process_.Now(), process_.world_now());
  return absl::OkStatus();
}

absl::Status DiskHandle::Link(absl::string_view from, absl::string_view to) {
  WEIR_RETURN_IF_ERROR(BeginOnFile(from, disk_.AccessCost(0)));
  if (!IsGoodPath(to)) return absl::InvalidArgumentError(absl::StrCat("not a path: '", to, "'"));
  if (disk_.Exists(to)) return absl::AlreadyExistsError(absl::StrCat("there is a file ", to));
  WEIR_RETURN_IF_ERROR(process_.Reach(events::DiskLinked(StableHash64(from), StableHash64(to))));
  disk_.Link(from, to, process_.Now(), process_.world_now());
  return absl::OkStatus();
}

absl::Status DiskHandle::Delete(absl::string_view path) {
  WEIR_RETURN_IF_ERROR(BeginOnFile(path, disk_.AccessCost(0)));
  WEIR_RETURN_IF_ERROR(process_.Reach(events::DiskDeleted(StableHash64(path))));
  disk_.Delete(path, process_.Now(), process_.world_now());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> DiskHandle::List(absl::string_view prefix) {
  WEIR_RETURN_IF_ERROR(Begin(disk_.AccessCost(0)));
  return disk_.List(prefix);
}

}  // namespace weir::sim
