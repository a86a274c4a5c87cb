// Licensed under the Apache License, Version 2.0.
//
// ListState<T>: a list of elements per key, in the order in which they were added. A handle like ValueState.
//   Get()         all elements; empty if there are none; valid until the next access of this state
//   Add(v), AddAll(list)   behind the others; an empty list adds nothing
//   Update(list)  in place of the others; an empty list clears
//   Clear()
#ifndef WEIR_RUNTIME_STATE_LIST_STATE_H_
#define WEIR_RUNTIME_STATE_LIST_STATE_H_

#include <optional>
#include <utility>
#include <vector>

#include "runtime/state/state_store.h"
#include "runtime/state/ttl.h"
#include "runtime/types/type_of.h"

namespace weir {

template <typename T>
class ListState {
  static_assert(!types_internal::kIsOptional<T>, "an element of a list state is never null: use T itself");

 public:
  using ElementType = T;
  static StateSpec Spec(absl::string_view name, bool has_ttl) {
    StateSpec spec;
    spec.name = std::string(name);
    spec.type = KeyedStateType::kList;
    spec.value = has_ttl ? &TypeOf<TtlValue<T>>::Serializer() : &TypeOf<T>::Serializer();
    spec.list =
        has_ttl ? &TypeOf<std::vector<TtlValue<T>>>::Serializer() : &TypeOf<std::vector<T>>::Serializer();
    return spec;
  }

  ListState() = default;
  explicit ListState(ListStore* store) : store_(store) {}
  ListState(ListStore* store, const StateTtl& ttl, const Clock& clock)
      : store_(store), ttl_(TtlView{ttl, ttl.Policy(clock, &TtlTimestampOf<T>)}) {
    store_->EnableTtl(ttl_->policy);
  }

  const std::vector<T>& Get() const {
    if (!IsUsable()) return live_;
    if (ttl_.has_value()) return GetLive();
    const auto* const stored = static_cast<const std::vector<T>*>(store_->Find());
    return stored == nullptr ? live_ : *stored;
  }
  void Add(const T& value) {
    if (!IsUsable()) return;
    if (!ttl_.has_value()) return store_->Add(&value);
    ttl_->Sweep(*store_);
    const TtlValue<T> stamped{ttl_->Now(), value};
    store_->Add(&stamped);
  }
  void AddAll(const std::vector<T>& values) {
    for (const T& value : values) Add(value);
  }
  void Update(std::vector<T> values) {
    if (!IsUsable()) return;
    if (!ttl_.has_value()) return store_->Put(&values);
    ttl_->Sweep(*store_);
    const int64_t now = ttl_->Now();
    std::vector<TtlValue<T>> stamped;
    stamped.reserve(values.size());
    for (T& value : values) stamped.push_back({now, std::move(value)});
    store_->Put(&stamped);
  }
  void Clear() {
    if (IsUsable()) store_->Clear();
  }
  // Namespaced::Merge: the elements of the target, then those of the sources. Each keeps its time.
  void MergeNamespaces(absl::string_view target, absl::Span<const std::string> sources) {
    if (!IsUsable()) return;
    ttl_.has_value() ? MergeStored<TtlValue<T>>(target, sources) : MergeStored<T>(target, sources);
  }

  StateStore* store() const { return store_; }

 private:
  bool IsUsable() const { return MayAccess(store_, "ListState"); }
  template <typename Stored>
  void MergeStored(absl::string_view target, absl::Span<const std::string> sources) {
    store_->MergeNamespaces(target, sources, [](void* into, const void* other) {
      const auto& added = *static_cast<const std::vector<Stored>*>(other);
      auto& list = *static_cast<std::vector<Stored>*>(into);
      list.insert(list.end(), added.begin(), added.end());
    });
  }

  // Expired elements are passed over; the list goes when a reader has found all of them expired.
  const std::vector<T>& GetLive() const {
    ttl_->Sweep(*store_);
    live_.clear();
    const auto* const stored = static_cast<const std::vector<TtlValue<T>>*>(store_->Find());
    if (stored == nullptr) return live_;
    const int64_t now = ttl_->Now();
    bool is_all_expired = true;
    for (const TtlValue<T>& element : *stored) {
      const bool is_live = ttl_->IsLive(element, now);
      is_all_expired &= !is_live;
      if (is_live || ttl_->config.returns_expired()) live_.push_back(element.value);
    }
    if (is_all_expired) {
      store_->Clear();
    } else if (ttl_->config.updates_on_read()) {
      std::vector<TtlValue<T>> touched;
      for (const TtlValue<T>& element : *stored) {
        touched.push_back({ttl_->IsLive(element, now) ? now : element.timestamp, element.value});
      }
      store_->Put(&touched);
    }
    return live_;
  }

  ListStore* store_ = nullptr;
  std::optional<TtlView> ttl_;
  mutable std::vector<T> live_;  // without a time to live: always empty
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_LIST_STATE_H_
