// Licensed under the Apache License, Version 2.0.
//
// The broadcast states that a stream was broadcast with, as one operator has them: registered when it opens, then found
// by descriptor. Only what was declared at Broadcast(...) can be had.
#ifndef WEIR_RUNTIME_OPERATORS_BROADCAST_STATES_H_
#define WEIR_RUNTIME_OPERATORS_BROADCAST_STATES_H_

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/state/operator_state_backend.h"
#include "runtime/state/state_descriptor.h"

namespace weir {

// A MapStateDescriptor without its types.
struct BroadcastDeclaration {
  absl::string_view name;
  const TypeSerializer* key = nullptr;
  const TypeSerializer* value = nullptr;
  // The BroadcastState<K, V> in the backend.
  absl::StatusOr<void*> (*obtain)(OperatorStateBackend& backend, absl::string_view name) = nullptr;

  template <typename K, typename V>
  static BroadcastDeclaration Of(const MapStateDescriptor<K, V>& descriptor) {
    const auto obtain = [](OperatorStateBackend& backend,
                           absl::string_view state_name) -> absl::StatusOr<void*> {
      auto state = backend.RegisterBroadcast<K, V>(state_name);
      if (!state.ok()) return state.status();
      return *state;
    };
    return {descriptor.name, &TypeOf<K>::Serializer(), &TypeOf<V>::Serializer(), obtain};
  }
};

class BroadcastStates {
 public:
  explicit BroadcastStates(std::vector<BroadcastDeclaration> declared) : declared_(std::move(declared)) {}

  // Registers them. kInvalidArgument: a name that no state may have; kFailedPrecondition: one that stands for other types
  // in the restored state.
  absl::Status Open(OperatorStateBackend& backend);
  // One that was not declared, or with other types, is the backend's error(); what is returned then belongs to nobody.
  template <typename K, typename V>
  BroadcastState<K, V>& Get(const MapStateDescriptor<K, V>& descriptor) const {
    for (size_t i = 0; i < states_.size(); ++i) {
      const BroadcastDeclaration& declared = declared_[i];
      if (declared.name == descriptor.name && declared.key == &TypeOf<K>::Serializer() &&
          declared.value == &TypeOf<V>::Serializer()) {
        return *static_cast<BroadcastState<K, V>*>(states_[i]);
      }
    }
    return backend_->RefuseBroadcast<K, V>(
        NotDeclared(descriptor.name, TypeOf<K>::Serializer(), TypeOf<V>::Serializer()));
  }

 private:
  absl::Status NotDeclared(absl::string_view name, const TypeSerializer& key,
                           const TypeSerializer& value) const;

  std::vector<BroadcastDeclaration> declared_;
  std::vector<void*> states_;  // of declared_, once open
  OperatorStateBackend* backend_ = nullptr;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_BROADCAST_STATES_H_
