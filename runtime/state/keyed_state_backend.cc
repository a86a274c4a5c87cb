#include "runtime/state/keyed_state_backend.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"

namespace weir {

KeyedStateBackend::KeyedStateBackend(const TypeSerializer& key_type, KeyGroupRange range,
                                     uint32_t max_parallelism)
    : key_type_(key_type), range_(range), max_parallelism_(max_parallelism) {
  WEIR_CHECK(key_type.may_be_key(), "no key type: ", key_type.TypeName());
  WEIR_CHECK(!range.empty() && range.last < max_parallelism);
}

void KeyedStateBackend::SetError(absl::Status error) {
  if (!failed_) error_ = std::move(error);
  failed_ = true;
}

bool KeyedStateBackend::HasKeyForAccess() {
  if (has_current_) return true;
  SetError(
      absl::FailedPreconditionError("no key is set: keyed state can be registered here, but only be "
                                    "accessed while a record is processed"));
  return false;
}

void KeyedStateBackend::ClearCurrentKey() {
  OnKeyLeft();
  has_current_ = false;
}

void KeyedStateBackend::SetCurrentKey(absl::string_view key, KeyGroup key_group) {
  if (has_current_ && current_bytes_ == key) return;
  ClearCurrentKey();
  if (!range_.Contains(key_group)) {
    SetError(absl::FailedPreconditionError(
        absl::StrCat("key group ", key_group.value, " is outside of this subtask's range ", range_.first,
                     "..", range_.last, ": the hash of a key must be the same in every process")));
    return;
  }
  current_bytes_.assign(key.data(), key.size());
  current_group_ = key_group;
  has_current_ = true;
  OnKeyEntered();
}

absl::Status KeyedStateBackend::RestoreFiles(const KeyedHandle&, const BytesOfFile&, const RestoreWitness&) {
  return absl::FailedPreconditionError(
      "the snapshot holds the files of a RocksDB database: restore it with state.backend rocksdb, or take a "
      "checkpoint with state.backend.incremental false first, which every backend reads");
}

absl::StatusOr<KeyedSnapshot> SnapshotNow(KeyedStateBackend& backend, const WitnessOf& witness) {
  const std::unique_ptr<KeyedSnapshotWriter> writer = backend.Snapshot(witness);
  WEIR_ASSIGN_OR_RETURN(const bool done, writer->Write(std::numeric_limits<uint64_t>::max()));
  WEIR_CHECK(done);
  return writer->Take();
}

}  // namespace weir
