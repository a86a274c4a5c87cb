// Licensed under the Apache License, Version 2.0.
//
// Operator (non-keyed) state of one subtask, always on the heap: lists, whose elements are kept serialised, and broadcast
// maps (broadcast_state.h). What happens to them after a rescale is their mode's matter (checkpoint/redistribution.h):
//
//   split list      the elements are dealt out over the subtasks, each to exactly one
//   union list      every subtask gets all elements, in the order of the old subtasks
//   broadcast map   every subtask gets one whole copy
//
// Split and union lists share one space of names, broadcast maps have their own. Restoring is eager: damaged bytes are
// found before anything runs. States that were restored but not asked for are kept and written again. Lists, then
// broadcast maps, are snapshotted in the order of their names.
//
// What a user's function does wrong (a key that cannot be written, a state that was not declared) is remembered as
// error(); the operator asks after each call and fails the task.
#ifndef WEIR_RUNTIME_STATE_OPERATOR_STATE_BACKEND_H_
#define WEIR_RUNTIME_STATE_OPERATOR_STATE_BACKEND_H_

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/format/operator_state.h"
#include "runtime/format/state_handle.h"
#include "runtime/state/broadcast_state.h"
#include "runtime/types/migration.h"
#include "runtime/types/type_of.h"

namespace weir {

struct OperatorStateSnapshot {
  OperatorStateStream stream;
  uint64_t unbilled = 0;  // bytes of it that are the ledger's
};

// What the ledger keeps beside an operator's state (format/witness.h): elements of its list, and its broadcast map.
struct OperatorWitness {
  std::vector<std::string> elements;
  bool has_broadcast = false;  // an empty map is written, too
  std::vector<std::pair<std::string, std::string>> broadcast;

  bool empty() const { return elements.empty() && !has_broadcast; }
};

class OperatorStateBackend {
 public:
  using Elements = std::vector<std::string>;

  OperatorStateBackend() = default;
  OperatorStateBackend(const OperatorStateBackend&) = delete;
  OperatorStateBackend& operator=(const OperatorStateBackend&) = delete;

  // The elements of a list, to be read and changed; stays valid. kFailedPrecondition: the name stands for another mode
  // or type.
  absl::StatusOr<Elements*> RegisterList(absl::string_view name, OperatorStateMode mode,
                                         const TypeSerializer& element);
  // The broadcast map of that name; stays valid. kFailedPrecondition: the name stands for other types.
  template <typename K, typename V>
  absl::StatusOr<BroadcastState<K, V>*> RegisterBroadcast(absl::string_view name);

  bool failed() const { return !error_.ok(); }
  const absl::Status& error() const { return error_; }
  // The first one counts.
  void SetError(absl::Status error) {
    if (error_.ok()) error_ = std::move(error);
  }
  // Remembers the error, and gives whoever asked a state that belongs to nobody and is never snapshotted.
  template <typename K, typename V>
  BroadcastState<K, V>& RefuseBroadcast(absl::Status error);

  // Null stream (no bytes) if nothing is registered or restored and there is no witness.
  absl::StatusOr<OperatorStateSnapshot> Snapshot(const OperatorWitness& witness) const;
  // Adds the elements and copies that the handle points at. `witness`, if not null, receives the ledger's. Before any
  // registration. kDataLoss, kFailedPrecondition: name the state.
  absl::Status Restore(const OperatorHandle& handle, std::string bytes, OperatorWitness* witness);

 private:
  struct Stream {  // restored
    std::string bytes;
    std::string name;                           // where it was, for messages
    std::optional<OperatorStateReader> reader;  // of the bytes
  };
  struct Place {  // of an element or a copy
    size_t stream = 0;
    int64_t offset = 0;
  };
  struct List {
    StateMeta meta;
    OperatorStateMode mode = OperatorStateMode::kSplitDistribute;
    bool is_registered = false;
    Elements elements;
    std::vector<Place> restored;  // not registered yet
  };
  struct Broadcast {
    StateMeta meta;
    std::unique_ptr<ErasedBroadcastTable> table;  // null: not registered yet
    std::vector<Place> restored;                  // at most one copy
  };
  using MakeTable = std::unique_ptr<ErasedBroadcastTable> (*)(absl::string_view name, absl::Status& error);

  absl::StatusOr<ErasedBroadcastTable*> Register(absl::string_view name, const TypeSerializer& key,
                                                 const TypeSerializer& value, MakeTable make);
  // `status` with the name of the state, and of the stream of the place.
  absl::Status AtPlace(const absl::Status& status, absl::string_view state, const Place& place) const;
  absl::Status LoadElements(const TypeSerializer& element, List* list);
  absl::Status LoadElement(const Place& place, const Migration& migration, const TypeSerializer& element,
                           List* list) const;
  absl::Status LoadCopy(const Place& place, const StateMeta& found, ErasedBroadcastTable& table);
  absl::StatusOr<ByteReader> ReaderAt(const Place& place) const;
  absl::Status RestoreList(const OperatorStateOffsets& state, const StateMeta& meta);
  absl::Status RestoreBroadcast(const OperatorStateOffsets& state, const StateMeta& meta);
  absl::Status RestoreWitness(const OperatorStateOffsets& state, OperatorWitness* witness) const;
  // Those that were restored and not asked for with them.
  absl::StatusOr<Elements> AllElementsOf(const List& list) const;
  using Entries = std::vector<std::pair<std::string, std::string>>;
  absl::StatusOr<Entries> EntriesOf(const Broadcast& broadcast) const;

  std::map<std::string, List, std::less<>> lists_;
  std::map<std::string, Broadcast, std::less<>> broadcasts_;
  std::deque<Stream> streams_;  // which stay where they are: their readers look at their bytes
  std::vector<std::unique_ptr<ErasedBroadcastTable>> refused_;
  absl::Status error_;
};

template <typename K, typename V>
absl::StatusOr<BroadcastState<K, V>*> OperatorStateBackend::RegisterBroadcast(absl::string_view name) {
  const MakeTable make = [](absl::string_view of,
                            absl::Status& error) -> std::unique_ptr<ErasedBroadcastTable> {
    return std::make_unique<BroadcastTable<K, V>>(of, error);
  };
  auto table = Register(name, TypeOf<K>::Serializer(), TypeOf<V>::Serializer(), make);
  if (!table.ok()) return table.status();
  return &static_cast<BroadcastTable<K, V>*>(*table)->state();
}

template <typename K, typename V>
BroadcastState<K, V>& OperatorStateBackend::RefuseBroadcast(absl::Status error) {
  SetError(std::move(error));
  refused_.push_back(std::make_unique<BroadcastTable<K, V>>("refused", error_));
  return static_cast<BroadcastTable<K, V>*>(refused_.back().get())->state();
}

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_OPERATOR_STATE_BACKEND_H_
