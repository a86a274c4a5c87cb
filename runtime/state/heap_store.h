// Licensed under the Apache License, Version 2.0.
//
// The heap's side of a state store: which entry the current key and namespace mean, what an object's bytes are in the
// canonical stream, and the sweeping of what has expired. The three kinds are HeapValueStore, HeapListStore and
// HeapMapStore.
//
// In the void namespace an entry is the key's own number; in others, each (key, namespace) has a number of its own.
//
// Invariants:
//  1. The backend's use count of a key counts each of its entries once.
//  2. A list or map that is stored is not empty.
#ifndef WEIR_RUNTIME_STATE_HEAP_STORE_H_
#define WEIR_RUNTIME_STATE_HEAP_STORE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "runtime/state/heap_table.h"
#include "runtime/state/state_store.h"

namespace weir {

class HeapKeyedBackend;

// Entries of (key number, namespace). In the order of namespaces' bytes within a key.
using NamespaceIndex = std::map<std::pair<uint32_t, std::string>, uint32_t>;

class HeapStore : public ObjectKind {
 public:
  // `backend` outlives it.
  HeapStore(HeapKeyedBackend& backend, SnapshotEpochs& epochs, StateSpec spec);
  ~HeapStore() override = default;
  HeapStore(const HeapStore&) = delete;
  HeapStore& operator=(const HeapStore&) = delete;

  const StateSpec& spec() const { return spec_; }
  const StateMeta& meta() const { return meta_; }
  const HeapTable& table() const { return table_; }
  const NamespaceIndex& namespaces() const { return namespaces_; }
  const std::optional<TtlPolicy>& ttl() const { return ttl_; }
  // The number of the entry for key and namespace bytes, or kNoKey.
  uint32_t EntryOf(uint32_t key, absl::string_view name_space) const;
  const std::string& name_space() const { return namespace_; }

  // The canonical entries of an object: what follows the namespace in the key ("" but for maps), and the value. Expired
  // parts are left out if `ttl` is given. kInvalidArgument: something cannot be serialised.
  using Emit = absl::FunctionRef<void(absl::string_view user_key, absl::string_view value)>;
  virtual absl::Status WriteObject(const void* object, const TtlPolicy* ttl, int64_t now,
                                   Emit emit) const = 0;
  // Adds one canonical entry, with these values' bytes as the state's own serializer writes them. kDataLoss.
  virtual absl::Status ReadEntry(uint32_t key, absl::string_view name_space, absl::string_view user_key,
                                 absl::string_view value) = 0;
  // The same object's handle for people who access it, with the interface of its kind.
  virtual StateStore& store() = 0;

  void SetNamespaceBytes(absl::string_view name_space) {
    namespace_.assign(name_space.data(), name_space.size());
  }
  void SetTtl(const TtlPolicy& policy);
  void ReportError(const absl::Status& cause);
  void SweepEntries(uint32_t entries);
  void Merge(absl::string_view target, absl::Span<const std::string> sources, StateStore::Fold fold);

 protected:
  // Drops what has expired in the object of an entry; true if nothing is left. Writes only if something has.
  virtual bool DropExpired(uint32_t entry, int64_t now) = 0;

  // Of the current key and namespace. kNoKey: nothing is stored.
  uint32_t Current();
  // The same, adding it. kNoKey: no key is set.
  uint32_t CurrentForWrite();
  void PutObject(uint32_t entry, void* object);
  void EraseObject(uint32_t entry);
  // An entry for a key and a namespace, added if need be.
  uint32_t Intern(uint32_t key, absl::string_view name_space);

  HeapKeyedBackend& backend_;
  const StateSpec spec_;
  const StateMeta meta_;
  SnapshotEpochs& epochs_;
  HeapTable table_;

 private:
  uint32_t KeyOf(uint32_t entry) const;

  std::string namespace_ = std::string(kVoidNamespaceBytes);
  // States with a namespace only.
  NamespaceIndex namespaces_;
  std::vector<NamespaceIndex::iterator> by_entry_;
  std::vector<uint32_t> free_;

  std::optional<TtlPolicy> ttl_;
  uint32_t sweep_at_ = 0;
};

// Gives a HeapStore the interface of its kind.
template <typename Interface>
class HeapStoreOf : public HeapStore, public Interface {
 public:
  using HeapStore::HeapStore;
  void Clear() override { EraseObject(Current()); }
  void SetNamespace(absl::string_view name_space) override { SetNamespaceBytes(name_space); }
  void EnableTtl(const TtlPolicy& policy) override { SetTtl(policy); }
  void Sweep(uint32_t entries) override { SweepEntries(entries); }
  void Fail(const absl::Status& cause) override { ReportError(cause); }
  void MergeNamespaces(absl::string_view target, absl::Span<const std::string> sources,
                       StateStore::Fold fold) override {
    Merge(target, sources, fold);
  }
  StateStore& store() override { return *this; }
};

class HeapValueStore final : public HeapStoreOf<ValueStore> {
 public:
  using HeapStoreOf::HeapStoreOf;
  ~HeapValueStore() override { table_.DeleteAll(); }
  const void* Find() override;
  void Put(void* value) override;
  void* Edit() override;
  void Edited() override {}

  void* CloneObject(const void* object) const override;
  void DeleteObject(void* object) const override { spec_.value->Delete(object); }
  absl::Status WriteObject(const void* object, const TtlPolicy* ttl, int64_t now, Emit emit) const override;
  absl::Status ReadEntry(uint32_t key, absl::string_view name_space, absl::string_view user_key,
                         absl::string_view value) override;

 protected:
  bool DropExpired(uint32_t entry, int64_t now) override;
};

class HeapListStore final : public HeapStoreOf<ListStore> {
 public:
  using HeapStoreOf::HeapStoreOf;
  ~HeapListStore() override { table_.DeleteAll(); }
  const void* Find() override;
  void Add(const void* element) override;
  void Put(void* list) override;

  void* CloneObject(const void* object) const override;
  void DeleteObject(void* object) const override { spec_.list->Delete(object); }
  absl::Status WriteObject(const void* object, const TtlPolicy* ttl, int64_t now, Emit emit) const override;
  absl::Status ReadEntry(uint32_t key, absl::string_view name_space, absl::string_view user_key,
                         absl::string_view value) override;

 protected:
  bool DropExpired(uint32_t entry, int64_t now) override;
};

class HeapMapStore final : public HeapStoreOf<MapStore> {
 public:
  using HeapStoreOf::HeapStoreOf;
  ~HeapMapStore() override { table_.DeleteAll(); }
  const void* Find(absl::string_view user_key) override;
  void Put(absl::string_view user_key, void* value) override;
  void Remove(absl::string_view user_key) override;
  bool IsEmpty() override;
  void Visit(Visitor visitor) override;

  void* CloneObject(const void* object) const override;
  void DeleteObject(void* object) const override;
  absl::Status WriteObject(const void* object, const TtlPolicy* ttl, int64_t now, Emit emit) const override;
  absl::Status ReadEntry(uint32_t key, absl::string_view name_space, absl::string_view user_key,
                         absl::string_view value) override;

 protected:
  bool DropExpired(uint32_t entry, int64_t now) override;

 private:
  // Values belong to the map. Ordered by the bytes of the user keys.
  using Map = absl::btree_map<std::string, void*>;
  static const Map& MapOf(const void* object) { return *static_cast<const Map*>(object); }
  void PutInto(uint32_t entry, absl::string_view user_key, void* value);
  void RemoveFrom(uint32_t entry, absl::string_view user_key);
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_HEAP_STORE_H_
