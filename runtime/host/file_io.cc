#include "runtime/host/file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace weir::host {
namespace {

// A descriptor that closes itself.
class File {
 public:
  File(const std::string& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace

absl::Status ErrnoStatus(absl::string_view operation, absl::string_view path) {
  const int error = errno;
  const std::string text = absl::StrCat(operation, " ", path, ": ", std::generic_category().message(error));
  switch (error) {
    case ENOENT:
      return absl::NotFoundError(text);
    case EEXIST:
      return absl::AlreadyExistsError(text);
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(text);
    case ENAMETOOLONG:
      return absl::InvalidArgumentError(text);
    default:
      return absl::UnavailableError(text);
  }
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const File file(path, O_RDONLY);
  if (file.fd() < 0) return ErrnoStatus("open", path);
  std::string bytes;
  char buffer[65'536];
  for (;;) {
    const ssize_t got = read(file.fd(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus("read", path);
    if (got == 0) return bytes;
    bytes.append(buffer, static_cast<size_t>(got));
  }
}

absl::StatusOr<std::string> ReadFileAt(const std::string& path, uint64_t offset, uint64_t length) {
  const File file(path, O_RDONLY);
  if (file.fd() < 0) return ErrnoStatus("open", path);
  std::string bytes;
  char buffer[65'536];
  while (length > 0) {
    const size_t wanted = static_cast<size_t>(std::min<uint64_t>(length, sizeof buffer));
    const ssize_t got = pread(file.fd(), buffer, wanted, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus("read", path);
    if (got == 0) break;
    bytes.append(buffer, static_cast<size_t>(got));
    offset += static_cast<uint64_t>(got);
    length -= static_cast<uint64_t>(got);
  }
  return bytes;
}

absl::StatusOr<uint64_t> FileSize(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return ErrnoStatus("stat", path);
  return static_cast<uint64_t>(found.st_size);
}

absl::Status WriteFile(const std::string& path, absl::string_view bytes, int flags, bool sync) {
  const File file(path, flags);
  if (file.fd() < 0) return ErrnoStatus("open", path);
  while (!bytes.empty()) {
    const ssize_t put = write(file.fd(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return ErrnoStatus("write", path);
    bytes.remove_prefix(static_cast<size_t>(put));
  }
  if (sync && fsync(file.fd()) != 0) return ErrnoStatus("fsync", path);
  return absl::OkStatus();
}

absl::Status SyncPath(const std::string& path) {
  const File file(path, O_RDONLY);
  if (file.fd() < 0) return ErrnoStatus("open", path);
  if (fsync(file.fd()) != 0) return ErrnoStatus("fsync", path);
  return absl::OkStatus();
}

}  // namespace weir::host
