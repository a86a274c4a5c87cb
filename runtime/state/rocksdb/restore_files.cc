// A RocksDB backend's way back from the files of a database.
#include <rocksdb/db.h>

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "runtime/base/check.h"
#include "runtime/base/stable_hash.h"
#include "runtime/base/status.h"
#include "runtime/state/rocksdb/rocks_keyed_backend.h"
#include "runtime/state/state_schema.h"

namespace weir {
namespace {

constexpr absl::string_view kDefaultFamily = "default";

// Its column families must be the states that the snapshot describes.
absl::Status CheckFamilies(const RocksDatabase& database, const KeyedStateHeader& header) {
  std::vector<std::string> wanted{std::string(kDefaultFamily)};
  for (const StateMeta& meta : header.states) wanted.push_back(meta.name);
  std::sort(wanted.begin(), wanted.end());
  const std::vector<std::string> found = database.FamilyNames();
  if (found == wanted) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the database has ", found.size(),
                                          " column families, not those of the ", header.states.size(),
                                          " states of the snapshot"));
}

// RocksDB knows the files by their names on the disk, and this is all that it says.
absl::Status WithOrigin(const absl::Status& status, const KeyedHandle& handle, const NativeMeta& meta) {
  if (status.ok()) return status;
  std::vector<std::string> states;
  for (const StateMeta& state : meta.header.states) states.push_back(state.name);
  std::string message = absl::StrCat("states ", absl::StrJoin(states, ", "), ": ", status.message());
  for (const auto* list : {&handle.shared, &handle.exclusive}) {
    for (const NamedStream& file : *list) {
      if (!absl::StrContains(status.message(), absl::StrCat("/", file.local_name))) continue;
      absl::StrAppend(&message, "; ", file.local_name, " is ", file.stream.Place());
    }
  }
  return absl::Status(status.code(), message);
}

}  // namespace

absl::Status RocksKeyedBackend::RestoreFiles(const KeyedHandle& handle, const BytesOfFile& bytes_of,
                                             const RestoreWitness& witness) {
  const KeyGroupRange mine = range().Intersect(handle.range());
  if (mine.empty()) return absl::OkStatus();
  WEIR_ASSIGN_OR_RETURN(const std::string bytes, bytes_of(handle.stream));
  WEIR_ASSIGN_OR_RETURN(const NativeMeta meta, ReadNativeMeta(bytes));
  WEIR_RETURN_IF_ERROR(CheckKeyType(key_type(), meta.header.key));
  WEIR_RETURN_IF_ERROR(database_ == nullptr ? TakeOverFiles(handle, meta, bytes_of)
                                            : CopyFromFiles(handle, meta, bytes_of));
  if (witness == nullptr) return absl::OkStatus();
  for (const auto& [group, entries] : meta.witness) {
    if (range().Contains(group)) WEIR_RETURN_IF_ERROR(witness(entries));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<RocksFile>> RocksKeyedBackend::PlaceFiles(const KeyedHandle& handle,
                                                                     const NativeMeta& meta,
                                                                     const BytesOfFile& bytes_of,
                                                                     const std::string& folder) {
  std::map<std::string, RocksFile> recorded;
  for (const NativeMeta::File& file : meta.files) recorded[file.name] = {file.name, file.size, file.hash};
  std::vector<RocksFile> files;
  for (const auto* list : {&handle.shared, &handle.exclusive}) {
    for (const NamedStream& named : *list) {
      WEIR_ASSIGN_OR_RETURN(const std::string bytes, bytes_of(named.stream));
      const RocksFile arrived{named.local_name, bytes.size(), StableHash64(bytes)};
      // Flink records nothing.
      if (!meta.files.empty() && recorded[named.local_name] != arrived) {
        return absl::DataLossError(absl::StrCat("file ", named.local_name, " (", named.stream.path,
                                                ") is not what was written: ", bytes.size(), " bytes, ",
                                                recorded[named.local_name].size, " were recorded"));
      }
      WEIR_RETURN_IF_ERROR(env_.disk.Write(absl::StrCat(folder, "/", named.local_name), bytes));
      files.push_back(arrived);
    }
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

// The database goes on where the old one was.
absl::Status RocksKeyedBackend::TakeOverFiles(const KeyedHandle& handle, const NativeMeta& meta,
                                              const BytesOfFile& bytes_of) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<RocksFile> files,
                        PlaceFiles(handle, meta, bytes_of, options_.database.folder));
  absl::StatusOr<std::unique_ptr<RocksDatabase>> database =
      RocksDatabase::Restore(env_, DatabaseOptions(), files, runner_.OnJob());
  if (!database.ok()) return WithOrigin(database.status(), handle, meta);
  database_ = std::move(*database);
  runner_.Serve(database_.get());
  WEIR_RETURN_IF_ERROR(CheckFamilies(*database_, meta.header));
  for (const StateMeta& state : meta.header.states) WEIR_RETURN_IF_ERROR(FamilyOf(state).status());
  WEIR_RETURN_IF_ERROR(Clip());
  UploadedTables::Handles tables;
  for (const NamedStream& named : handle.shared) {
    if (named.stream.kind == StreamHandle::Kind::kFile) tables[named.local_name] = named.stream;
  }
  const CheckpointId checkpoint(static_cast<uint64_t>(handle.checkpoint_id));
  uploaded_.Add(checkpoint, std::move(tables));
  uploaded_.OnComplete(checkpoint);
  return absl::OkStatus();
}

// Key groups that other subtasks have now.
absl::Status RocksKeyedBackend::Clip() {
  ByteWriter first;
  AppendKeyGroup(first, max_parallelism(), KeyGroup(static_cast<uint16_t>(range().first)));
  ByteWriter after;
  const bool has_after = range().last + 1 < max_parallelism();
  AppendKeyGroup(after, max_parallelism(), KeyGroup(static_cast<uint16_t>(range().last + 1)));
  const std::string above(3, '\xff');  // above every prefix
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  for (const auto& [name, registered] : families_) {
    rocksdb::ColumnFamilyHandle* const family = registered.family->handle();
    const auto cut = [&](const std::string& from, const std::string& to) -> absl::Status {
      WEIR_RETURN_IF_ERROR(database_->ToStatus(database_->db()->DeleteRange(options, family, from, to)));
      return database_->NoteWritten(family, from.size() + to.size());
    };
    FamilyIterator entries = registered.family->IterateAll();
    const bool is_below = entries.Valid() && entries.key() < first.bytes();
    bool is_above = false;
    if (has_after) {
      entries.Seek(after.bytes());
      is_above = entries.Valid();
    }
    WEIR_RETURN_IF_ERROR(entries.status());
    if (is_below) WEIR_RETURN_IF_ERROR(cut(std::string(), std::string(first.bytes())));
    if (is_above) WEIR_RETURN_IF_ERROR(cut(std::string(after.bytes()), above));
    FamilyIterator rest = registered.family->IterateAll();
    WEIR_CHECK(!rest.Valid() || rest.key() >= first.bytes(), "state ", name, " was not cut to its range");
    if (has_after) rest.Seek(after.bytes());
    WEIR_CHECK(!has_after || !rest.Valid(), "state ", name, " was not cut to its range");
  }
  return absl::OkStatus();
}

// A further part of what becomes one database: read out of a database of its own, which then goes.
absl::Status RocksKeyedBackend::CopyFromFiles(const KeyedHandle& handle, const NativeMeta& meta,
                                              const BytesOfFile& bytes_of) {
  RocksOptions options = options_.database;
  absl::StrAppend(&options.folder, "-part-", ++copies_);
  absl::StrAppend(&options.identity, " part ", copies_);
  options.is_compacting = false;
  folders_.insert(options.folder);
  WEIR_ASSIGN_OR_RETURN(const std::vector<RocksFile> files,
                        PlaceFiles(handle, meta, bytes_of, options.folder));
  const absl::StatusOr<std::unique_ptr<RocksDatabase>> restored =
      RocksDatabase::Restore(env_, options, files, [] {});
  if (!restored.ok()) return WithOrigin(restored.status(), handle, meta);
  const std::unique_ptr<RocksDatabase>& part = *restored;
  WEIR_RETURN_IF_ERROR(CheckFamilies(*part, meta.header));
  TtlFilter no_filter;
  for (const StateMeta& state : meta.header.states) {
    WEIR_ASSIGN_OR_RETURN(Registered* const registered, FamilyOf(state));
    WEIR_RETURN_IF_ERROR(CheckSameMeta(state, registered->meta));
    WEIR_ASSIGN_OR_RETURN(rocksdb::ColumnFamilyHandle* const from, part->Family(state.name));
    ColumnFamily family(*part, from, no_filter);
    FamilyIterator entries = family.IterateAll();
    for (; entries.Valid(); entries.Next()) {
      ByteReader reader(entries.key());
      if (!range().Contains(ReadKeyGroup(reader, max_parallelism()))) continue;
      WEIR_RETURN_IF_ERROR(registered->family->Put(entries.key(), entries.value()));
    }
    WEIR_RETURN_IF_ERROR(WithContext(entries.status(), absl::StrCat("state ", state.name)));
  }
  return part->Close();
}

}  // namespace weir
