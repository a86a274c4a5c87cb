// Licensed under the Apache License, Version 2.0.
//
// Keyed state of one subtask of one keyed operator, whatever holds it. States are registered by what is asked for
// (StateSpec); access is to the current key, which the operator sets before each record. Snapshots are Flink's canonical
// stream, ordered by key group, state name and key bytes, so that equal state gives equal bytes and a snapshot of one
// backend can be restored by another.
//
// A snapshot has two parts: taking it, which is short and after which the state may change at once, and writing it
// (KeyedSnapshotWriter), which the subtask does later, step by step.
//
// What a user's function does wrong (access without a current key, a name with two types) is remembered as error() and
// has no effect; the operator asks after each call and fails the task.
#ifndef WEIR_RUNTIME_STATE_KEYED_STATE_BACKEND_H_
#define WEIR_RUNTIME_STATE_KEYED_STATE_BACKEND_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/format/keyed_state.h"
#include "runtime/format/state_handle.h"
#include "runtime/state/state_store.h"
#include "runtime/state/timer_queue.h"

namespace weir {

// A file of a backend that keeps its state in files.
struct NativeFile {
  std::string name;       // local
  bool is_table = false;  // never changes once it is made: later checkpoints may name it again
  StreamHandle stream;    // where it lies in the store, or will; null: wherever the owner puts it
  std::string bytes;      // to be stored; "": it is there already
};

struct NativeSnapshot {
  std::string backend_id;
  std::string meta;  // format/native_meta.h
  std::vector<NativeFile> files;
};

struct KeyedSnapshot {
  KeyedStateStream stream;
  std::optional<NativeSnapshot> native;  // instead of a stream, of which then only the range counts
  uint64_t unbilled = 0;                 // bytes of the stream, or of the meta, that are the ledger's
};

// What a backend may want to know of the checkpoint that it takes part in.
struct CheckpointRequest {
  CheckpointId checkpoint;
  // Files that later checkpoints may name again are stored under this and a name: a key that nobody else uses.
  std::string shared_prefix;
  // Files up to this size are not stored, but lie in the handle.
  uint64_t inline_max = 0;
};

// Holds what the snapshot needs until it is destroyed. REQUIRES: the backend outlives it.
class KeyedSnapshotWriter {
 public:
  virtual ~KeyedSnapshotWriter() = default;
  // Writes the next key groups, at least one, until `entries` entries are written or nothing is left; true: nothing is.
  // kInvalidArgument: a value cannot be serialised.
  virtual absl::StatusOr<bool> Write(uint64_t entries) = 0;
  // Once, after the last Write.
  virtual KeyedSnapshot Take() = 0;
};

// Appends the ledger's value for a key group, nothing if it has none. Asked while the snapshot is taken.
using WitnessOf = std::function<void(KeyGroup, ByteWriter&)>;
using RestoreWitness = std::function<absl::Status(absl::string_view)>;
// The bytes behind a handle of a file that was fetched.
using BytesOfFile = std::function<absl::StatusOr<std::string>(const StreamHandle&)>;

class KeyedStateBackend {
 public:
  KeyedStateBackend(const TypeSerializer& key_type, KeyGroupRange range, uint32_t max_parallelism);
  virtual ~KeyedStateBackend() = default;
  KeyedStateBackend(const KeyedStateBackend&) = delete;
  KeyedStateBackend& operator=(const KeyedStateBackend&) = delete;

  KeyGroupRange range() const { return range_; }
  uint32_t max_parallelism() const { return max_parallelism_; }
  const TypeSerializer& key_type() const { return key_type_; }

  // --- The key that access means from now on, as its serialised bytes. An error if the group is not this subtask's.
  void SetCurrentKey(absl::string_view key, KeyGroup key_group);
  void ClearCurrentKey();
  bool has_current_key() const { return has_current_; }
  const std::string& current_key() const { return current_bytes_; }
  // has_current_key(), and an error if not: for stores, before each access.
  bool HasKeyForAccess();
  KeyGroup current_key_group() const { return current_group_; }

  // --- The store of a state: created, taken over from what was restored, or the one registered before; it lives as long
  // as the backend. kFailedPrecondition: the name stands for another kind or type, or its schema cannot be taken over.
  virtual absl::StatusOr<ValueStore*> RegisterValue(const StateSpec& spec) = 0;
  virtual absl::StatusOr<ListStore*> RegisterList(const StateSpec& spec) = 0;
  virtual absl::StatusOr<MapStore*> RegisterMap(const StateSpec& spec) = 0;
  virtual absl::StatusOr<TimerQueue*> RegisterTimers(const std::string& name,
                                                     const TypeSerializer* name_space) = 0;

  // The keys, serialised, for which the state of that name holds something in `name_space`: by key group, then by bytes.
  struct KeyRef {
    KeyGroup key_group;
    std::string bytes;
  };
  virtual std::vector<KeyRef> KeysOf(absl::string_view state, absl::string_view name_space) = 0;
  // Entries over all states and timers: a list counts once, a map once.
  virtual size_t entry_count() const = 0;

  // --- Snapshots
  // In the canonical format.
  virtual std::unique_ptr<KeyedSnapshotWriter> Snapshot(const WitnessOf& witness) = 0;
  // In whatever format this backend restores best. If it cannot be taken, that is an error() too: the task is over.
  virtual std::unique_ptr<KeyedSnapshotWriter> SnapshotForCheckpoint(const CheckpointRequest&,
                                                                     const WitnessOf& witness) {
    return Snapshot(witness);
  }
  // Adds what the handle's stream holds for this subtask's key groups. Before any registration.
  virtual absl::Status Restore(const KeyedHandle& handle, absl::string_view bytes,
                               const RestoreWitness& witness) = 0;
  // The same from a snapshot that consists of files. kFailedPrecondition: not a format of this backend.
  virtual absl::Status RestoreFiles(const KeyedHandle& handle, const BytesOfFile& bytes_of,
                                    const RestoreWitness& witness);
  // What became of a checkpoint that SnapshotForCheckpoint was asked for; both are best effort.
  virtual void NotifyCheckpointComplete(CheckpointId) {}
  virtual void NotifyCheckpointAborted(CheckpointId) {}

  // Gives back what it has on the node's disk; only the destructor may follow. REQUIRES: nothing of it is on the stack,
  // no snapshot writer is left. A process that dies does not call it.
  virtual void Close() {}

  bool failed() const { return failed_; }
  const absl::Status& error() const { return error_; }
  void SetError(absl::Status error);

 protected:
  // The current key is about to change or to go.
  virtual void OnKeyLeft() {}
  // The same for a key that was not the current one before.
  virtual void OnKeyEntered() {}

 private:
  const TypeSerializer& key_type_;
  const KeyGroupRange range_;
  const uint32_t max_parallelism_;
  std::string current_bytes_;
  KeyGroup current_group_;
  bool has_current_ = false;
  bool failed_ = false;
  absl::Status error_;
};

// Takes and writes a snapshot in one go.
absl::StatusOr<KeyedSnapshot> SnapshotNow(KeyedStateBackend& backend, const WitnessOf& witness);

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_KEYED_STATE_BACKEND_H_
