// Licensed under the Apache License, Version 2.0.
//
// StateStore::MergeNamespaces in terms of what a value or list store has besides, for stores that hold no objects of
// their own.
#ifndef WEIR_RUNTIME_STATE_MERGE_BY_ACCESS_H_
#define WEIR_RUNTIME_STATE_MERGE_BY_ACCESS_H_

#include <optional>
#include <string>

#include "absl/types/span.h"
#include "runtime/state/state_store.h"
#include "runtime/types/type_serializer.h"

namespace weir {

// `type` is of the value, or of the whole list; `current` the namespace that access means, before and afterwards.
template <typename Store>
void MergeByAccess(Store& store, const TypeSerializer& type, const std::string& current,
                   absl::string_view target, absl::Span<const std::string> sources, StateStore::Fold fold) {
  // What Find gives is gone with the next access.
  std::optional<ErasedValue> merged;
  const auto fold_found = [&](std::optional<ErasedValue>& into) {
    const void* const found = store.Find();
    if (found == nullptr) return false;
    if (into.has_value()) {
      fold(into->get(), found);
    } else {
      into.emplace(type);
      type.Copy(found, into->get());
    }
    return true;
  };
  for (const std::string& source : sources) {
    store.SetNamespace(source);
    if (fold_found(merged)) store.Clear();
  }
  if (merged.has_value()) {
    store.SetNamespace(target);
    std::optional<ErasedValue> result;
    if (fold_found(result)) fold(result->get(), merged->get());
    store.Put(result.has_value() ? result->get() : merged->get());
  }
  store.SetNamespace(current);
}

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_MERGE_BY_ACCESS_H_
