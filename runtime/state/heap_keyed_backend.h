// Licensed under the Apache License, Version 2.0.
//
// Keyed state on the heap: for one subtask of one keyed operator, the values of every key of its key groups. States are
// registered by descriptor; access is to the current key, which the operator sets before each record. Snapshots are
// Flink's canonical stream, ordered by key group, state name and serialised key, so that equal state gives equal bytes.
//
// What a user's function does wrong (access without a current key, a name with two types) is remembered as error() and
// has no effect; the operator asks after each call and fails the task.
//
// Invariants:
//  1. Every key in the index lies in range().
//  2. uses(key) is the number of tables that hold a value for it; a key without any is dropped when it is no longer the
//     current one.
#ifndef WEIR_RUNTIME_STATE_HEAP_KEYED_BACKEND_H_
#define WEIR_RUNTIME_STATE_HEAP_KEYED_BACKEND_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/format/keyed_state.h"
#include "runtime/format/state_handle.h"
#include "runtime/state/key_index.h"
#include "runtime/state/state_table.h"

namespace weir {

struct KeyedSnapshot {
  KeyedStateStream stream;
  uint64_t unbilled = 0;  // bytes of it that are the ledger's
};

class HeapKeyedBackend {
 public:
  HeapKeyedBackend(const TypeSerializer& key_type, KeyGroupRange range, uint32_t max_parallelism);

  KeyGroupRange range() const { return range_; }
  uint32_t max_parallelism() const { return max_parallelism_; }
  const TypeSerializer& key_type() const { return key_type_; }

  // The key that state access means from now on, as its serialised bytes. An error if the group is not this subtask's.
  void SetCurrentKey(absl::string_view key, KeyGroup key_group);
  void ClearCurrentKey();

  // The table of a value state; created, taken over from what was restored, or the one registered before.
  // kFailedPrecondition: the name stands for another type or kind.
  template <typename T>
  absl::StatusOr<ValueTable<T>*> RegisterValue(absl::string_view name);

  // --- For state objects. The number of the current key: kNoKey if nothing is stored for it, or without a current key
  // (an error then).
  uint32_t CurrentKey();
  // The same, adding the key. kNoKey only without a current key.
  uint32_t CurrentKeyForWrite();
  void AddUse(uint32_t key) { ++index_.uses(key); }
  void DropUse(uint32_t key) { --index_.uses(key); }

  bool failed() const { return failed_; }
  const absl::Status& error() const { return error_; }
  void SetError(absl::Status error);

  // The bytes of all state. `witness` is the ledger's value for a key group ("" for none), or empty.
  absl::StatusOr<KeyedSnapshot> Snapshot(const std::function<std::string(KeyGroup)>& witness);
  // Adds what the handle's stream holds for this subtask's key groups. Before any registration. `witness` receives the
  // ledger's values.
  absl::Status Restore(const KeyedHandle& handle, absl::string_view bytes,
                       const std::function<absl::Status(absl::string_view)>& witness);

  // Entries over all states.
  size_t entry_count() const;

 private:
  absl::Status RestoreEntry(const KeyedStateEntry& entry, const std::vector<RestoredTable*>& tables,
                            const std::function<absl::Status(absl::string_view)>& witness);
  absl::Status Adopt(const StateMeta& wanted, StateTable& table);
  absl::Status CheckMeta(const StateMeta& wanted, const StateMeta& found) const;
  absl::StatusOr<bool> WriteKeyGroup(KeyGroup group, const uint32_t* begin, const uint32_t* end,
                                     KeyedStateWriter& writer);
  absl::StatusOr<std::string> WitnessKey() const;

  const TypeSerializer& key_type_;
  const KeyGroupRange range_;
  const uint32_t max_parallelism_;
  const CompositeKeyLayout layout_;
  KeyIndex index_;
  std::map<std::string, std::unique_ptr<StateTable>, std::less<>> tables_;  // by name
  std::string current_bytes_;
  KeyGroup current_group_;
  bool has_current_ = false;
  bool is_looked_up_ = false;  // current_ is the current key's number, or kNoKey if it has none
  uint32_t current_ = kNoKey;
  bool failed_ = false;
  absl::Status error_;
};

template <typename T>
absl::StatusOr<ValueTable<T>*> HeapKeyedBackend::RegisterValue(absl::string_view name) {
  const auto found = tables_.find(name);
  if (found != tables_.end() && found->second->type() == &TypeOf<T>::Serializer()) {
    return static_cast<ValueTable<T>*>(found->second.get());
  }
  auto table = std::make_unique<ValueTable<T>>(name);
  ValueTable<T>* const result = table.get();
  if (absl::Status status = Adopt(table->meta(), *table); !status.ok()) return status;
  tables_[std::string(name)] = std::move(table);
  return result;
}

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_HEAP_KEYED_BACKEND_H_
