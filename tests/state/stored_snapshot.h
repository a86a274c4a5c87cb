// Licensed under the Apache License, Version 2.0.
//
// Snapshots of any format as they lie in an object store, for tests: what the task does with files and handles, in short.
#ifndef WEIR_TESTS_STATE_STORED_SNAPSHOT_H_
#define WEIR_TESTS_STATE_STORED_SNAPSHOT_H_

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/state/keyed_state_backend.h"

namespace weir {

struct StoredFiles {
  std::map<std::string, std::string> files;  // by key

  absl::StatusOr<std::string> Read(const StreamHandle& stream) const {
    if (stream.kind == StreamHandle::Kind::kInline) return stream.bytes;
    const auto found = files.find(stream.path);
    if (found == files.end()) return absl::NotFoundError(absl::StrCat("no file ", stream.path));
    return found->second;
  }

  StreamHandle Put(const std::string& key, std::string bytes) {
    const auto size = static_cast<int64_t>(bytes.size());
    WEIR_CHECK(files.emplace(key, std::move(bytes)).second, key, " is stored twice");
    return StreamHandle::File(key, size);
  }

  // `unique` names the snapshot and the backend.
  KeyedHandle Put(KeyedSnapshot snapshot, CheckpointId checkpoint, const std::string& unique) {
    if (!snapshot.native.has_value()) {
      return KeyedHandle::Savepoint(snapshot.stream.range, std::move(snapshot.stream.offsets),
                                    Put(unique, std::move(snapshot.stream.bytes)));
    }
    NativeSnapshot& native = *snapshot.native;
    KeyedHandle handle =
        KeyedHandle::Native(snapshot.stream.range, static_cast<int64_t>(checkpoint.value), native.backend_id,
                            Put(absl::StrCat(unique, "/meta"), std::move(native.meta)));
    for (NativeFile& file : native.files) {
      StreamHandle stream = file.stream;
      if (stream.is_null() && file.is_table) {
        stream = StreamHandle::Inline(file.name, std::move(file.bytes));
      } else if (stream.is_null()) {
        stream = Put(absl::StrCat(unique, "/", file.name), std::move(file.bytes));
      } else if (!file.bytes.empty()) {
        stream = Put(stream.path, std::move(file.bytes));
      }
      (file.is_table ? handle.shared : handle.exclusive).push_back({file.name, std::move(stream)});
    }
    return handle;
  }

  // What of the handle belongs to the backend. Before any registration.
  absl::Status RestoreInto(KeyedStateBackend& backend, const KeyedHandle& handle,
                           const RestoreWitness& witness = nullptr) const {
    if (handle.range().Intersect(backend.range()).empty()) return absl::OkStatus();
    if (handle.is_native()) {
      return backend.RestoreFiles(
          handle, [this](const StreamHandle& stream) { return Read(stream); }, witness);
    }
    const absl::StatusOr<std::string> bytes = Read(handle.stream);
    if (!bytes.ok()) return bytes.status();
    return backend.Restore(handle.Intersect(backend.range()), *bytes, witness);
  }

  // Keys that a handle names.
  static std::set<std::string> KeysOf(const KeyedHandle& handle) {
    std::set<std::string> keys{handle.stream.path};
    for (const auto* list : {&handle.shared, &handle.exclusive}) {
      for (const NamedStream& file : *list) keys.insert(file.stream.path);
    }
    return keys;
  }
};

}  // namespace weir

#endif  // WEIR_TESTS_STATE_STORED_SNAPSHOT_H_
