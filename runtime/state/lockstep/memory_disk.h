// Licensed under the Apache License, Version 2.0.
//
// A disk in memory that never fails, but whose files may be looked at and changed.
#ifndef WEIR_RUNTIME_STATE_LOCKSTEP_MEMORY_DISK_H_
#define WEIR_RUNTIME_STATE_LOCKSTEP_MEMORY_DISK_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "runtime/env/local_store.h"

namespace weir {

class MemoryDisk : public LocalStore {
 public:
  std::map<std::string, std::string, std::less<>> files;  // by path

  absl::Status Append(absl::string_view path, absl::string_view bytes) override {
    files[std::string(path)].append(bytes.data(), bytes.size());
    return absl::OkStatus();
  }
  absl::Status Write(absl::string_view path, absl::string_view bytes) override {
    files[std::string(path)].assign(bytes.data(), bytes.size());
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> Read(absl::string_view path) override {
    return ReadAt(path, 0, std::string::npos);
  }
  absl::StatusOr<std::string> ReadAt(absl::string_view path, uint64_t offset, uint64_t length) override {
    const auto found = files.find(path);
    if (found == files.end()) return None(path);
    return offset >= found->second.size() ? std::string() : found->second.substr(offset, length);
  }
  absl::StatusOr<uint64_t> Size(absl::string_view path) override {
    const auto found = files.find(path);
    if (found == files.end()) return None(path);
    return found->second.size();
  }
  absl::Status Sync(absl::string_view) override { return absl::OkStatus(); }
  absl::Status SyncNames() override { return absl::OkStatus(); }
  absl::Status Rename(absl::string_view from, absl::string_view to) override {
    const auto found = files.find(from);
    if (found == files.end()) return None(from);
    std::string bytes = std::move(found->second);
    files.erase(found);
    files[std::string(to)] = std::move(bytes);
    return absl::OkStatus();
  }
  // A copy: neither of the two names is written to again.
  absl::Status Link(absl::string_view from, absl::string_view to) override {
    const auto found = files.find(from);
    if (found == files.end()) return None(from);
    if (!files.emplace(to, found->second).second) return absl::AlreadyExistsError(to);
    return absl::OkStatus();
  }
  absl::Status Delete(absl::string_view path) override {
    const auto found = files.find(path);
    if (found == files.end()) return None(path);
    files.erase(found);
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<std::string>> List(absl::string_view prefix) override {
    std::vector<std::string> found;
    for (auto at = files.lower_bound(prefix); at != files.end() && absl::StartsWith(at->first, prefix); ++at)
      found.push_back(at->first);
    return found;
  }

 private:
  static absl::Status None(absl::string_view path) {
    return absl::NotFoundError(absl::StrCat("no file ", path));
  }
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_LOCKSTEP_MEMORY_DISK_H_
