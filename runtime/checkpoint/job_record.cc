#include "runtime/checkpoint/job_record.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "runtime/base/codec.h"

namespace weir {
namespace {

constexpr uint8_t kRecordVersion = 2;

}  // namespace

std::string JobRecord::Encode() const {
  ByteWriter writer;
  writer.U8(kRecordVersion);
  writer.U64(epoch);
  writer.U64(write);
  writer.U32(attempt.value);
  writer.U32(parallelism);
  writer.U64(last_checkpoint.value);
  writer.Bool(failed);
  writer.U32(static_cast<uint32_t>(retained.size()));
  for (const CheckpointPointer& pointer : retained) {
    writer.U64(pointer.id.value);
    writer.Bytes(pointer.path);
  }
  return writer.Take();
}

absl::StatusOr<JobRecord> JobRecord::Decode(absl::string_view bytes) {
  JobRecord record;
  if (bytes.empty()) return record;
  ByteReader reader(bytes);
  if (reader.U8() != kRecordVersion) reader.Invalidate("job record version");
  record.epoch = reader.U64();
  record.write = reader.U64();
  record.attempt = Attempt(reader.U32());
  record.parallelism = reader.U32();
  record.last_checkpoint = CheckpointId(reader.U64());
  record.failed = reader.Bool();
  const uint32_t count = reader.U32();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    CheckpointPointer pointer;
    pointer.id = CheckpointId(reader.U64());
    pointer.path = std::string(reader.Bytes());
    const bool ascends = record.retained.empty() || record.retained.back().id < pointer.id;
    if (!ascends || pointer.id > record.last_checkpoint) reader.Invalidate("retained checkpoint");
    record.retained.push_back(std::move(pointer));
  }
  if (absl::Status status = reader.Finish(); !status.ok()) return status;
  return record;
}

std::string JobRecordKey(absl::string_view job_id) { return absl::StrCat(job_id, "/checkpoints"); }

std::string CheckpointsPrefix(absl::string_view checkpoint_dir, absl::string_view job_id) {
  return absl::StrCat(checkpoint_dir, "/", job_id, "/chk-");
}

std::string CheckpointPath(absl::string_view checkpoint_dir, absl::string_view job_id,
                           CheckpointId checkpoint) {
  return absl::StrCat(CheckpointsPrefix(checkpoint_dir, job_id), checkpoint.value);
}

std::string MetadataPath(absl::string_view checkpoint_path) {
  return absl::StrCat(checkpoint_path, "/_metadata");
}

CheckpointId CheckpointOfKey(absl::string_view prefix, absl::string_view key) {
  if (!absl::ConsumePrefix(&key, prefix)) return CheckpointId();
  const size_t slash = key.find('/');
  uint64_t id = 0;
  if (slash == absl::string_view::npos || !absl::SimpleAtoi(key.substr(0, slash), &id)) return CheckpointId();
  return CheckpointId(id);
}

std::string SharedPrefix(absl::string_view job_path) { return absl::StrCat(job_path, "/shared/"); }

std::string SharedPrefix(absl::string_view job_path, CheckpointId creator) {
  return absl::StrCat(SharedPrefix(job_path), creator.value, "-");
}

CheckpointId CreatorOfShared(absl::string_view job_path, absl::string_view key) {
  if (!absl::ConsumePrefix(&key, SharedPrefix(job_path))) return CheckpointId();
  const size_t dash = key.find('-');
  uint64_t id = 0;
  if (dash == absl::string_view::npos || !absl::SimpleAtoi(key.substr(0, dash), &id)) return CheckpointId();
  return CheckpointId(id);
}

}  // namespace weir
