// Licensed under the Apache License, Version 2.0.
//
// The disk of a node: synchronous, its time charged to the running handler. Paths are plain names with '/' between
// folders; folders need not be created. What a crash leaves:
//   * bytes that Sync covered, in files whose name SyncNames covered, for certain;
//   * of bytes written since, any subset of whole sectors (512 bytes), the rest reading as zeroes or missing;
//   * of created, linked, renamed and deleted names since, any subset, each whole.
#ifndef WEIR_RUNTIME_ENV_LOCAL_STORE_H_
#define WEIR_RUNTIME_ENV_LOCAL_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace weir {

class LocalStore {
 public:
  virtual ~LocalStore() = default;
  // Appends; creates the file if there is none. kResourceExhausted: the disk is full, and a prefix may be written.
  virtual absl::Status Append(absl::string_view path, absl::string_view bytes) = 0;
  // Replaces the whole content (not atomically: write, sync, rename for that).
  virtual absl::Status Write(absl::string_view path, absl::string_view bytes) = 0;
  // kNotFound; kDataLoss or kUnavailable when the disk fails. A disk at fault may also return other bits than were
  // written, or fewer bytes (a beginning of them): who relies on them compares.
  virtual absl::StatusOr<std::string> Read(absl::string_view path) = 0;
  // The `length` bytes from `offset` on, or as many as there are.
  virtual absl::StatusOr<std::string> ReadAt(absl::string_view path, uint64_t offset, uint64_t length) = 0;
  virtual absl::StatusOr<uint64_t> Size(absl::string_view path) = 0;
  virtual absl::Status Sync(absl::string_view path) = 0;
  // Makes creations, links, renames and deletions durable (fsync of the folders).
  virtual absl::Status SyncNames() = 0;
  // Replaces `to` atomically.
  virtual absl::Status Rename(absl::string_view from, absl::string_view to) = 0;
  // Gives the file a second name; the bytes go with the last one. kAlreadyExists: `to` is there.
  // REQUIRES: neither name is written to again.
  virtual absl::Status Link(absl::string_view from, absl::string_view to) = 0;
  virtual absl::Status Delete(absl::string_view path) = 0;
  // Paths that begin with `prefix`, sorted.
  virtual absl::StatusOr<std::vector<std::string>> List(absl::string_view prefix) = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_ENV_LOCAL_STORE_H_
