#include "runtime/host/file_register.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/codec.h"
#include "runtime/base/status.h"
#include "runtime/host/file_io.h"
#include "runtime/host/file_name.h"

namespace weir::host {
namespace {

// Holds the lock of a folder while it lives.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder)
      : fd_(open(absl::StrCat(folder, "/.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)),
        is_held_(fd_ >= 0 && flock(fd_, LOCK_EX) == 0) {}
  ~FolderLock() {
    if (fd_ >= 0) close(fd_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  bool is_held() const { return is_held_; }

 private:
  const int fd_;
  const bool is_held_;
};

}  // namespace

FileRegister::FileRegister(Executor& executor, std::string folder)
    : executor_(executor), folder_(std::move(folder)) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  WEIR_CHECK(std::filesystem::is_directory(folder_, error), "cannot create folder ", folder_);
}

void FileRegister::Read(ActorId actor, std::string key, Got got) {
  executor_.Post(actor, [got = std::move(got), value = ReadNow(key)]() mutable { got(std::move(value)); });
}

void FileRegister::CompareAndSet(ActorId actor, std::string key, uint64_t expected, std::string value,
                                 Got got) {
  absl::StatusOr<Versioned> swapped = SwapNow(key, expected, std::move(value));
  executor_.Post(actor,
                 [got = std::move(got), swapped = std::move(swapped)]() mutable { got(std::move(swapped)); });
}

// A file is the version (u64), then the value. Files are replaced whole, so reading needs no lock.
absl::StatusOr<Versioned> FileRegister::ReadNow(absl::string_view key) const {
  const absl::StatusOr<std::string> bytes = ReadFile(absl::StrCat(folder_, "/", EscapeFileName(key)));
  if (absl::IsNotFound(bytes.status())) return Versioned();
  WEIR_RETURN_IF_ERROR(bytes.status());
  ByteReader reader(*bytes);
  Versioned versioned;
  versioned.version = reader.U64();
  if (!reader.ok()) return absl::DataLossError(absl::StrCat("register ", key, " is damaged"));
  versioned.value = std::string(reader.Raw(reader.remaining()));
  return versioned;
}

absl::StatusOr<Versioned> FileRegister::SwapNow(absl::string_view key, uint64_t expected, std::string value) {
  const FolderLock lock(folder_);
  if (!lock.is_held()) return ErrnoStatus("lock", folder_);
  WEIR_ASSIGN_OR_RETURN(Versioned versioned, ReadNow(key));
  if (versioned.version != expected) {
    return absl::AbortedError(
        absl::StrCat("register ", key, " has version ", versioned.version, ", not ", expected));
  }
  ++versioned.version;
  versioned.value = std::move(value);
  ByteWriter writer;
  writer.U64(versioned.version);
  writer.Raw(versioned.value);
  const std::string temporary = absl::StrCat(folder_, "/.new");  // one writer at a time: the lock is held
  WEIR_RETURN_IF_ERROR(WriteFile(temporary, writer.bytes(), O_WRONLY | O_CREAT | O_TRUNC, /*sync=*/true));
  const std::string path = absl::StrCat(folder_, "/", EscapeFileName(key));
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return ErrnoStatus("swap", key);
  WEIR_RETURN_IF_ERROR(SyncPath(folder_));
  return versioned;
}

}  // namespace weir::host
