// Licensed under the Apache License, Version 2.0.
//
// A disk in memory that fails only when it is told to be full, and whose files a test may change.
#ifndef WEIR_TESTS_STATE_MEMORY_DISK_H_
#define WEIR_TESTS_STATE_MEMORY_DISK_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "runtime/env/local_store.h"

namespace weir {

class MemoryDisk : public LocalStore {
 public:
  // By path; two names of one file share its content.
  std::map<std::string, std::shared_ptr<std::string>, std::less<>> files;

  bool is_full = false;

  absl::Status Append(absl::string_view path, absl::string_view bytes) override {
    if (is_full) return absl::ResourceExhaustedError("the disk is full");
    At(path).append(bytes.data(), bytes.size());
    return absl::OkStatus();
  }
  absl::Status Write(absl::string_view path, absl::string_view bytes) override {
    if (is_full) return absl::ResourceExhaustedError("the disk is full");
    At(path).assign(bytes.data(), bytes.size());
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> Read(absl::string_view path) override {
    const auto found = files.find(path);
    if (found == files.end()) return None(path);
    return *found->second;
  }
  absl::StatusOr<std::string> ReadAt(absl::string_view path, uint64_t offset, uint64_t length) override {
    const auto found = files.find(path);
    if (found == files.end()) return None(path);
    return offset >= found->second->size() ? std::string() : found->second->substr(offset, length);
  }
  absl::StatusOr<uint64_t> Size(absl::string_view path) override {
    const auto found = files.find(path);
    if (found == files.end()) return None(path);
    return found->second->size();
  }
  absl::Status Sync(absl::string_view) override { return absl::OkStatus(); }
  absl::Status SyncNames() override { return absl::OkStatus(); }
  absl::Status Rename(absl::string_view from, absl::string_view to) override {
    const auto found = files.find(from);
    if (found == files.end()) return None(from);
    std::shared_ptr<std::string> file = std::move(found->second);
    files.erase(found);
    files[std::string(to)] = std::move(file);
    return absl::OkStatus();
  }
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
    for (const auto& [path, file] : files) {
      if (absl::StartsWith(path, prefix)) found.push_back(path);
    }
    return found;
  }

 private:
  static absl::Status None(absl::string_view path) {
    return absl::NotFoundError(absl::StrCat("no file ", path));
  }
  std::string& At(absl::string_view path) {
    std::shared_ptr<std::string>& file = files[std::string(path)];
    if (file == nullptr) file = std::make_shared<std::string>();
    return *file;
  }
};

}  // namespace weir

#endif  // WEIR_TESTS_STATE_MEMORY_DISK_H_
