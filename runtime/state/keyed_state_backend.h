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
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/format/keyed_state.h"
#include "runtime/format/state_handle.h"
#include "runtime/state/state_store.h"
#include "runtime/state/timer_queue.h"

namespace weir {

struct KeyedSnapshot {
  KeyedStateStream stream;
  uint64_t unbilled = 0;  // bytes of it that are the ledger's
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

// The ledger's value for a key group, "" for none. Asked while the snapshot is taken.
using WitnessOf = std::function<std::string(KeyGroup)>;
using RestoreWitness = std::function<absl::Status(absl::string_view)>;

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
  virtual std::unique_ptr<KeyedSnapshotWriter> Snapshot(const WitnessOf& witness) = 0;
  // Adds what the handle's stream holds for this subtask's key groups. Before any registration.
  virtual absl::Status Restore(const KeyedHandle& handle, absl::string_view bytes,
                               const RestoreWitness& witness) = 0;

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
