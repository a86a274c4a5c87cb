// Licensed under the Apache License, Version 2.0.
//
// The few file operations that the host's stores share: whole files, with the errors of the machine
// as statuses (kNotFound, kAlreadyExists, kResourceExhausted for a full disk, else kUnavailable),
// each naming operation and path.
#ifndef WEIR_RUNTIME_HOST_FILE_IO_H_
#define WEIR_RUNTIME_HOST_FILE_IO_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace weir::host {

// The status of errno after `operation` on `path` failed.
absl::Status ErrnoStatus(absl::string_view operation, absl::string_view path);

absl::StatusOr<std::string> ReadFile(const std::string& path);

// The `length` bytes from `offset` on, or as many as there are.
absl::StatusOr<std::string> ReadFileAt(const std::string& path, uint64_t offset, uint64_t length);

absl::StatusOr<uint64_t> FileSize(const std::string& path);

// Opens with `flags` (O_WRONLY | ...), writes all, and with `sync` waits until it is durable.
absl::Status WriteFile(const std::string& path, absl::string_view bytes, int flags, bool sync);

// fsync of a file or folder.
absl::Status SyncPath(const std::string& path);

}  // namespace weir::host

#endif  // WEIR_RUNTIME_HOST_FILE_IO_H_
