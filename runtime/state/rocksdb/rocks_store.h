// Licensed under the Apache License, Version 2.0.
//
// One keyed state in its column family: keys in Flink's layout (format/composite_key.h), values in Flink's bytes. Every
// access serialises: what a store returns is an object of its own, made from the bytes that lie in the database.
//
//   value  one entry                  list  one entry, elements joined by ','; Add only appends (a merge)
//   map    one entry per user key     a value is written only when it is Put or Edited()
//
// What cannot be written fails the access, not the next snapshot as on the heap. Sweeping does nothing here: expired
// values go when they are read, or when files are compacted (ttl_filter.h).
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_ROCKS_STORE_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_ROCKS_STORE_H_

#include <string>

#include "absl/status/status.h"
#include "runtime/state/merge_by_access.h"
#include "runtime/state/rocksdb/column_family.h"
#include "runtime/state/state_store.h"

namespace weir {

class RocksKeyedBackend;

class RocksStore {
 public:
  // `backend` and `family` outlive it.
  RocksStore(RocksKeyedBackend& backend, ColumnFamily& family, StateSpec spec);
  virtual ~RocksStore() = default;
  RocksStore(const RocksStore&) = delete;
  RocksStore& operator=(const RocksStore&) = delete;

  const StateSpec& spec() const { return spec_; }
  const CompositeKeyLayout& layout() const { return layout_; }
  // kDataLoss: the bytes are no entry of this state. `user_key`: what follows the namespace.
  virtual absl::Status CheckEntry(absl::string_view user_key, absl::string_view value) = 0;

 protected:
  // The bytes of the current key and namespace. False, and an error in the backend: no key is set.
  bool MakeKey();
  bool Get();  // the entry of key_ into bytes_
  void PutBytes(absl::string_view value);
  void Fail(const absl::Status& cause);
  // Reads `value` over *object. False, and an error in the backend: it cannot be read.
  bool Read(const TypeSerializer& type, absl::string_view value, void* object);
  void SetNamespaceBytes(absl::string_view name_space);
  void SetTtl(const TtlPolicy& policy) { family_.ttl().Enable(policy); }

  RocksKeyedBackend& backend_;
  ColumnFamily& family_;
  const StateSpec spec_;
  const CompositeKeyLayout layout_;
  ByteWriter key_;
  std::string bytes_;
  ByteWriter value_bytes_;

  const std::string& name_space() const { return namespace_; }

 private:
  std::string namespace_ = std::string(kVoidNamespaceBytes);
};

// Gives a RocksStore the interface of its kind.
template <typename Interface>
class RocksStoreOf : public RocksStore, public Interface {
 public:
  using RocksStore::RocksStore;
  void SetNamespace(absl::string_view name_space) override { SetNamespaceBytes(name_space); }
  void EnableTtl(const TtlPolicy& policy) override { SetTtl(policy); }
  void Sweep(uint32_t) override {}
  void Fail(const absl::Status& cause) override { RocksStore::Fail(cause); }
};

class RocksValueStore final : public RocksStoreOf<ValueStore> {
 public:
  RocksValueStore(RocksKeyedBackend& backend, ColumnFamily& family, StateSpec spec);
  const void* Find() override { return Edit(); }
  void Put(void* value) override;
  void* Edit() override;
  void Edited() override { Put(value_.get()); }
  void Clear() override;
  void MergeNamespaces(absl::string_view target, absl::Span<const std::string> sources, Fold fold) override {
    MergeByAccess(*this, *spec_.value, std::string(name_space()), target, sources, fold);
  }
  absl::Status CheckEntry(absl::string_view user_key, absl::string_view value) override;

 private:
  ErasedValue value_;
};

class RocksListStore final : public RocksStoreOf<ListStore> {
 public:
  RocksListStore(RocksKeyedBackend& backend, ColumnFamily& family, StateSpec spec);
  const void* Find() override;
  void Add(const void* element) override;
  void Put(void* list) override;
  void Clear() override;
  void MergeNamespaces(absl::string_view target, absl::Span<const std::string> sources, Fold fold) override {
    MergeByAccess(*this, *spec_.list, std::string(name_space()), target, sources, fold);
  }
  absl::Status CheckEntry(absl::string_view user_key, absl::string_view value) override;

 private:
  absl::Status ReadList(absl::string_view bytes, void* list) const;

  ErasedValue list_;
};

class RocksMapStore final : public RocksStoreOf<MapStore> {
 public:
  RocksMapStore(RocksKeyedBackend& backend, ColumnFamily& family, StateSpec spec);
  const void* Find(absl::string_view user_key) override;
  void Put(absl::string_view user_key, void* value) override;
  void Remove(absl::string_view user_key) override;
  bool IsEmpty() override;
  void Visit(Visitor visitor) override;
  void Clear() override;
  // Windows merge no maps.
  void MergeNamespaces(absl::string_view, absl::Span<const std::string>, Fold) override {
    Fail(absl::UnimplementedError("map state cannot be merged"));
  }
  absl::Status CheckEntry(absl::string_view user_key, absl::string_view value) override;

 private:
  // The bytes of a map's value without the null flag that Flink puts in front; kDataLoss.
  absl::StatusOr<absl::string_view> WithoutFlag(absl::string_view bytes) const;
  absl::Status ReadValue(absl::string_view bytes, void* value) const;

  const bool has_flag_;  // the flag is the map's own, not the value serializer's
  ErasedValue value_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_ROCKSDB_ROCKS_STORE_H_
