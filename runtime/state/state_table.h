// Licensed under the Apache License, Version 2.0.
//
// One keyed state of one subtask: the values of every key, by the dense index that the backend gives each key. Code that
// does not know the value's type (snapshot, restore) sees it through StateTable.
#ifndef WEIR_RUNTIME_STATE_STATE_TABLE_H_
#define WEIR_RUNTIME_STATE_STATE_TABLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "runtime/base/codec.h"
#include "runtime/format/state_meta.h"
#include "runtime/types/type_of.h"

namespace weir {

class StateTable {
 public:
  explicit StateTable(StateMeta meta) : meta_(std::move(meta)) {}
  virtual ~StateTable() = default;
  StateTable(const StateTable&) = delete;
  StateTable& operator=(const StateTable&) = delete;

  const StateMeta& meta() const { return meta_; }
  virtual bool Has(uint32_t key) const = 0;
  // Appends the value. False if it cannot be serialised. REQUIRES: Has(key).
  [[nodiscard]] virtual bool Write(uint32_t key, ByteWriter& writer) const = 0;
  // Sets the value from exactly these bytes. kDataLoss.
  virtual absl::Status Read(uint32_t key, absl::string_view bytes) = 0;
  // Identifies the type of the values of a registered table; null for one that was only restored.
  virtual const TypeSerializer* type() const { return nullptr; }

 private:
  StateMeta meta_;
};

template <typename T>
class ValueTable final : public StateTable {
 public:
  explicit ValueTable(absl::string_view name)
      : StateTable(StateMeta::Keyed(std::string(name), KeyedStateType::kValue,
                                    TypeOf<T>::Serializer().Snapshot())) {}

  T* Find(uint32_t key) { return key < values_.size() && values_[key] ? &*values_[key] : nullptr; }
  // True if there was none before.
  bool Put(uint32_t key, T value) {
    if (key >= values_.size()) values_.resize(key + key / 2 + 16);
    const bool is_new = !values_[key].has_value();
    values_[key] = std::move(value);
    return is_new;
  }
  // True if there was one.
  bool Erase(uint32_t key) {
    if (Find(key) == nullptr) return false;
    values_[key].reset();
    return true;
  }

  bool Has(uint32_t key) const override { return key < values_.size() && values_[key].has_value(); }
  bool Write(uint32_t key, ByteWriter& writer) const override {
    return TypeOf<T>::Write(writer, *values_[key]);
  }
  absl::Status Read(uint32_t key, absl::string_view bytes) override {
    ByteReader reader(bytes);
    T value{};
    TypeOf<T>::Read(reader, value);
    if (absl::Status status = reader.Finish(); !status.ok()) return status;
    Put(key, std::move(value));
    return absl::OkStatus();
  }
  const TypeSerializer* type() const override { return &TypeOf<T>::Serializer(); }

 private:
  std::vector<std::optional<T>> values_;
};

// A restored state that nothing has asked for (yet): its bytes are kept, and written into later snapshots.
class RestoredTable final : public StateTable {
 public:
  explicit RestoredTable(StateMeta meta) : StateTable(std::move(meta)) {}
  bool Has(uint32_t key) const override { return values_.count(key) != 0; }
  bool Write(uint32_t key, ByteWriter& writer) const override {
    writer.Raw(values_.at(key));
    return true;
  }
  absl::Status Read(uint32_t key, absl::string_view bytes) override {
    values_[key] = std::string(bytes);
    return absl::OkStatus();
  }
  const std::map<uint32_t, std::string>& values() const { return values_; }

 private:
  std::map<uint32_t, std::string> values_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_STATE_TABLE_H_
