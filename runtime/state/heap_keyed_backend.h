// Licensed under the Apache License, Version 2.0.
//
// Keyed state on the heap: objects, serialised only in snapshots. Each key has a small dense number (KeyIndex), so that
// the tables of all states are arrays; tables are copy on write (HeapTable).
//
// Invariants:
//  1. Every key in the index lies in range().
//  2. uses(key) is the number of entries of all states for it; a key without any is dropped when it is no longer the
//     current one, and its number is used again when no snapshot needs it.
//  3. A name is in at most one of stores_, queues_ and restored_.
#ifndef WEIR_RUNTIME_STATE_HEAP_KEYED_BACKEND_H_
#define WEIR_RUNTIME_STATE_HEAP_KEYED_BACKEND_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "runtime/base/status.h"
#include "runtime/state/heap_store.h"
#include "runtime/state/key_index.h"
#include "runtime/state/keyed_state_backend.h"

namespace weir {

// A restored state that nothing has asked for (yet): its entries as they were written, to be written again.
struct RestoredState {
  using Entries = std::vector<std::pair<std::string, std::string>>;  // composite key, value
  struct Part {
    std::string place;  // the stream that it was read from, for messages
    Entries entries;
  };
  StateMeta meta;
  std::vector<Part> parts;

  // Calls f(key, value) until one is not OK, and says of that which state it is and where it lies.
  template <typename F>
  absl::Status ForEach(F&& visit) const {
    for (const Part& part : parts) {
      for (const auto& [key, value] : part.entries) {
        if (absl::Status status = visit(key, value); !status.ok()) {
          return WithContext(status, absl::StrCat("state ", meta.name, " in ", part.place));
        }
      }
    }
    return absl::OkStatus();
  }
};

class HeapKeyedBackend final : public KeyedStateBackend {
 public:
  HeapKeyedBackend(const TypeSerializer& key_type, KeyGroupRange range, uint32_t max_parallelism);
  // REQUIRES: no snapshot writer is left.
  ~HeapKeyedBackend() override;

  absl::StatusOr<ValueStore*> RegisterValue(const StateSpec& spec) override;
  absl::StatusOr<ListStore*> RegisterList(const StateSpec& spec) override;
  absl::StatusOr<MapStore*> RegisterMap(const StateSpec& spec) override;
  absl::StatusOr<TimerQueue*> RegisterTimers(const std::string& name,
                                             const TypeSerializer* name_space) override;
  std::vector<KeyRef> KeysOf(absl::string_view state, absl::string_view name_space) override;
  size_t entry_count() const override;
  std::unique_ptr<KeyedSnapshotWriter> Snapshot(const WitnessOf& witness) override;
  absl::Status Restore(const KeyedHandle& handle, absl::string_view bytes,
                       const RestoreWitness& witness) override;

  // --- For stores. The number of the current key: kNoKey if nothing is stored for it, or without a current key (an error
  // then).
  uint32_t CurrentKey() {
    if (is_looked_up_) return current_;
    return LookUpCurrentKey();
  }
  // The same, adding the key. kNoKey only without a current key.
  uint32_t CurrentKeyForWrite();
  void AddUse(uint32_t key) { ++index_.uses(key); }
  void DropUse(uint32_t key);
  void SweepEachRecord(HeapStore* store) { swept_each_record_[store->spec().name] = store; }

 private:
  friend class HeapSnapshotWriter;
  struct Queue {
    StateMeta meta;
    const TypeSerializer* name_space = nullptr;
    HeapTimerQueue timers;
  };

  template <typename Store>
  absl::StatusOr<Store*> Register(const StateSpec& spec);
  // Moves what was restored under the name of `store` into it.
  absl::Status Adopt(HeapStore& store);
  absl::Status AdoptTimers(Queue& queue);
  void OnKeyLeft() override;
  void OnKeyEntered() override;
  uint32_t LookUpCurrentKey();
  void ReleaseKey(uint32_t key);

  SnapshotEpochs epochs_;
  KeyIndex index_;
  std::map<std::string, std::unique_ptr<HeapStore>, std::less<>> stores_;        // by name
  std::map<std::string, std::unique_ptr<Queue>, std::less<>> queues_;            // by name
  std::map<std::string, std::unique_ptr<RestoredState>, std::less<>> restored_;  // by name
  std::map<std::string, HeapStore*> swept_each_record_;                          // by name
  bool is_looked_up_ = false;  // current_ is the current key's number, or kNoKey if it has none
  uint32_t current_ = kNoKey;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_HEAP_KEYED_BACKEND_H_
