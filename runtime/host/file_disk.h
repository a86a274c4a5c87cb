// Licensed under the Apache License, Version 2.0.
//
// LocalStore on a folder of the machine. Durability is the kernel's: fsync of files, and of the
// folders for names.
#ifndef WEIR_RUNTIME_HOST_FILE_DISK_H_
#define WEIR_RUNTIME_HOST_FILE_DISK_H_

#include <set>
#include <string>

#include "runtime/env/local_store.h"

namespace weir::host {

class FileDisk : public LocalStore {
 public:
  // `root` is created if there is none.
  explicit FileDisk(std::string root);

  // kInvalidArgument, from every call: an empty path, one that begins or ends with '/', or a part
  // that is ".." or ".".
  absl::Status Append(absl::string_view path, absl::string_view bytes) override;
  absl::Status Write(absl::string_view path, absl::string_view bytes) override;
  absl::StatusOr<std::string> Read(absl::string_view path) override;
  absl::StatusOr<std::string> ReadAt(absl::string_view path, uint64_t offset, uint64_t length) override;
  absl::StatusOr<uint64_t> Size(absl::string_view path) override;
  absl::Status Sync(absl::string_view path) override;
  absl::Status SyncNames() override;
  absl::Status Rename(absl::string_view from, absl::string_view to) override;
  absl::Status Link(absl::string_view from, absl::string_view to) override;
  absl::Status Delete(absl::string_view path) override;
  absl::StatusOr<std::vector<std::string>> List(absl::string_view prefix) override;

 private:
  absl::StatusOr<std::string> FullPath(absl::string_view path) const;
  absl::Status MakeFolders(absl::string_view path);
  void NoteFolder(absl::string_view path);
  absl::Status Put(absl::string_view path, absl::string_view bytes, int flags);

  const std::string root_;
  std::set<std::string> changed_folders_;  // full paths, since the last SyncNames
};

}  // namespace weir::host

#endif  // WEIR_RUNTIME_HOST_FILE_DISK_H_
