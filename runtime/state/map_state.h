// Licensed under the Apache License, Version 2.0.
//
// MapState<K, V>: a map per key, in the order of the serialised user keys, on every backend. A handle like ValueState.
//   Find(k)      the value, or nullptr; valid until the next access of this state
//   Get(k)       a copy, or nullopt        Contains(k)
//   Put(k, v), PutAll(map), Remove(k)      PutAll of an empty map does nothing
//   ForEach(f)   f(const K&, const V&) for each entry; if f touches this state, the task fails
//   Entries(), Keys(), Values(), IsEmpty(), Clear()
//   RemoveIf(p)  removes the entries with p(const K&, const V&), after all were visited; p as f
// A null value is V = std::optional<W>; Contains tells it from none. Removing the last entry leaves nothing behind.
#ifndef WEIR_RUNTIME_STATE_MAP_STATE_H_
#define WEIR_RUNTIME_STATE_MAP_STATE_H_

#include <optional>
#include <utility>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/state/state_store.h"
#include "runtime/state/ttl.h"
#include "runtime/types/type_of.h"

namespace weir {

template <typename K, typename V>
class MapState {
 public:
  using UserKeyType = K;
  static StateSpec Spec(absl::string_view name, bool has_ttl) {
    StateSpec spec;
    spec.name = std::string(name);
    spec.type = KeyedStateType::kMap;
    spec.value = has_ttl ? &TypeOf<TtlValue<V>>::Serializer() : &TypeOf<V>::Serializer();
    spec.user_key = &TypeOf<K>::Serializer();
    return spec;
  }

  MapState() = default;
  explicit MapState(MapStore* store) : store_(store) {}
  MapState(MapStore* store, const StateTtl& ttl, const Clock& clock)
      : store_(store), ttl_(TtlView{ttl, ttl.Policy(clock, &TtlTimestampOf<V>)}) {
    store_->EnableTtl(ttl_->policy);
  }

  const V* Find(const K& key) const {
    ByteWriter bytes;
    if (!Encode(key, bytes)) return nullptr;
    if (ttl_.has_value()) return FindLive(bytes.bytes());
    return static_cast<const V*>(store_->Find(bytes.bytes()));
  }
  std::optional<V> Get(const K& key) const {
    const V* const found = Find(key);
    return found == nullptr ? std::nullopt : std::optional<V>(*found);
  }
  bool Contains(const K& key) const { return Find(key) != nullptr; }
  void Put(const K& key, V value) {
    ByteWriter bytes;
    if (!Encode(key, bytes)) return;
    if (!ttl_.has_value()) return store_->Put(bytes.bytes(), &value);
    ttl_->Sweep(*store_);
    TtlValue<V> stamped{ttl_->Now(), std::move(value)};
    store_->Put(bytes.bytes(), &stamped);
  }
  template <typename Map>
  void PutAll(const Map& entries) {
    for (const auto& [key, value] : entries) Put(key, value);
  }
  void Remove(const K& key) {
    ByteWriter bytes;
    if (Encode(key, bytes)) store_->Remove(bytes.bytes());
  }
  template <typename F>
  void ForEach(F&& visit) const {
    if (!IsUsable()) return;
    if (ttl_.has_value()) return ForEachLive(visit);
    const StateStore::Loan loan(*store_);
    store_->Visit(
        [&](absl::string_view key, const void* value) { visit(Decode(key), *static_cast<const V*>(value)); });
  }
  template <typename F>
  void RemoveIf(F&& condition) {
    std::vector<std::string> removed;
    ForEach([&](const K& key, const V& value) {
      ByteWriter bytes;
      if (condition(key, value) && WriteKey(key, bytes)) removed.emplace_back(bytes.bytes());
    });
    for (const std::string& key : removed) store_->Remove(key);
  }
  std::vector<std::pair<K, V>> Entries() const {
    std::vector<std::pair<K, V>> entries;
    ForEach([&](const K& key, const V& value) { entries.emplace_back(key, value); });
    return entries;
  }
  std::vector<K> Keys() const {
    std::vector<K> keys;
    ForEach([&](const K& key, const V&) { keys.push_back(key); });
    return keys;
  }
  std::vector<V> Values() const {
    std::vector<V> values;
    ForEach([&](const K&, const V& value) { values.push_back(value); });
    return values;
  }
  // Of what is stored, expired or not.
  bool IsEmpty() const { return !IsUsable() || store_->IsEmpty(); }
  void Clear() {
    if (IsUsable()) store_->Clear();
  }

  StateStore* store() const { return store_; }

 private:
  bool IsUsable() const { return MayAccess(store_, "MapState"); }
  bool Encode(const K& key, ByteWriter& bytes) const { return IsUsable() && WriteKey(key, bytes); }
  bool WriteKey(const K& key, ByteWriter& bytes) const {
    if (TypeOf<K>::Write(bytes, key)) return true;
    store_->Fail(UnwritableError());
    return false;
  }
  static K Decode(absl::string_view bytes) {
    K key{};
    ByteReader reader(bytes);
    TypeOf<K>::Read(reader, key);
    WEIR_CHECK(reader.AtEnd(), "a user key that was written cannot be read");
    return key;
  }

  const V* FindLive(absl::string_view key) const {
    ttl_->Sweep(*store_);
    const auto* const stored = static_cast<const TtlValue<V>*>(store_->Find(key));
    if (stored == nullptr) return nullptr;
    const int64_t now = ttl_->Now();
    const bool is_live = ttl_->IsLive(*stored, now);
    if (is_live && !ttl_->config.updates_on_read()) return &stored->value;
    last_seen_ = stored->value;
    if (is_live) {
      TtlValue<V> touched{now, *last_seen_};
      store_->Put(key, &touched);
    } else {
      store_->Remove(key);
    }
    return is_live || ttl_->config.returns_expired() ? &*last_seen_ : nullptr;
  }

  // Entries that have expired are passed over and removed.
  template <typename F>
  void ForEachLive(F& visit) const {
    ttl_->Sweep(*store_);
    const int64_t now = ttl_->Now();
    std::vector<std::string> expired;
    std::vector<std::pair<std::string, V>> touched;
    const auto visit_one = [&](absl::string_view key, const void* value) {
      const auto& stored = *static_cast<const TtlValue<V>*>(value);
      const bool is_live = ttl_->IsLive(stored, now);
      if (!is_live) expired.emplace_back(key);
      if (is_live && ttl_->config.updates_on_read()) touched.emplace_back(key, stored.value);
      if (is_live || ttl_->config.returns_expired()) visit(Decode(key), stored.value);
    };
    {
      const StateStore::Loan loan(*store_);
      store_->Visit(visit_one);
    }
    for (const std::string& key : expired) store_->Remove(key);
    for (auto& [key, value] : touched) {
      TtlValue<V> stamped{now, std::move(value)};
      store_->Put(key, &stamped);
    }
  }

  MapStore* store_ = nullptr;
  std::optional<TtlView> ttl_;
  mutable std::optional<V> last_seen_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_MAP_STATE_H_
