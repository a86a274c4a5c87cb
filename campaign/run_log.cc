#include "campaign/run_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "campaign/files.h"
#include "runtime/base/codec.h"
#include "runtime/base/status.h"

namespace weir::campaign {
namespace {

constexpr absl::string_view kMagic = "weir runs 2\n";
// type, length, hash.
constexpr size_t kFrame = 1 + 4 + 8;

std::string FirstDifference(absl::string_view there, absl::string_view here) {
  const std::vector<absl::string_view> left = absl::StrSplit(there, '\n');
  const std::vector<absl::string_view> right = absl::StrSplit(here, '\n');
  for (size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    const absl::string_view a = i < left.size() ? left[i] : "";
    const absl::string_view b = i < right.size() ? right[i] : "";
    if (a != b) return absl::StrCat("there '", a, "', here '", b, "'");
  }
  return "no line";
}

}  // namespace

absl::StatusOr<std::unique_ptr<RunLog>> RunLog::OpenFile(const std::string& path, int flags) {
  const int file = open(path.c_str(), flags | O_RDWR | O_CLOEXEC, 0644);
  if (file < 0) {
    const std::string message = absl::StrCat("cannot open '", path, "': ", SystemText(errno));
    return errno == ENOENT ? absl::NotFoundError(message) : absl::InvalidArgumentError(message);
  }
  std::unique_ptr<RunLog> log = absl::WrapUnique(new RunLog(path, file));
  // A lock of this process alone: its workers do not inherit it.
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (fcntl(file, F_SETLK, &lock) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("another campaign is writing '", path, "'"));
  }
  return log;
}

absl::StatusOr<std::unique_ptr<RunLog>> RunLog::Create(const std::string& path, absl::string_view spec) {
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<RunLog> log, OpenFile(path, O_CREAT));
  // Not before the lock is ours.
  if (ftruncate(log->file_, 0) != 0 || write(log->file_, kMagic.data(), kMagic.size()) < 0) {
    return absl::InvalidArgumentError(absl::StrCat("cannot write '", path, "': ", SystemText(errno)));
  }
  WEIR_RETURN_IF_ERROR(log->AppendEntry(Entry::kSpec, spec));
  return log;
}

absl::StatusOr<std::unique_ptr<RunLog>> RunLog::Open(const std::string& path, absl::string_view spec) {
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<RunLog> log, OpenFile(path, 0));
  WEIR_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  WEIR_RETURN_IF_ERROR(WithContext(log->Load(content, spec), path));
  return log;
}

RunLog::~RunLog() { close(file_); }

absl::Status RunLog::Load(absl::string_view content, absl::string_view spec) {
  if (content.substr(0, kMagic.size()) != kMagic) {
    // Killed before its first line was whole: as good as new.
    if (content != kMagic.substr(0, content.size())) return absl::DataLossError("this is no file of runs");
    content = {};
  }
  size_t whole = content.empty() ? 0 : kMagic.size();
  while (content.size() - whole >= kFrame) {
    ByteReader frame(content.substr(whole, kFrame));
    const uint8_t type = frame.U8();
    const uint32_t length = frame.U32();
    const uint64_t hash = frame.U64();
    if (content.size() - whole - kFrame < length) break;
    const absl::string_view payload = content.substr(whole + kFrame, length);
    if (StableHash64(payload, type) != hash) {
      return absl::DataLossError(absl::StrCat("damaged at byte ", whole));
    }
    WEIR_RETURN_IF_ERROR(LoadEntry(static_cast<Entry>(type), payload, spec));
    whole += kFrame + length;
  }
  const bool has_spec = whole > kMagic.size();
  if (!has_spec) whole = 0;
  if (ftruncate(file_, static_cast<off_t>(whole)) != 0 || lseek(file_, 0, SEEK_END) < 0) {
    return absl::InvalidArgumentError(SystemText(errno));
  }
  if (has_spec) return absl::OkStatus();
  if (write(file_, kMagic.data(), kMagic.size()) < 0) return absl::InvalidArgumentError(SystemText(errno));
  return AppendEntry(Entry::kSpec, spec);
}

absl::Status RunLog::LoadEntry(Entry type, absl::string_view payload, absl::string_view spec) {
  switch (type) {
    case Entry::kSpec:
      if (payload == spec) return absl::OkStatus();
      return absl::InvalidArgumentError(
          absl::StrCat("these are runs of another campaign: ", FirstDifference(payload, spec)));
    case Entry::kClaim: {
      ByteReader in(payload);
      std::string scenario(in.Bytes());
      std::string property(in.Bytes());
      claims_[{std::move(scenario), std::move(property)}] = std::string(in.Bytes());
      return in.Finish();
    }
    case Entry::kRun: {
      WEIR_ASSIGN_OR_RETURN(RunRecord record, RunRecord::Decode(payload));
      records_.push_back(std::move(record));
      return absl::OkStatus();
    }
  }
  return absl::DataLossError("an entry of no known kind");
}

absl::Status RunLog::Append(const RunRecord& record) { return AppendEntry(Entry::kRun, record.Encode()); }

absl::Status RunLog::AppendClaim(const std::string& scenario, const std::string& property,
                                 const std::string& claim) {
  if (!claims_.emplace(std::make_pair(scenario, property), claim).second) return absl::OkStatus();
  ByteWriter out;
  out.Bytes(scenario);
  out.Bytes(property);
  out.Bytes(claim);
  return AppendEntry(Entry::kClaim, out.bytes());
}

absl::Status RunLog::AppendEntry(Entry type, absl::string_view payload) {
  ByteWriter out;
  out.U8(static_cast<uint8_t>(type));
  out.U32(static_cast<uint32_t>(payload.size()));
  out.U64(StableHash64(payload, static_cast<uint64_t>(type)));
  out.Raw(payload);
  // One call, so that what a kill leaves is a beginning of the entry.
  absl::string_view rest = out.bytes();
  while (!rest.empty()) {
    const ssize_t written = write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      return absl::InvalidArgumentError(absl::StrCat("cannot write '", path_, "': ", SystemText(errno)));
    }
    rest.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

}  // namespace weir::campaign
