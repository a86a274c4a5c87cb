#include "tests/rocksdb/versions/their_options.h"

#include <fcntl.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rocksdb/db.h"
#include "rocksdb/version.h"
#include "runtime/base/status.h"
#include "runtime/host/file_io.h"
#include "runtime/state/rocksdb/rocksdb_compat.h"

namespace weir {
namespace {

absl::Status Ours(const rocksdb::Status& status) {
  return status.ok() ? absl::OkStatus() : absl::DataLossError(status.ToString());
}

absl::Status RewriteAll(const std::string& folder) {
  rocksdb::Options options;
  options.merge_operator = MakeAppendOperator();
  std::vector<std::string> names;
  WEIR_RETURN_IF_ERROR(Ours(rocksdb::DB::ListColumnFamilies(options, folder, &names)));
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.emplace_back(name, options);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  WEIR_RETURN_IF_ERROR(Ours(rocksdb::DB::Open(options, folder, families, &handles, &opened)));
  const std::unique_ptr<rocksdb::DB> database(opened);
  rocksdb::CompactRangeOptions all;
  all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  absl::Status status;
  for (rocksdb::ColumnFamilyHandle* const handle : handles) {
    if (status.ok()) status = Ours(database->CompactRange(all, handle, nullptr, nullptr));
    (void)database->DestroyColumnFamilyHandle(handle);
  }
  return status;
}

}  // namespace

absl::StatusOr<DatabaseFiles> WithTheirOptions(const std::string& folder, const DatabaseFiles& files) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  for (const auto& [name, bytes] : files) {
    WEIR_RETURN_IF_ERROR(
        host::WriteFile(absl::StrCat(folder, "/", name), bytes, O_WRONLY | O_CREAT | O_TRUNC, false));
  }
  WEIR_RETURN_IF_ERROR(RewriteAll(folder));
  DatabaseFiles result;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!absl::EndsWith(name, ".sst") && name != "CURRENT" && !absl::StartsWith(name, "MANIFEST")) continue;
    WEIR_ASSIGN_OR_RETURN(result[name], host::ReadFile(entry.path().string()));
  }
  return result;
}

std::string RocksVersion() { return absl::StrCat(ROCKSDB_MAJOR, ".", ROCKSDB_MINOR, ".", ROCKSDB_PATCH); }

}  // namespace weir
