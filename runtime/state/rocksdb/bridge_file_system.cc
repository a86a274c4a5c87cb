#include "runtime/state/rocksdb/bridge_file_system.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "runtime/state/rocksdb/rocksdb_compat.h"

namespace weir {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus ToIoStatus(const absl::Status& status, const std::string& path) {
  if (status.ok()) return IOStatus::OK();
  const std::string message(status.message());
  return absl::IsNotFound(status) ? IOStatus::PathNotFound(path, message) : IOStatus::IOError(path, message);
}

// Copies into `scratch`, which RocksDB reads even where a result elsewhere is allowed. It takes fewer bytes than it asked
// for as the end of the file, of which the caller knows that it has at least `size` bytes.
IOStatus ReadInto(EnvGate& gate, const std::string& path, uint64_t size, uint64_t offset, size_t length,
                  Slice* result, char* scratch) {
  *result = Slice();
  const absl::StatusOr<std::string> bytes =
      gate.Do([&](Env& env) { return env.disk.ReadAt(path, offset, length); });
  if (!bytes.ok()) return ToIoStatus(bytes.status(), path);
  const uint64_t wanted = offset < size ? std::min<uint64_t>(length, size - offset) : 0;
  if (bytes->size() < wanted) {
    return IOStatus::IOError(path, absl::StrCat("short read: ", bytes->size(), " of ", wanted, " bytes"));
  }
  std::copy(bytes->begin(), bytes->end(), scratch);
  *result = Slice(scratch, bytes->size());
  return IOStatus::OK();
}

}  // namespace

class BridgeFileSystem::SequentialFile final : public rocksdb::FSSequentialFile {
 public:
  SequentialFile(EnvGate& gate, std::string path, uint64_t size)
      : gate_(gate), path_(std::move(path)), size_(size) {}
  IOStatus Read(size_t length, const IOOptions&, Slice* result, char* scratch, IODebugContext*) override {
    IOStatus status = ReadInto(gate_, path_, size_, at_, length, result, scratch);
    at_ += result->size();
    return status;
  }
  IOStatus Skip(uint64_t bytes) override {
    at_ += bytes;
    return IOStatus::OK();
  }

 private:
  EnvGate& gate_;
  const std::string path_;
  const uint64_t size_;  // when it was opened
  uint64_t at_ = 0;
};

class BridgeFileSystem::RandomAccessFile final : public rocksdb::FSRandomAccessFile {
 public:
  RandomAccessFile(EnvGate& gate, std::string path, uint64_t size)
      : gate_(gate), path_(std::move(path)), size_(size) {}
  IOStatus Read(uint64_t offset, size_t length, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    return ReadInto(gate_, path_, size_, offset, length, result, scratch);
  }

 private:
  EnvGate& gate_;
  const std::string path_;
  const uint64_t size_;  // when it was opened
};

class BridgeFileSystem::WritableFile final : public rocksdb::FSWritableFile {
 public:
  using rocksdb::FSWritableFile::Append;
  WritableFile(BridgeFileSystem& files, const FileOptions& options, std::string path)
      : rocksdb::FSWritableFile(options), files_(files), path_(std::move(path)) {}

  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    const absl::string_view bytes(data.data(), data.size());
    const absl::Status status = files_.gate_.Do([&](Env& env) { return env.disk.Append(path_, bytes); });
    if (!status.ok()) return ToIoStatus(status, path_);
    size_ += bytes.size();
    files_.written_ += bytes.size();
    if (const auto found = files_.files_.find(path_); found != files_.files_.end() && found->second.hasher) {
      found->second.content.size = size_;
      found->second.hasher->Add(bytes);
    }
    return IOStatus::OK();
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    return ToIoStatus(files_.gate_.Do([&](Env& env) { return env.disk.Sync(path_); }), path_);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override {
    const auto found = files_.files_.find(path_);
    if (found != files_.files_.end() && found->second.hasher) {
      found->second.content.hash = found->second.hasher->hash();
      found->second.hasher.reset();
    }
    return IOStatus::OK();
  }
  bool IsSyncThreadSafe() const override { return true; }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return size_; }

 private:
  BridgeFileSystem& files_;
  const std::string path_;
  uint64_t size_ = 0;
};

class BridgeFileSystem::Directory final : public RocksDirectory {
 public:
  Directory(EnvGate& gate, std::string path) : gate_(gate), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return ToIoStatus(gate_.Do([](Env& env) { return env.disk.SyncNames(); }), path_);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  EnvGate& gate_;
  const std::string path_;
};

std::optional<BridgeFileSystem::Content> BridgeFileSystem::ContentOf(const std::string& path) const {
  const auto found = files_.find(path);
  if (found == files_.end()) return std::nullopt;
  const Written& file = found->second;
  return Content{file.content.size, file.hasher ? file.hasher->hash() : file.content.hash};
}

void BridgeFileSystem::SetContent(const std::string& path, Content content) {
  files_[path] = Written{content, std::nullopt};
}

IOStatus BridgeFileSystem::NewSequentialFile(const std::string& path, const FileOptions& options,
                                             std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                             IODebugContext* debug) {
  uint64_t size = 0;
  IOStatus status = GetFileSize(path, options.io_options, &size, debug);
  if (status.ok()) *result = std::make_unique<SequentialFile>(gate_, path, size);
  return status;
}

IOStatus BridgeFileSystem::NewRandomAccessFile(const std::string& path, const FileOptions& options,
                                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                               IODebugContext* debug) {
  uint64_t size = 0;
  IOStatus status = GetFileSize(path, options.io_options, &size, debug);
  if (status.ok()) *result = std::make_unique<RandomAccessFile>(gate_, path, size);
  last_opened_ = path;
  return status;
}

IOStatus BridgeFileSystem::NewWritableFile(const std::string& path, const FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                                           IODebugContext*) {
  if (absl::StrContains(path, "/OPTIONS-")) return IOStatus::IOError(path, "OPTIONS files are not kept");
  const absl::Status status = gate_.Do([&](Env& env) { return env.disk.Write(path, ""); });
  if (!status.ok()) return ToIoStatus(status, path);
  files_[path] = Written{{}, StableHasher64()};
  *result = std::make_unique<WritableFile>(*this, options, path);
  return IOStatus::OK();
}

IOStatus BridgeFileSystem::NewDirectory(const std::string& path, const IOOptions&,
                                        std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) {
  *result = std::make_unique<Directory>(gate_, path);
  return IOStatus::OK();
}

IOStatus BridgeFileSystem::FileExists(const std::string& path, const IOOptions&, IODebugContext*) {
  const absl::Status status = gate_.Do([&](Env& env) { return env.disk.Size(path).status(); });
  return absl::IsNotFound(status) ? IOStatus::NotFound(path) : ToIoStatus(status, path);
}

IOStatus BridgeFileSystem::GetChildren(const std::string& path, const IOOptions&,
                                       std::vector<std::string>* result, IODebugContext*) {
  result->clear();
  const std::string prefix = absl::EndsWith(path, "/") ? path : absl::StrCat(path, "/");
  const absl::StatusOr<std::vector<std::string>> names =
      gate_.Do([&](Env& env) { return env.disk.List(prefix); });
  if (!names.ok()) return ToIoStatus(names.status(), path);
  for (const std::string& name : *names) {
    const std::string rest = name.substr(prefix.size());
    if (!absl::StrContains(rest, '/')) result->push_back(rest);
  }
  return IOStatus::OK();
}

IOStatus BridgeFileSystem::DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) {
  const absl::Status status = gate_.Do([&](Env& env) { return env.disk.Delete(path); });
  if (status.ok()) files_.erase(path);
  return ToIoStatus(status, path);
}

IOStatus BridgeFileSystem::GetFileSize(const std::string& path, const IOOptions&, uint64_t* size,
                                       IODebugContext*) {
  const absl::StatusOr<uint64_t> found = gate_.Do([&](Env& env) { return env.disk.Size(path); });
  if (found.ok()) *size = *found;
  return ToIoStatus(found.status(), path);
}

IOStatus BridgeFileSystem::GetFileModificationTime(const std::string& path, const IOOptions&, uint64_t*,
                                                   IODebugContext*) {
  return IOStatus::NotSupported(path, "the disk keeps no times");
}

IOStatus BridgeFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                                      IODebugContext*) {
  const absl::Status status = gate_.Do([&](Env& env) { return env.disk.Rename(from, to); });
  if (status.ok()) {
    if (auto moved = files_.extract(from); !moved.empty()) files_[to] = std::move(moved.mapped());
  }
  return ToIoStatus(status, from);
}

IOStatus BridgeFileSystem::LinkFile(const std::string& from, const std::string& to, const IOOptions&,
                                    IODebugContext*) {
  const absl::Status status = gate_.Do([&](Env& env) { return env.disk.Link(from, to); });
  const std::optional<Content> content = ContentOf(from);
  if (status.ok() && content) SetContent(to, *content);
  return ToIoStatus(status, from);
}

IOStatus BridgeFileSystem::LockFile(const std::string&, const IOOptions&, rocksdb::FileLock** lock,
                                    IODebugContext*) {
  *lock = new rocksdb::FileLock;
  return IOStatus::OK();
}

IOStatus BridgeFileSystem::UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) {
  delete lock;
  return IOStatus::OK();
}

IOStatus BridgeFileSystem::GetAbsolutePath(const std::string& path, const IOOptions&, std::string* result,
                                           IODebugContext*) {
  *result = path;
  return IOStatus::OK();
}

IOStatus BridgeFileSystem::GetTestDirectory(const IOOptions&, std::string*, IODebugContext*) {
  return IOStatus::NotSupported("there is no folder for tests");
}

IOStatus BridgeFileSystem::NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>*,
                                     IODebugContext*) {
  return IOStatus::NotSupported("there are no logs");
}

IOStatus BridgeFileSystem::IsDirectory(const std::string&, const IOOptions&, bool* result, IODebugContext*) {
  *result = false;
  return IOStatus::OK();
}

}  // namespace weir
