#include "runtime/host/file_disk.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/host/file_io.h"

namespace weir::host {

namespace fs = std::filesystem;

FileDisk::FileDisk(std::string root) : root_(std::move(root)) {
  std::error_code error;
  fs::create_directories(root_, error);
  WEIR_CHECK(fs::is_directory(root_, error), "cannot create folder ", root_);
}

absl::StatusOr<std::string> FileDisk::FullPath(absl::string_view path) const {
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    if (part.empty() || part == "." || part == "..") {
      return absl::InvalidArgumentError(absl::StrCat("not a path of this disk: '", path, "'"));
    }
  }
  return absl::StrCat(root_, "/", path);
}

absl::Status FileDisk::MakeFolders(absl::string_view path) {
  std::string folder = root_;
  const std::vector<absl::string_view> parts = absl::StrSplit(path, '/');
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    std::error_code error;
    const std::string parent = folder;
    absl::StrAppend(&folder, "/", parts[i]);
    if (fs::create_directory(folder, error)) changed_folders_.insert(parent);
    if (error) return absl::UnavailableError(absl::StrCat("create folder ", folder, ": ", error.message()));
  }
  return absl::OkStatus();
}

void FileDisk::NoteFolder(absl::string_view path) {
  const size_t slash = path.rfind('/');
  changed_folders_.insert(slash == absl::string_view::npos ? root_
                                                           : absl::StrCat(root_, "/", path.substr(0, slash)));
}

absl::Status FileDisk::Put(absl::string_view path, absl::string_view bytes, int flags) {
  WEIR_ASSIGN_OR_RETURN(const std::string full, FullPath(path));
  WEIR_RETURN_IF_ERROR(MakeFolders(path));
  NoteFolder(path);
  return WriteFile(full, bytes, O_WRONLY | O_CREAT | flags, /*sync=*/false);
}

absl::Status FileDisk::Append(absl::string_view path, absl::string_view bytes) {
  return Put(path, bytes, O_APPEND);
}

absl::Status FileDisk::Write(absl::string_view path, absl::string_view bytes) {
  return Put(path, bytes, O_TRUNC);
}

absl::StatusOr<std::string> FileDisk::Read(absl::string_view path) {
  WEIR_ASSIGN_OR_RETURN(const std::string full, FullPath(path));
  return ReadFile(full);
}

absl::StatusOr<std::string> FileDisk::ReadAt(absl::string_view path, uint64_t offset, uint64_t length) {
  WEIR_ASSIGN_OR_RETURN(const std::string full, FullPath(path));
  return ReadFileAt(full, offset, length);
}

absl::StatusOr<uint64_t> FileDisk::Size(absl::string_view path) {
  WEIR_ASSIGN_OR_RETURN(const std::string full, FullPath(path));
  return FileSize(full);
}

absl::Status FileDisk::Sync(absl::string_view path) {
  WEIR_ASSIGN_OR_RETURN(const std::string full, FullPath(path));
  return SyncPath(full);
}

absl::Status FileDisk::SyncNames() {
  for (const std::string& folder : changed_folders_) WEIR_RETURN_IF_ERROR(SyncPath(folder));
  changed_folders_.clear();
  return absl::OkStatus();
}

absl::Status FileDisk::Rename(absl::string_view from, absl::string_view to) {
  WEIR_ASSIGN_OR_RETURN(const std::string full_from, FullPath(from));
  WEIR_ASSIGN_OR_RETURN(const std::string full_to, FullPath(to));
  WEIR_RETURN_IF_ERROR(MakeFolders(to));
  if (std::rename(full_from.c_str(), full_to.c_str()) != 0) return ErrnoStatus("rename", full_from);
  NoteFolder(from);
  NoteFolder(to);
  return absl::OkStatus();
}

absl::Status FileDisk::Link(absl::string_view from, absl::string_view to) {
  WEIR_ASSIGN_OR_RETURN(const std::string full_from, FullPath(from));
  WEIR_ASSIGN_OR_RETURN(const std::string full_to, FullPath(to));
  WEIR_RETURN_IF_ERROR(MakeFolders(to));
  if (link(full_from.c_str(), full_to.c_str()) != 0) {
    return ErrnoStatus(absl::StrCat("link to ", full_to, " of"), full_from);
  }
  NoteFolder(to);
  return absl::OkStatus();
}

absl::Status FileDisk::Delete(absl::string_view path) {
  WEIR_ASSIGN_OR_RETURN(const std::string full, FullPath(path));
  if (unlink(full.c_str()) != 0) return ErrnoStatus("delete", full);
  NoteFolder(path);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> FileDisk::List(absl::string_view prefix) {
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator it(root_, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (!it->is_regular_file(ignored)) continue;
    std::string path = it->path().string().substr(root_.size() + 1);
    if (absl::StartsWith(path, prefix)) paths.push_back(std::move(path));
  }
  if (error) return absl::UnavailableError(absl::StrCat("list ", root_, ": ", error.message()));
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace weir::host
