// Licensed under the Apache License, Version 2.0.
//
// ValueState<T>: one value per key. A small handle, valid as long as the function that asked for it.
//   Find()     the stored value, or nullptr; valid until the next access of this state or the return of the method
//   Value()    a copy of it, or of the default, or nullopt
//   Update(v)  stores; Update(nullopt) clears
//   Mutate(f)  f(T&) on the stored value; where there is none, on the default or on T{}, or on make() of Mutate(f, make);
//              if f touches this state, the task fails
//   Clear()    removes; Find() is nullptr then
// Access without a current key fails the task; so does access through a handle that was never obtained.
#ifndef WEIR_RUNTIME_STATE_VALUE_STATE_H_
#define WEIR_RUNTIME_STATE_VALUE_STATE_H_

#include <optional>
#include <utility>

#include "runtime/state/state_store.h"
#include "runtime/state/ttl.h"
#include "runtime/types/type_of.h"

namespace weir {

template <typename T>
class ValueState {
 public:
  static StateSpec Spec(absl::string_view name, bool has_ttl, KeyedStateType type = KeyedStateType::kValue) {
    StateSpec spec;
    spec.name = std::string(name);
    spec.type = type;
    spec.value = has_ttl ? &TypeOf<TtlValue<T>>::Serializer() : &TypeOf<T>::Serializer();
    return spec;
  }

  ValueState() = default;
  explicit ValueState(ValueStore* store, std::optional<T> default_value = std::nullopt)
      : store_(store), default_(std::move(default_value)) {}
  ValueState(ValueStore* store, const StateTtl& ttl, const Clock& clock)
      : store_(store), ttl_(TtlView{ttl, ttl.Policy(clock, &TtlTimestampOf<T>)}) {
    store_->EnableTtl(ttl_->policy);
  }

  const T* Find() const {
    if (!IsUsable()) return nullptr;
    if (ttl_.has_value()) return FindLive();
    return static_cast<const T*>(store_->Find());
  }
  std::optional<T> Value() const {
    const T* const found = Find();
    return found == nullptr ? default_ : std::optional<T>(*found);
  }
  void Update(T value) {
    if (!IsUsable()) return;
    if (!ttl_.has_value()) return store_->Put(&value);
    ttl_->Sweep(*store_);
    TtlValue<T> stamped{ttl_->Now(), std::move(value)};
    store_->Put(&stamped);
  }
  void Update(std::nullopt_t) { Clear(); }
  template <typename F>
  void Mutate(F&& change) {
    Mutate(change, [this] { return default_.has_value() ? *default_ : T{}; });
  }
  template <typename F, typename Make>
  void Mutate(F&& change, Make&& make) {
    if (!IsUsable()) return;
    if (!ttl_.has_value()) {
      if (auto* const stored = static_cast<T*>(store_->Edit())) {
        Lend(change, *stored);
        return store_->Edited();
      }
    } else if (const T* const live = Find()) {
      T value = *live;
      Lend(change, value);
      return Update(std::move(value));
    }
    T value = make();
    Lend(change, value);
    Update(std::move(value));
  }
  void Clear() {
    if (IsUsable()) store_->Clear();
  }
  // Namespaced::Merge of the states that fold: combine(T& into, const T& other). With a time to live, what has expired is
  // left out, and what was combined is new.
  template <typename F>
  void MergeNamespaces(absl::string_view target, absl::Span<const std::string> sources, F&& combine) {
    if (!IsUsable()) return;
    store_->MergeNamespaces(target, sources, [&](void* into, const void* other) {
      if (!ttl_.has_value()) return combine(*static_cast<T*>(into), *static_cast<const T*>(other));
      auto& older = *static_cast<TtlValue<T>*>(into);
      const auto& newer = *static_cast<const TtlValue<T>*>(other);
      const int64_t now = ttl_->Now();
      if (!ttl_->IsLive(newer, now)) {
        if (ttl_->IsLive(older, now)) older.timestamp = now;
        return;
      }
      if (ttl_->IsLive(older, now)) {
        combine(older.value, newer.value);
      } else {
        older.value = newer.value;
      }
      older.timestamp = now;
    });
  }

  StateStore* store() const { return store_; }

 private:
  bool IsUsable() const { return MayAccess(store_, "ValueState"); }
  template <typename F>
  void Lend(F& change, T& value) {
    const StateStore::Loan loan(*store_);
    change(value);
  }

  const T* FindLive() const {
    ttl_->Sweep(*store_);
    const auto* const stored = static_cast<const TtlValue<T>*>(store_->Find());
    if (stored == nullptr) return nullptr;
    const int64_t now = ttl_->Now();
    if (ttl_->IsLive(*stored, now)) {
      if (!ttl_->config.updates_on_read()) return &stored->value;
      auto* const edited = static_cast<TtlValue<T>*>(store_->Edit());
      edited->timestamp = now;
      store_->Edited();
      return &static_cast<const TtlValue<T>*>(store_->Find())->value;
    }
    // Dropped first, then seen once more at most.
    if (ttl_->config.returns_expired()) last_seen_ = stored->value;
    store_->Clear();
    return ttl_->config.returns_expired() ? &*last_seen_ : nullptr;
  }

  ValueStore* store_ = nullptr;
  std::optional<T> default_;
  std::optional<TtlView> ttl_;
  mutable std::optional<T> last_seen_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_VALUE_STATE_H_
