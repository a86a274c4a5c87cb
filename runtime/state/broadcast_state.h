// Licensed under the Apache License, Version 2.0.
//
// Broadcast state: a map of which every subtask keeps, snapshots and restores a whole copy of its own. Always in memory,
// whatever the backend of keyed state. Two faces of one object:
//
//   ReadOnlyBroadcastState<K, V>   Find, Get, Contains, size, iteration: what functions see beside the main input
//   BroadcastState<K, V>           adds Put, PutAll, Remove, Clear
//
// Entries lie in the order of their serialised keys, so that equal contents are iterated, and snapshotted, alike in every
// subtask, however they came about. A key that cannot be serialised fails the task; so does such a value, at the next
// snapshot.
#ifndef WEIR_RUNTIME_STATE_BROADCAST_STATE_H_
#define WEIR_RUNTIME_STATE_BROADCAST_STATE_H_

#include <cstddef>
#include <cstring>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "runtime/base/codec.h"
#include "runtime/base/status.h"
#include "runtime/types/type_of.h"

namespace weir {

// Orders bytes as unsigned numbers, like std::less. Most keys differ within their first eight, which compare as one number.
struct LessBytes {
  using is_transparent = void;
  bool operator()(absl::string_view a, absl::string_view b) const {
    if (a.size() >= sizeof(uint64_t) && b.size() >= sizeof(uint64_t)) {
      const uint64_t first_of_a = First(a);
      const uint64_t first_of_b = First(b);
      if (first_of_a != first_of_b) return first_of_a < first_of_b;
      if (a.size() == sizeof(uint64_t) || b.size() == sizeof(uint64_t)) return a.size() < b.size();
    }
    return a < b;
  }

 private:
  static uint64_t First(absl::string_view bytes) {
    uint64_t first = 0;
    std::memcpy(&first, bytes.data(), sizeof first);
    return __builtin_bswap64(first);
  }
};

template <typename K, typename V>
class ReadOnlyBroadcastState {
 protected:
  using Entries = std::map<std::string, std::pair<K, V>, LessBytes>;  // by serialised key

 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = std::pair<const K&, const V&>;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = value_type;

    explicit Iterator(typename Entries::const_iterator at) : at_(at) {}
    value_type operator*() const { return {at_->second.first, at_->second.second}; }
    Iterator& operator++() { return ++at_, *this; }
    bool operator==(const Iterator&) const = default;

   private:
    typename Entries::const_iterator at_;
  };

  ReadOnlyBroadcastState(const ReadOnlyBroadcastState&) = delete;
  ReadOnlyBroadcastState& operator=(const ReadOnlyBroadcastState&) = delete;

  // Valid until that key is put again or removed.
  const V* Find(const K& key) const {
    ByteWriter bytes;
    if (!TypeOf<K>::Write(bytes, key)) return nullptr;  // nor could it have been put
    const auto found = entries_.find(bytes.bytes());
    return found == entries_.end() ? nullptr : &found->second.second;
  }
  std::optional<V> Get(const K& key) const {
    const V* const found = Find(key);
    return found == nullptr ? std::nullopt : std::optional<V>(*found);
  }
  bool Contains(const K& key) const { return Find(key) != nullptr; }
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  // for (const auto& [key, value] : state): the state must not be changed meanwhile.
  Iterator begin() const { return Iterator(entries_.begin()); }
  Iterator end() const { return Iterator(entries_.end()); }

 protected:
  ReadOnlyBroadcastState() = default;
  ~ReadOnlyBroadcastState() = default;

  Entries entries_;
};

template <typename K, typename V>
class BroadcastTable;

template <typename K, typename V>
class BroadcastState final : public ReadOnlyBroadcastState<K, V> {
 public:
  // `error` takes the first thing that goes wrong, and outlives the state.
  BroadcastState(absl::string_view name, absl::Status& error) : name_(name), error_(error) {}

  void Put(const K& key, V value) {
    ByteWriter bytes;
    if (!TypeOf<K>::Write(bytes, key)) {
      if (error_.ok()) error_ = WithContext(UnwritableError(), absl::StrCat("broadcast state ", name_));
      return;
    }
    this->entries_.insert_or_assign(bytes.Take(), std::pair<K, V>(key, std::move(value)));
  }
  // Any range of pairs.
  template <typename Range>
  void PutAll(const Range& pairs) {
    for (const auto& [key, value] : pairs) Put(key, value);
  }
  void Remove(const K& key) {
    ByteWriter bytes;
    if (!TypeOf<K>::Write(bytes, key)) return;
    const auto found = this->entries_.find(bytes.bytes());
    if (found != this->entries_.end()) this->entries_.erase(found);
  }
  void Clear() { this->entries_.clear(); }

 private:
  friend class BroadcastTable<K, V>;
  const std::string name_;
  absl::Status& error_;
};

// A broadcast state as code sees it that does not know its types: snapshot and restore.
class ErasedBroadcastTable {
 public:
  virtual ~ErasedBroadcastTable() = default;
  // They identify the types: there is one of them each.
  virtual const TypeSerializer& key_type() const = 0;
  virtual const TypeSerializer& value_type() const = 0;
  // Appends (key, value), serialised, in order. kInvalidArgument if a value cannot be written.
  virtual absl::Status Write(std::vector<std::pair<std::string, std::string>>* entries) const = 0;
  // Adds what one copy in a snapshot holds; `reader` stands at its count. kDataLoss.
  virtual absl::Status Read(ByteReader& reader) = 0;
};

template <typename K, typename V>
class BroadcastTable final : public ErasedBroadcastTable {
 public:
  BroadcastTable(absl::string_view name, absl::Status& error) : state_(name, error) {}
  BroadcastState<K, V>& state() { return state_; }

  const TypeSerializer& key_type() const override { return TypeOf<K>::Serializer(); }
  const TypeSerializer& value_type() const override { return TypeOf<V>::Serializer(); }
  absl::Status Write(std::vector<std::pair<std::string, std::string>>* entries) const override {
    for (const auto& [key, entry] : state_.entries_) {
      ByteWriter value;
      if (!TypeOf<V>::Write(value, entry.second)) return UnwritableError();
      entries->emplace_back(key, value.Take());
    }
    return absl::OkStatus();
  }
  absl::Status Read(ByteReader& reader) override {
    for (int32_t left = reader.I32(); left > 0 && reader.ok(); --left) {
      K key{};
      V value{};
      TypeOf<K>::Read(reader, key);
      TypeOf<V>::Read(reader, value);
      if (reader.ok()) state_.Put(key, std::move(value));
    }
    return reader.status();
  }

 private:
  BroadcastState<K, V> state_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_BROADCAST_STATE_H_
