// Licensed under the Apache License, Version 2.0.
//
// ValueState<T>: one value per key. A small handle, valid as long as the function that asked for it.
//   Find()     the stored value, or nullptr; valid until the next access of this state or the return of the method
//   Value()    a copy of it, or of the default, or nullopt
//   Update(v)  stores
//   Mutate(f)  f(T&) on the stored value; where there is none, on the default or on T{}
//   Clear()    removes; Find() is nullptr then
// Access without a current key fails the task. A handle that was never obtained holds nothing and stores nothing.
#ifndef WEIR_RUNTIME_STATE_VALUE_STATE_H_
#define WEIR_RUNTIME_STATE_VALUE_STATE_H_

#include <optional>
#include <utility>

#include "runtime/state/heap_keyed_backend.h"

namespace weir {

template <typename T>
class ValueState {
 public:
  ValueState() = default;
  ValueState(HeapKeyedBackend* backend, ValueTable<T>* table, std::optional<T> default_value = std::nullopt)
      : backend_(backend), table_(table), default_(std::move(default_value)) {}

  const T* Find() const {
    if (!IsUsable()) return nullptr;
    const uint32_t key = backend_->CurrentKey();
    return key == kNoKey ? nullptr : table_->Find(key);
  }
  std::optional<T> Value() const {
    const T* const found = Find();
    return found == nullptr ? default_ : std::optional<T>(*found);
  }
  void Update(T value) {
    if (!IsUsable()) return;
    const uint32_t key = backend_->CurrentKeyForWrite();
    if (key != kNoKey && table_->Put(key, std::move(value))) backend_->AddUse(key);
  }
  template <typename F>
  void Mutate(F&& change) {
    if (!IsUsable()) return;
    const uint32_t key = backend_->CurrentKeyForWrite();
    if (key == kNoKey) return;
    T* found = table_->Find(key);
    if (found == nullptr) {
      table_->Put(key, default_ ? *default_ : T{});
      backend_->AddUse(key);
      found = table_->Find(key);
    }
    change(*found);
  }
  void Clear() {
    if (!IsUsable()) return;
    const uint32_t key = backend_->CurrentKey();
    if (key != kNoKey && table_->Erase(key)) backend_->DropUse(key);
  }

 private:
  // Without a backend there is nobody to tell: RuntimeContext::GetState has reported it.
  bool IsUsable() const { return table_ != nullptr; }

  HeapKeyedBackend* backend_ = nullptr;
  ValueTable<T>* table_ = nullptr;
  std::optional<T> default_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_VALUE_STATE_H_
