#include "runtime/host/file_object_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/codec.h"
#include "runtime/base/stable_hash.h"
#include "runtime/base/status.h"
#include "runtime/host/file_io.h"
#include "runtime/host/file_name.h"

namespace weir::host {

namespace fs = std::filesystem;

namespace {

// Of the key, too: a file under another's name is damage.
uint64_t ChecksumOf(absl::string_view key, const Blob& blob) {
  return StableHash64(blob.bytes, StableHash64(key));
}

}  // namespace

FileObjectStore::FileObjectStore(Executor& executor, std::string folder)
    : executor_(executor), folder_(std::move(folder)) {
  std::error_code error;
  fs::create_directories(folder_, error);
  WEIR_CHECK(fs::is_directory(folder_, error), "cannot create folder ", folder_);
}

std::string FileObjectStore::PathOf(absl::string_view key) const {
  return absl::StrCat(folder_, "/", EscapeFileName(key));
}

void FileObjectStore::Put(ActorId actor, std::string key, const Blob& blob, PutMode mode, Done done) {
  WEIR_CHECK(blob.unbilled <= blob.bytes.size(), key);
  absl::Status status = PutNow(key, blob, mode);
  executor_.Post(actor, [done = std::move(done), status = std::move(status)]() mutable { done(status); });
}

void FileObjectStore::Get(ActorId actor, std::string key, Got got) {
  executor_.Post(actor, [got = std::move(got), blob = GetNow(key)]() mutable { got(std::move(blob)); });
}

void FileObjectStore::Delete(ActorId actor, std::string key, Done done) {
  absl::Status status;
  if (unlink(PathOf(key).c_str()) != 0 && errno != ENOENT) status = ErrnoStatus("delete", key);
  if (status.ok()) status = SyncPath(folder_);
  executor_.Post(actor, [done = std::move(done), status = std::move(status)]() mutable { done(status); });
}

void FileObjectStore::List(ActorId actor, std::string prefix, Listed listed) {
  executor_.Post(actor,
                 [listed = std::move(listed), keys = ListNow(prefix)]() mutable { listed(std::move(keys)); });
}

// A file is the number of unbilled bytes (u64), a checksum (u64), then the object.
absl::Status FileObjectStore::PutNow(absl::string_view key, const Blob& blob, PutMode mode) {
  const std::string path = PathOf(key);
  const std::string temporary = absl::StrCat(folder_, "/.", getpid(), "-", ++last_temporary_);
  ByteWriter writer;
  writer.U64(blob.unbilled);
  writer.U64(ChecksumOf(key, blob));
  writer.Raw(blob.bytes);
  WEIR_RETURN_IF_ERROR(WriteFile(temporary, writer.bytes(), O_WRONLY | O_CREAT | O_TRUNC, /*sync=*/true));
  absl::Status status;
  if (mode == PutMode::kOverwrite) {
    if (std::rename(temporary.c_str(), path.c_str()) != 0) status = ErrnoStatus("put", key);
  } else {
    if (link(temporary.c_str(), path.c_str()) != 0) status = ErrnoStatus("put", key);
  }
  unlink(temporary.c_str());  // gone already after a rename
  WEIR_RETURN_IF_ERROR(status);
  return SyncPath(folder_);
}

absl::StatusOr<Blob> FileObjectStore::GetNow(absl::string_view key) const {
  WEIR_ASSIGN_OR_RETURN(std::string bytes, ReadFile(PathOf(key)));
  ByteReader reader(bytes);
  Blob blob;
  blob.unbilled = reader.U64();
  const uint64_t checksum = reader.U64();
  if (reader.ok()) blob.bytes = bytes.substr(reader.offset());
  if (!reader.ok() || blob.unbilled > blob.bytes.size() || ChecksumOf(key, blob) != checksum) {
    return absl::DataLossError(absl::StrCat("object ", key, " is damaged: its checksum differs"));
  }
  return blob;
}

absl::StatusOr<std::vector<std::string>> FileObjectStore::ListNow(absl::string_view prefix) const {
  std::vector<std::string> keys;
  std::error_code error;
  for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    std::optional<std::string> key = UnescapeFileName(it->path().filename().string());
    if (absl::StartsWith(it->path().filename().string(), ".") || !key.has_value()) continue;
    if (absl::StartsWith(*key, prefix)) keys.push_back(std::move(*key));
  }
  if (error) return absl::UnavailableError(absl::StrCat("list ", folder_, ": ", error.message()));
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace weir::host
