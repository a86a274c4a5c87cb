#include "runtime/state/rocksdb/database_state.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/state/rocksdb/database_options.h"
#include "runtime/state/rocksdb/rocksdb_compat.h"

namespace weir {

RocksDatabase::State::State(Env& world, RocksOptions its_options, OnJob its_on_job)
    : options(std::move(its_options)),
      session_id(SessionIdOf(options.identity)),
      on_job(std::move(its_on_job)),
      gate(world),
      files(std::make_shared<BridgeFileSystem>(gate)),
      env(gate, files, options.identity),
      block_cache(MakeBlockCache()),
      merge_operator(MakeAppendOperator()) {}

void RocksDatabase::State::OnStrayWait() {
  gate.FailCheck(absl::StrCat("database ", options.folder, ": RocksDB waited outside of open and close"));
}

rocksdb::ColumnFamilyOptions RocksDatabase::State::FamilyOptions(const std::string& name) const {
  return MakeFamilyOptions(options, name, block_cache, merge_operator);
}

void RocksDatabase::State::AddFamily(const std::string& name, rocksdb::ColumnFamilyHandle* handle) {
  families[handle->GetID()].handle = handle;
  names[name] = handle;
}

uint64_t RocksDatabase::State::FlushesWaiting(rocksdb::ColumnFamilyHandle* family) const {
  uint64_t waiting = 0;
  WEIR_CHECK(db->GetIntProperty(family, rocksdb::DB::Properties::kNumImmutableMemTable, &waiting));
  return waiting;
}

rocksdb::Status RocksDatabase::State::Shut() {
  const WaitScope scope(*this);
  for (const auto& [id, family] : families) (void)db->DestroyColumnFamilyHandle(family.handle);
  families.clear();
  names.clear();
  rocksdb::Status status = db->Close();
  db.reset();
  return status;
}

absl::Status RocksDatabase::State::ToStatus(const rocksdb::Status& status) const {
  if (status.ok()) return absl::OkStatus();
  const std::string text = absl::StrCat("database ", options.folder, ": ", status.ToString());
  switch (status.code()) {
    case rocksdb::Status::kNotFound:
      return absl::NotFoundError(text);
    case rocksdb::Status::kCorruption:
      return absl::DataLossError(text);
    case rocksdb::Status::kIOError:
      // RocksDB keeps the text of what happened, the gate the code.
      return gate.last_error().ok() ? absl::UnavailableError(text)
                                    : absl::Status(gate.last_error().code(), text);
    case rocksdb::Status::kInvalidArgument:
      return absl::InvalidArgumentError(text);
    case rocksdb::Status::kNotSupported:
      return absl::UnimplementedError(text);
    default:
      return absl::FailedPreconditionError(text);
  }
}

}  // namespace weir
