#include "runtime/state/rocksdb/database.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/state/rocksdb/bridge_env.h"
#include "runtime/state/rocksdb/database_options.h"
#include "runtime/state/rocksdb/database_state.h"
#include "runtime/state/rocksdb/rocksdb_compat.h"

namespace weir {
namespace {

rocksdb::Slice ToSlice(absl::string_view bytes) { return {bytes.data(), bytes.size()}; }

rocksdb::WriteOptions WithoutLog() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return options;
}

// Bytes of keys and values by the id of the family.
class BatchSizes final : public rocksdb::WriteBatch::Handler {
 public:
  rocksdb::Status PutCF(uint32_t family, const rocksdb::Slice& key, const rocksdb::Slice& value) override {
    return Add(family, key.size() + value.size());
  }
  rocksdb::Status MergeCF(uint32_t family, const rocksdb::Slice& key, const rocksdb::Slice& value) override {
    return Add(family, key.size() + value.size());
  }
  rocksdb::Status DeleteCF(uint32_t family, const rocksdb::Slice& key) override {
    return Add(family, key.size());
  }
  rocksdb::Status SingleDeleteCF(uint32_t family, const rocksdb::Slice& key) override {
    return Add(family, key.size());
  }
  rocksdb::Status DeleteRangeCF(uint32_t family, const rocksdb::Slice& begin,
                                const rocksdb::Slice& end) override {
    return Add(family, begin.size() + end.size());
  }
  const std::map<uint32_t, uint64_t>& bytes() const { return bytes_; }

 private:
  rocksdb::Status Add(uint32_t family, uint64_t bytes) {
    bytes_[family] += bytes;
    return rocksdb::Status::OK();
  }
  std::map<uint32_t, uint64_t> bytes_;
};

}  // namespace

RocksDatabase::RocksDatabase(std::unique_ptr<State> state) : state_(std::move(state)) {}

RocksDatabase::~RocksDatabase() {
  if (state_->db == nullptr) return;
  state_->gate.Cut();
  (void)state_->Shut();
}

absl::StatusOr<std::unique_ptr<RocksDatabase>> RocksDatabase::Create(Env& env, RocksOptions options,
                                                                     OnJob on_job) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> found,
                        env.disk.List(absl::StrCat(options.folder, "/")));
  if (!found.empty()) {
    return absl::AlreadyExistsError(absl::StrCat("database ", options.folder,
                                                 ": its folder is not empty: it holds ", found.front(),
                                                 "; delete what an earlier process left"));
  }
  std::unique_ptr<RocksDatabase> database(
      new RocksDatabase(std::make_unique<State>(env, std::move(options), std::move(on_job))));
  WEIR_RETURN_IF_ERROR(database->Open(/*is_new=*/true));
  return database;
}

absl::StatusOr<std::unique_ptr<RocksDatabase>> RocksDatabase::Restore(Env& env, RocksOptions options,
                                                                      const std::vector<RocksFile>& files,
                                                                      OnJob on_job) {
  WEIR_RETURN_IF_ERROR(VerifyFolder(env.disk, options.folder, files));
  std::unique_ptr<RocksDatabase> database(
      new RocksDatabase(std::make_unique<State>(env, std::move(options), std::move(on_job))));
  for (const RocksFile& file : files) {
    database->state_->files->SetContent(database->state_->PathOf(file.name), {file.size, file.hash});
  }
  WEIR_RETURN_IF_ERROR(database->Open(/*is_new=*/false));
  return database;
}

absl::Status RocksDatabase::Open(bool is_new) {
  WEIR_CHECK(
      IsWaitHookInPlace(),
      "this program was linked without the objects of weir_interpose, so RocksDB would wait for ever: link "
      "weir::rocksdb through CMake");
  State& state = *state_;
  rocksdb::DBOptions options = MakeDatabaseOptions(&state.env);
  options.create_if_missing = is_new;
  std::vector<std::string> names = {rocksdb::kDefaultColumnFamilyName};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::Status status;
  {
    const WaitScope scope(state);
    const DeterministicOpening opening(static_cast<uint32_t>(StableHash64(state.options.identity)));
    if (!is_new) status = rocksdb::DB::ListColumnFamilies(options, state.options.folder, &names);
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    families.reserve(names.size());
    for (const std::string& name : names) families.emplace_back(name, state.FamilyOptions(name));
    rocksdb::DB* db = nullptr;
    if (status.ok()) status = rocksdb::DB::Open(options, state.options.folder, families, &handles, &db);
    state.db.reset(db);
  }
  for (size_t i = 0; i < handles.size(); ++i) state.AddFamily(names[i], handles[i]);
  absl::Status result = Finish(status);
  const std::string& file = state.files->last_opened();
  if (result.ok() || file.empty() || absl::StrContains(result.message(), file)) return result;
  // What another RocksDB wrote is refused in words that name no file, or not the right one.
  return absl::Status(result.code(), absl::StrCat(result.message(), ", when it read ", file));
}

absl::Status RocksDatabase::Close() {
  const rocksdb::Status status = state_->Shut();
  state_->gate.Settle();
  return state_->ToStatus(status);
}

absl::Status RocksDatabase::DeleteFolder(LocalStore& disk, absl::string_view folder) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> paths, disk.List(absl::StrCat(folder, "/")));
  for (const std::string& path : paths) WEIR_RETURN_IF_ERROR(disk.Delete(path));
  return absl::OkStatus();
}

void RocksDatabase::Settle() {
  state_->gate.Settle();
  while (state_->told < state_->env.scheduled()) {
    ++state_->told;
    state_->on_job();
  }
}

absl::Status RocksDatabase::Finish(const rocksdb::Status& status) {
  Settle();
  return state_->ToStatus(status);
}

// --- Families

absl::StatusOr<rocksdb::ColumnFamilyHandle*> RocksDatabase::Family(const std::string& name) {
  const auto found = state_->names.find(name);
  if (found != state_->names.end()) return found->second;
  return CreateFamily(name);
}

absl::StatusOr<rocksdb::ColumnFamilyHandle*> RocksDatabase::CreateFamily(const std::string& name) {
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  WEIR_RETURN_IF_ERROR(Finish(state_->db->CreateColumnFamily(state_->FamilyOptions(name), name, &handle)));
  state_->AddFamily(name, handle);
  return handle;
}

std::vector<std::string> RocksDatabase::FamilyNames() const {
  std::vector<std::string> names;
  for (const auto& [name, handle] : state_->names) names.push_back(name);
  return names;
}

// --- Access

absl::Status RocksDatabase::Put(rocksdb::ColumnFamilyHandle* family, absl::string_view key,
                                absl::string_view value) {
  WEIR_RETURN_IF_ERROR(Finish(state_->db->Put(WithoutLog(), family, ToSlice(key), ToSlice(value))));
  return NoteWritten(family, key.size() + value.size());
}

absl::Status RocksDatabase::Merge(rocksdb::ColumnFamilyHandle* family, absl::string_view key,
                                  absl::string_view value) {
  WEIR_RETURN_IF_ERROR(Finish(state_->db->Merge(WithoutLog(), family, ToSlice(key), ToSlice(value))));
  return NoteWritten(family, key.size() + value.size());
}

absl::Status RocksDatabase::Delete(rocksdb::ColumnFamilyHandle* family, absl::string_view key) {
  WEIR_RETURN_IF_ERROR(Finish(state_->db->Delete(WithoutLog(), family, ToSlice(key))));
  return NoteWritten(family, key.size());
}

absl::Status RocksDatabase::Write(rocksdb::WriteBatch* batch) {
  BatchSizes sizes;
  WEIR_RETURN_IF_ERROR(Finish(batch->Iterate(&sizes)));
  WEIR_RETURN_IF_ERROR(Finish(state_->db->Write(WithoutLog(), batch)));
  for (const auto& [id, bytes] : sizes.bytes()) {
    WEIR_RETURN_IF_ERROR(NoteWritten(state_->families.at(id).handle, bytes));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> RocksDatabase::Get(rocksdb::ColumnFamilyHandle* family, absl::string_view key,
                                        std::string* value) {
  std::string found;
  const rocksdb::Status status = state_->db->Get(rocksdb::ReadOptions(), family, ToSlice(key), &found);
  if (status.IsNotFound()) return Settle(), false;
  WEIR_RETURN_IF_ERROR(Finish(status));
  *value = std::move(found);
  return true;
}

std::unique_ptr<rocksdb::Iterator> RocksDatabase::NewIterator(rocksdb::ColumnFamilyHandle* family) {
  std::unique_ptr<rocksdb::Iterator> iterator(state_->db->NewIterator(rocksdb::ReadOptions(), family));
  Settle();
  return iterator;
}

absl::Status RocksDatabase::Check(const rocksdb::Iterator& iterator) { return Finish(iterator.status()); }

rocksdb::DB* RocksDatabase::db() { return state_->db.get(); }

absl::Status RocksDatabase::ToStatus(const rocksdb::Status& status) { return Finish(status); }

// --- Jobs

absl::Status RocksDatabase::NoteWritten(rocksdb::ColumnFamilyHandle* family, uint64_t bytes) {
  uint64_t& unflushed = state_->families.at(family->GetID()).unflushed;
  unflushed += bytes;
  return unflushed < state_->options.write_buffer_bytes ? absl::OkStatus() : BeginFlush(family);
}

absl::Status RocksDatabase::BeginFlush(rocksdb::ColumnFamilyHandle* family) {
  // A write stall: the writer's time, not the job's.
  while (state_->FlushesWaiting(family) >= state_->options.write_buffers_max && state_->env.HasFlush()) {
    state_->env.RunOne(BridgeEnv::Pick::kFlush);
    Settle();
  }
  rocksdb::FlushOptions options;
  options.wait = false;
  options.allow_write_stall = true;
  WEIR_RETURN_IF_ERROR(Finish(state_->db->Flush(options, family)));
  state_->families.at(family->GetID()).unflushed = 0;
  return absl::OkStatus();
}

absl::Status RocksDatabase::Flush() {
  for (const auto& [id, family] : state_->families) WEIR_RETURN_IF_ERROR(BeginFlush(family.handle));
  while (state_->env.HasFlush()) {
    state_->env.RunOne(BridgeEnv::Pick::kFlush);
    Settle();
  }
  for (const auto& [id, family] : state_->families) {
    if (state_->FlushesWaiting(family.handle) == 0) continue;
    // A job failed. RocksDB says why to whoever writes.
    rocksdb::WriteBatch nothing;
    WEIR_RETURN_IF_ERROR(Finish(state_->db->Write(WithoutLog(), &nothing)));
    return absl::UnavailableError(absl::StrCat("database ", state_->options.folder, ": a flush did not end"));
  }
  // One that struck at the end of a job, which RocksDB does not know of.
  return WithContext(state_->gate.fault(), absl::StrCat("database ", state_->options.folder));
}

size_t RocksDatabase::jobs() const { return state_->env.queued(); }

void RocksDatabase::RunJob() {
  state_->env.RunOne(BridgeEnv::Pick::kOldest);
  Settle();
}

// --- Files

absl::StatusOr<std::vector<RocksFile>> RocksDatabase::Checkpoint(const std::string& folder) {
  WEIR_CHECK(!absl::StartsWith(absl::StrCat(folder, "/"), absl::StrCat(state_->options.folder, "/")), folder,
             " lies within the database's own folder");
  WEIR_RETURN_IF_ERROR(Flush());
  std::vector<std::string> names;
  uint64_t manifest_bytes = 0;
  WEIR_RETURN_IF_ERROR(Finish(state_->db->GetLiveFiles(names, &manifest_bytes, /*flush_memtable=*/false)));
  auto files = state_->LinkFiles(names, manifest_bytes, folder);
  Settle();
  return files;
}

absl::StatusOr<std::vector<RocksFile>> RocksDatabase::LiveTables() {
  std::vector<rocksdb::LiveFileMetaData> tables;
  state_->db->GetLiveFilesMetaData(&tables);
  Settle();
  std::vector<RocksFile> files;
  for (const rocksdb::LiveFileMetaData& table : tables) {
    WEIR_ASSIGN_OR_RETURN(RocksFile file, state_->Recorded(table.name.substr(1)));
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(),
            [](const RocksFile& a, const RocksFile& b) { return a.name < b.name; });
  return files;
}

}  // namespace weir
