#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/stable_hash.h"
#include "runtime/base/status.h"
#include "runtime/state/rocksdb/database_state.h"

namespace weir {
namespace {

bool IsTable(absl::string_view name) { return absl::EndsWith(name, ".sst"); }

absl::Status Compare(absl::string_view path, absl::string_view bytes, const RocksFile& file) {
  if (bytes.size() != file.size) {
    return absl::DataLossError(
        absl::StrCat(path, " has ", bytes.size(), " bytes; ", file.size, " were written"));
  }
  if (StableHash64(bytes) != file.hash) {
    return absl::DataLossError(absl::StrCat(path, " does not hold what was written: its hash differs"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> RocksDatabase::ReadFile(LocalStore& disk, absl::string_view folder,
                                                    const RocksFile& file) {
  const std::string path = absl::StrCat(folder, "/", file.name);
  absl::StatusOr<std::string> bytes = disk.Read(path);
  if (absl::IsNotFound(bytes.status())) return absl::DataLossError(absl::StrCat(path, " is missing"));
  if (bytes.ok()) WEIR_RETURN_IF_ERROR(Compare(path, *bytes, file));
  return bytes;
}

absl::Status VerifyFolder(LocalStore& disk, const std::string& folder, const std::vector<RocksFile>& files) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> paths, disk.List(absl::StrCat(folder, "/")));
  std::map<std::string, bool> expected;  // by path: found
  for (const RocksFile& file : files) expected[absl::StrCat(folder, "/", file.name)] = false;
  for (const std::string& path : paths) {
    const auto found = expected.find(path);
    if (found == expected.end()) {
      return absl::DataLossError(absl::StrCat("database ", folder, ": ", path, " does not belong to it"));
    }
    found->second = true;
  }
  for (const auto& [path, is_found] : expected) {
    if (!is_found) return absl::DataLossError(absl::StrCat("database ", folder, ": ", path, " is missing"));
  }
  for (const RocksFile& file : files) {
    const absl::Status status = RocksDatabase::ReadFile(disk, folder, file).status();
    if (!status.ok()) return WithContext(status, absl::StrCat("database ", folder));
  }
  return absl::OkStatus();
}

absl::StatusOr<RocksFile> RocksDatabase::State::Recorded(const std::string& name) const {
  const auto content = files->ContentOf(PathOf(name));
  WEIR_CHECK(content.has_value(), PathOf(name), " was not written by this database");
  return RocksFile{name, content->size, content->hash};
}

// Tables are never written again and get a second name. The manifest goes on growing, and CURRENT names it: both are
// written anew.
absl::StatusOr<std::vector<RocksFile>> RocksDatabase::State::LinkFiles(const std::vector<std::string>& live,
                                                                       uint64_t manifest_bytes,
                                                                       const std::string& folder) {
  std::vector<RocksFile> result;
  const auto write = [&](std::string name, const std::string& bytes) -> absl::Status {
    result.push_back({name, bytes.size(), StableHash64(bytes)});
    return gate.Do([&](Env& world) { return world.disk.Write(absl::StrCat(folder, "/", name), bytes); });
  };
  for (const std::string& path : live) {
    const std::string name = path.substr(1);  // RocksDB begins them with a slash
    if (IsTable(name)) {
      WEIR_ASSIGN_OR_RETURN(const RocksFile table, Recorded(name));
      WEIR_RETURN_IF_ERROR(gate.Do(
          [&](Env& world) { return world.disk.Link(PathOf(name), absl::StrCat(folder, "/", name)); }));
      result.push_back(table);
    } else if (absl::StartsWith(name, "MANIFEST-")) {
      WEIR_ASSIGN_OR_RETURN(const RocksFile manifest, Recorded(name));
      WEIR_CHECK(manifest.size == manifest_bytes, name, " grew meanwhile");
      WEIR_ASSIGN_OR_RETURN(const std::string bytes, gate.Do([&](Env& world) {
        return RocksDatabase::ReadFile(world.disk, options.folder, manifest);
      }));
      WEIR_RETURN_IF_ERROR(write(name, bytes));
      WEIR_RETURN_IF_ERROR(write("CURRENT", absl::StrCat(name, "\n")));
    }
  }
  std::sort(result.begin(), result.end(),
            [](const RocksFile& a, const RocksFile& b) { return a.name < b.name; });
  return result;
}

}  // namespace weir
