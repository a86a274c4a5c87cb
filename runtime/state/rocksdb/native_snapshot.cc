#include "runtime/state/rocksdb/native_snapshot.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/stable_hash.h"
#include "runtime/base/status.h"
#include "runtime/state/canonical_writer.h"

namespace weir {
namespace {

constexpr absl::string_view kTableSuffix = ".sst";

// Flink reads it as a UUID.
std::string BackendIdOf(absl::string_view identity) {
  const std::string hex =
      absl::StrCat(absl::Hex(StableHash64(identity), absl::kZeroPad16),
                   absl::Hex(StableHash64(absl::StrCat(identity, "'")), absl::kZeroPad16));
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-", hex.substr(16, 4),
                      "-", hex.substr(20));
}

}  // namespace

NativeSnapshotWriter::NativeSnapshotWriter(RocksKeyedBackend& backend, const CheckpointRequest& request,
                                           const WitnessOf& witness)
    : backend_(backend),
      folder_(absl::StrCat(backend.options_.database.folder, "-chk-", request.checkpoint.value)),
      status_(Begin(request, witness)) {
  // After a flush that failed the database takes no writes and makes no files any more.
  if (!status_.ok()) backend_.SetError(status_);
}

NativeSnapshotWriter::~NativeSnapshotWriter() { backend_.folders_.insert(folder_); }

absl::Status NativeSnapshotWriter::Begin(const CheckpointRequest& request, const WitnessOf& witness) {
  WEIR_RETURN_IF_ERROR(backend_.Open());
  for (const std::string& folder : std::exchange(backend_.folders_, {})) {
    WEIR_RETURN_IF_ERROR(RocksDatabase::DeleteFolder(backend_.env_.disk, folder));
  }
  WEIR_ASSIGN_OR_RETURN(files_, backend_.database_->Checkpoint(folder_));
  NativeMeta meta;
  meta.header.key = backend_.key_type().Snapshot();
  for (const auto& [name, registered] : backend_.families_) meta.header.states.push_back(registered.meta);
  const CollectedWitness collected(backend_.range(), witness);
  for (uint32_t i = backend_.range().first; collected.is_on() && i <= backend_.range().last; ++i) {
    const KeyGroup group(static_cast<uint16_t>(i));
    if (!collected.Of(group).empty()) meta.witness.emplace_back(group, collected.Of(group));
  }
  NativeSnapshot& native = snapshot_.native.emplace();
  native.backend_id = BackendIdOf(backend_.options_.database.identity);
  UploadedTables::Handles tables;
  for (const RocksFile& file : files_) {
    meta.files.push_back({file.name, file.size, file.hash});
    NativeFile& planned = native.files.emplace_back();
    planned.name = file.name;
    planned.is_table = absl::EndsWith(file.name, kTableSuffix);
    is_stored_.push_back(false);
    if (!planned.is_table) continue;
    const auto size = static_cast<int64_t>(file.size);
    if (const StreamHandle* stored = backend_.uploaded_.Find(file.name)) {
      WEIR_CHECK(stored->size == size, "table ", file.name, " changed");
      planned.stream = *stored;
      is_stored_.back() = true;
    } else if (file.size > request.inline_max) {
      planned.stream = StreamHandle::File(absl::StrCat(request.shared_prefix, "-", file.name), size);
    }
    tables[file.name] = planned.stream;
  }
  // Known from now on, not only when it is stored: a checkpoint that is taken meanwhile must heed it.
  backend_.uploaded_.Add(request.checkpoint, std::move(tables));
  WEIR_ASSIGN_OR_RETURN(NativeMetaBytes bytes, WriteNativeMeta(meta));
  native.meta = std::move(bytes.bytes);
  snapshot_.unbilled = bytes.unbilled;
  snapshot_.stream.range = backend_.range();
  return absl::OkStatus();
}

absl::StatusOr<bool> NativeSnapshotWriter::Write(uint64_t /*entries*/) {
  WEIR_RETURN_IF_ERROR(status_);
  for (; next_ < files_.size(); ++next_) {
    NativeFile& file = snapshot_.native->files[next_];
    if (is_stored_[next_]) continue;
    WEIR_ASSIGN_OR_RETURN(file.bytes, RocksDatabase::ReadFile(backend_.env_.disk, folder_, files_[next_]));
    ++next_;
    return next_ == files_.size();
  }
  return true;
}

KeyedSnapshot NativeSnapshotWriter::Take() { return std::move(snapshot_); }

}  // namespace weir
