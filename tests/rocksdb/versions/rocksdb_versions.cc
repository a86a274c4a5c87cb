// rocksdb_versions write FOLDER ours|theirs: a checkpoint of every kind of state, as files of this machine, written with
//   our options or with the defaults of this program's RocksDB.
// rocksdb_versions read FOLDER [AGAIN]: restores it, and compares it with what was written; with AGAIN goes on with it and
//   writes a checkpoint of that.
// Each built with another RocksDB reads what the others wrote. Status 0 and one line; 1 and why not; 2 for wrong arguments.
#include <fcntl.h>

#include <cstdio>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "runtime/base/status.h"
#include "runtime/format/metadata.h"
#include "runtime/format/native_meta.h"
#include "runtime/host/file_io.h"
#include "runtime/state/list_state.h"
#include "runtime/state/lockstep/memory_disk.h"
#include "runtime/state/map_state.h"
#include "runtime/state/rocksdb/rocks_keyed_backend.h"
#include "runtime/state/value_state.h"
#include "runtime/types/key_hash.h"
#include "tests/checkpoint/fake_env.h"
#include "tests/rocksdb/versions/their_options.h"
#include "tests/state/stored_snapshot.h"

namespace weir {
namespace {

constexpr uint32_t kMaxParallelism = 128;
constexpr KeyGroupRange kAll{0, kMaxParallelism - 1};
constexpr int64_t kKeys = 2'000;  // of each generation: several tables of each state

// A backend with three states, on a node of its own.
class Node {
 public:
  Node() {
    RocksKeyedBackend::Options options;
    options.database.folder = "rocksdb/sum";
    options.database.identity = "sum";
    options.database.write_buffer_bytes = 16 << 10;
    options.database.level0_files_compaction = 2;
    options.is_incremental = true;
    backend = std::make_unique<RocksKeyedBackend>(TypeOf<int64_t>::Serializer(), kAll, kMaxParallelism,
                                                  env_.env, options);
  }

  absl::Status Register() {
    WEIR_ASSIGN_OR_RETURN(ValueStore* const text,
                          backend->RegisterValue(ValueState<std::string>::Spec("text", false)));
    WEIR_ASSIGN_OR_RETURN(ListStore* const list,
                          backend->RegisterList(ListState<std::string>::Spec("list", false)));
    WEIR_ASSIGN_OR_RETURN(MapStore* const map,
                          backend->RegisterMap(MapState<std::string, int64_t>::Spec("map", false)));
    text_ = ValueState<std::string>(text);
    list_ = ListState<std::string>(list);
    map_ = MapState<std::string, int64_t>(map);
    return absl::OkStatus();
  }

  // Puts, deletes and merges.
  void Fill(int64_t generation) {
    for (int64_t key = generation * kKeys / 2; key < generation * kKeys / 2 + kKeys; ++key) {
      ByteWriter bytes;
      WEIR_CHECK(TypeOf<int64_t>::Write(bytes, key));
      backend->SetCurrentKey(bytes.bytes(), KeyGroupOf(key, kMaxParallelism));
      text_.Update(absl::StrCat("text ", key, " of ", generation));
      list_.AddAll({"a", "b,", absl::StrCat(generation)});
      map_.Put(absl::StrCat(generation), key);
      if (key % 3 == 0) map_.Remove(absl::StrCat(generation - 1));
      if (key % 7 == 0) text_.Clear();
      env_.executor.RunFor(Duration::Micros(100));  // flushes and compactions
    }
  }

  absl::StatusOr<KeyedSnapshot> Checkpoint(uint64_t id) {
    CheckpointRequest request;
    request.checkpoint = CheckpointId(id);
    request.shared_prefix = absl::StrCat("shared/", id);
    const std::unique_ptr<KeyedSnapshotWriter> writer = backend->SnapshotForCheckpoint(request, nullptr);
    absl::StatusOr<bool> is_done = false;
    while (is_done.ok() && !*is_done) is_done = writer->Write(1);
    if (!is_done.ok()) return is_done.status();
    return writer->Take();
  }

 private:
  MemoryDisk disk_;
  FakeEnv env_{&disk_};

 public:
  std::unique_ptr<RocksKeyedBackend> backend;

 private:
  ValueState<std::string> text_;
  ListState<std::string> list_;
  MapState<std::string, int64_t> map_;
};

absl::Status Save(const std::string& path, const std::string& bytes) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  return host::WriteFile(path, bytes, O_WRONLY | O_CREAT | O_TRUNC, false);
}

// The snapshot as files, with the `_metadata` that leads to them. `generations` is kept as the checkpoint's id.
absl::Status SaveSnapshot(const std::string& folder, KeyedSnapshot snapshot, int64_t generations) {
  // All of it, whatever earlier checkpoints hold.
  StoredFiles store;
  SubtaskState subtask;
  subtask.managed_keyed =
      store.Put(std::move(snapshot), CheckpointId(static_cast<uint64_t>(generations)), "chk");
  OperatorState sum;
  sum.name = "sum";
  sum.uid = "sum";
  sum.subtasks.push_back(std::move(subtask));
  CheckpointMetadata metadata;
  metadata.checkpoint_id = generations;
  metadata.operators.push_back(std::move(sum));
  metadata.properties = CheckpointProperties::ForCheckpoint(CheckpointRetention::kRetainOnCancellation);
  WEIR_ASSIGN_OR_RETURN(const std::string bytes, WriteMetadata(metadata));
  WEIR_RETURN_IF_ERROR(Save(absl::StrCat(folder, "/_metadata"), bytes));
  for (const auto& [key, content] : store.files) {
    WEIR_RETURN_IF_ERROR(Save(absl::StrCat(folder, "/", key), content));
  }
  return absl::OkStatus();
}

// What another engine would have stored: files of which nothing is recorded.
absl::Status UseTheirOptions(const std::string& folder, NativeSnapshot& snapshot) {
  DatabaseFiles files;
  for (const NativeFile& file : snapshot.files) files[file.name] = file.bytes;
  WEIR_ASSIGN_OR_RETURN(files, WithTheirOptions(absl::StrCat(folder, "/database"), files));
  snapshot.files.clear();
  for (auto& [name, bytes] : files) {
    NativeFile file{name, absl::EndsWith(name, ".sst"), {}, std::move(bytes)};
    const auto size = static_cast<int64_t>(file.bytes.size());
    if (file.is_table) file.stream = StreamHandle::File(absl::StrCat("shared/", name), size);
    snapshot.files.push_back(std::move(file));
  }
  WEIR_ASSIGN_OR_RETURN(NativeMeta meta, ReadNativeMeta(snapshot.meta));
  meta.files.clear();
  WEIR_ASSIGN_OR_RETURN(NativeMetaBytes bytes, WriteNativeMeta(meta));
  snapshot.meta = std::move(bytes.bytes);
  return absl::OkStatus();
}

absl::StatusOr<std::string> Write(const std::string& folder, bool is_ours) {
  KeyedSnapshot snapshot;
  {
    Node node;
    WEIR_RETURN_IF_ERROR(node.Register());
    node.Fill(1);
    WEIR_ASSIGN_OR_RETURN(snapshot, node.Checkpoint(1));
  }
  if (!is_ours) WEIR_RETURN_IF_ERROR(UseTheirOptions(folder, *snapshot.native));
  const size_t files = snapshot.native->files.size();
  WEIR_RETURN_IF_ERROR(SaveSnapshot(folder, std::move(snapshot), 1));
  return absl::StrCat("wrote ", files, " files");
}

absl::StatusOr<std::string> Canonical(Node& node) {
  WEIR_ASSIGN_OR_RETURN(KeyedSnapshot snapshot, SnapshotNow(*node.backend, nullptr));
  return std::move(snapshot.stream.bytes);
}

absl::StatusOr<std::string> Read(const std::string& folder, const std::string& again) {
  WEIR_ASSIGN_OR_RETURN(const std::string bytes, host::ReadFile(absl::StrCat(folder, "/_metadata")));
  WEIR_ASSIGN_OR_RETURN(const VersionedMetadata metadata, ReadMetadata(bytes));
  const int64_t generations = metadata.metadata.checkpoint_id;
  const KeyedHandle& handle = metadata.metadata.operators.at(0).subtasks.at(0).managed_keyed;
  const auto bytes_of = [&](const StreamHandle& stream) -> absl::StatusOr<std::string> {
    if (stream.kind == StreamHandle::Kind::kInline) return stream.bytes;
    return host::ReadFile(absl::StrCat(folder, "/", stream.path));
  };
  Node node;
  WEIR_RETURN_IF_ERROR(node.backend->RestoreFiles(handle, bytes_of, nullptr));
  WEIR_RETURN_IF_ERROR(node.Register());
  Node expected;
  WEIR_RETURN_IF_ERROR(expected.Register());
  for (int64_t i = 1; i <= generations; ++i) expected.Fill(i);
  WEIR_ASSIGN_OR_RETURN(const std::string found, Canonical(node));
  WEIR_ASSIGN_OR_RETURN(const std::string wanted, Canonical(expected));
  if (found != wanted) return absl::DataLossError("the restored state is not what was written");
  if (!again.empty()) {
    node.Fill(generations + 1);
    // Under an id at which nothing is known to be stored, so all files are there.
    WEIR_ASSIGN_OR_RETURN(KeyedSnapshot next, node.Checkpoint(static_cast<uint64_t>(generations + 1)));
    for (NativeFile& file : next.native->files) {
      if (!file.bytes.empty()) continue;
      WEIR_ASSIGN_OR_RETURN(file.bytes, bytes_of(file.stream));
    }
    WEIR_RETURN_IF_ERROR(SaveSnapshot(again, std::move(next), generations + 1));
  }
  return absl::StrCat("read ", found.size(), " bytes of state");
}

int Run(const std::vector<std::string>& arguments) {
  const size_t count = arguments.size();
  absl::StatusOr<std::string> result = absl::InvalidArgumentError("");
  if (count == 3 && arguments[0] == "write" && (arguments[2] == "ours" || arguments[2] == "theirs")) {
    result = Write(arguments[1], arguments[2] == "ours");
  } else if ((count == 2 || count == 3) && arguments[0] == "read") {
    result = Read(arguments[1], count == 3 ? arguments[2] : "");
  } else {
    std::fprintf(stderr, "usage: rocksdb_versions write FOLDER ours|theirs | read FOLDER [AGAIN]\n");
    return 2;
  }
  std::printf("%s: %s\n", RocksVersion().c_str(),
              result.ok() ? result->c_str() : std::string(result.status().message()).c_str());
  return result.ok() ? 0 : 1;
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) { return weir::Run(std::vector<std::string>(argv + 1, argv + argc)); }
