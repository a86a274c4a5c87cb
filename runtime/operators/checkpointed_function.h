// Licensed under the Apache License, Version 2.0.
//
// Operator state of user functions. Any function may have the methods of one of two interfaces:
//
//   CheckpointedFunction   InitializeState(FunctionInitializationContext&)   at every start
//                          SnapshotState(FunctionSnapshotContext&)           before each snapshot
//   ListCheckpointed       std::vector<T> SnapshotState(CheckpointId)        deprecated, as in Flink: what it returns is
//                          RestoreState(const std::vector<T>&)               kept as a split list named "_default_",
//                                                                            written with T's serializer
//
// Methods return void or absl::Status; ListCheckpointed's SnapshotState may return absl::StatusOr. Whatever fails, also
// in a snapshot, fails the task. The life of a function:
//
//   SetRuntimeContext(RuntimeContext&), InitializeState, RestoreState (only after a restore), Open, records and
//   snapshots, Close
//
// Contexts are valid during the call; the state that they hand out, as long as the function.
#ifndef WEIR_RUNTIME_OPERATORS_CHECKPOINTED_FUNCTION_H_
#define WEIR_RUNTIME_OPERATORS_CHECKPOINTED_FUNCTION_H_

#include <optional>
#include <utility>
#include <vector>

#include "runtime/operators/functions.h"
#include "runtime/operators/member_names.h"
#include "runtime/operators/user_call.h"
#include "runtime/state/operator_list.h"
#include "runtime/state/state_descriptor.h"
#include "runtime/state/state_name.h"

namespace weir {

// The operator state of one subtask, by descriptor. A name that no state may have (state/state_name.h), that of a list
// that stands for another mode or type, or of a map that stands for other types, fails the task.
class OperatorStateStore {
 public:
  explicit OperatorStateStore(OperatorStateBackend& backend) : backend_(backend) {}

  // After a rescale: the elements dealt out over the subtasks; or all of them for everybody.
  template <typename T>
  OperatorList<T> GetListState(const ListStateDescriptor<T>& descriptor) {
    return List<T>(descriptor.name, OperatorStateMode::kSplitDistribute);
  }
  template <typename T>
  OperatorList<T> GetUnionListState(const ListStateDescriptor<T>& descriptor) {
    return List<T>(descriptor.name, OperatorStateMode::kUnion);
  }
  // After a rescale: one of the old copies.
  template <typename K, typename V>
  BroadcastState<K, V>& GetBroadcastState(const MapStateDescriptor<K, V>& descriptor) {
    const absl::Status named = CheckStateName(descriptor.name);
    if (!named.ok()) return backend_.RefuseBroadcast<K, V>(named);
    auto state = backend_.RegisterBroadcast<K, V>(descriptor.name);
    return state.ok() ? **state : backend_.RefuseBroadcast<K, V>(state.status());
  }

 private:
  template <typename T>
  OperatorList<T> List(absl::string_view name, OperatorStateMode mode) {
    const absl::Status named = CheckStateName(name);
    if (!named.ok()) return backend_.SetError(named), OperatorList<T>();
    auto elements = backend_.RegisterList(name, mode, TypeOf<T>::Serializer());
    if (elements.ok()) return OperatorList<T>(*elements, backend_, name);
    return backend_.SetError(elements.status()), OperatorList<T>();
  }

  OperatorStateBackend& backend_;
};

class FunctionInitializationContext {
 public:
  explicit FunctionInitializationContext(RuntimeContext& runtime)
      : runtime_(runtime), store_(*runtime.operator_context().operator_state) {}

  // The attempt began from a checkpoint: so for every subtask, also one that got no element of it.
  bool is_restored() const { return runtime_.is_restored(); }
  std::optional<CheckpointId> restored_checkpoint_id() const {
    return runtime_.operator_context().restored_checkpoint;
  }
  OperatorStateStore& operator_state() { return store_; }
  // On a keyed stream: GetState and its kin. Without a key the values cannot be looked at yet.
  RuntimeContext& keyed_state() { return runtime_; }

 private:
  RuntimeContext& runtime_;
  OperatorStateStore store_;
};

class FunctionSnapshotContext {
 public:
  explicit FunctionSnapshotContext(CheckpointId checkpoint) : checkpoint_(checkpoint) {}
  CheckpointId checkpoint_id() const { return checkpoint_; }

 private:
  CheckpointId checkpoint_;
};

namespace operators_internal {

template <typename F>
concept HasSetRuntimeContext = requires(F& f, RuntimeContext& context) {
  f.SetRuntimeContext(context);
};
template <typename F>
concept HasInitializeState = requires(F& f, FunctionInitializationContext& context) {
  f.InitializeState(context);
};
template <typename F>
concept HasSnapshotState = requires(F& f, FunctionSnapshotContext& context) {
  f.SnapshotState(context);
};
template <typename F>
concept HasListSnapshotState = requires(F& f) {
  f.SnapshotState(CheckpointId());
};

template <typename F>
constexpr void CheckInterfaces() {
  static_assert(
      !(HasListSnapshotState<F> && (HasInitializeState<F> || HasSnapshotState<F>)),
      "a function implements CheckpointedFunction (InitializeState, SnapshotState with contexts) or "
      "ListCheckpointed (SnapshotState with a CheckpointId, RestoreState), not both: keep the first");
  static_assert(!NamesSetRuntimeContext<F> || HasSetRuntimeContext<F>,
                "SetRuntimeContext is public and takes a weir::RuntimeContext&");
  static_assert(!NamesInitializeState<F> || HasInitializeState<F>,
                "InitializeState is public and takes a weir::FunctionInitializationContext&");
  static_assert(!NamesSnapshotState<F> || HasSnapshotState<F> || HasListSnapshotState<F>,
                "SnapshotState is public and takes a weir::FunctionSnapshotContext&");
  static_assert(HasListSnapshotState<F> || HasInitializeState<F> == HasSnapshotState<F>,
                "InitializeState and SnapshotState belong together: what one obtains, the other fills");
  static_assert(HasListSnapshotState<F> == NamesRestoreState<F>,
                "RestoreState(const std::vector<T>&) and std::vector<T> SnapshotState(CheckpointId) belong "
                "together");
}

inline constexpr absl::string_view kListCheckpointedState = "_default_";

// What ListCheckpointed's SnapshotState returns, without the status.
template <typename F>
using ListOf =
    typename Unwrapped<std::decay_t<decltype(std::declval<F&>().SnapshotState(CheckpointId()))>>::Type;

}  // namespace operators_internal

// The calls, in Flink's order, for whoever holds the function. Errors have no operator in front yet.
template <typename F>
class CheckpointedCalls {
 public:
  // SetRuntimeContext, InitializeState, RestoreState: those that it has.
  absl::Status Initialize(F& function, RuntimeContext& runtime) {
    operators_internal::CheckInterfaces<F>();
    if constexpr (operators_internal::HasSetRuntimeContext<F>) {
      absl::Status status = operators_internal::ToStatus([&] { return function.SetRuntimeContext(runtime); });
      if (!status.ok()) return status;
    }
    if constexpr (operators_internal::HasInitializeState<F>) {
      FunctionInitializationContext context(runtime);
      return operators_internal::ToStatus([&] { return function.InitializeState(context); });
    } else if constexpr (operators_internal::HasListSnapshotState<F>) {
      using List = operators_internal::ListOf<F>;
      OperatorStateBackend& backend = *runtime.operator_context().operator_state;
      auto elements = backend.RegisterList(operators_internal::kListCheckpointedState,
                                           OperatorStateMode::kSplitDistribute,
                                           TypeOf<typename List::value_type>::Serializer());
      if (!elements.ok()) return elements.status();
      elements_ = *elements;
      if (!runtime.is_restored()) return absl::OkStatus();
      absl::StatusOr<List> restored = OperatorList<typename List::value_type>(elements_).Get();
      if (!restored.ok()) return restored.status();
      const List& list = *restored;
      return operators_internal::ToStatus([&] { return function.RestoreState(list); });
    }
    return absl::OkStatus();
  }

  absl::Status Snapshot(F& function, CheckpointId checkpoint) {
    if constexpr (operators_internal::HasSnapshotState<F>) {
      FunctionSnapshotContext context(checkpoint);
      return operators_internal::ToStatus([&] { return function.SnapshotState(context); });
    } else if constexpr (operators_internal::HasListSnapshotState<F>) {
      using List = operators_internal::ListOf<F>;
      absl::StatusOr<List> list = function.SnapshotState(checkpoint);
      if (!list.ok()) return list.status();
      return WithContext(OperatorList<typename List::value_type>(elements_).Update(*list), [] {
        return absl::StrCat("operator state ", operators_internal::kListCheckpointedState);
      });
    }
    return absl::OkStatus();
  }

 private:
  OperatorStateBackend::Elements* elements_ = nullptr;  // ListCheckpointed
};

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_CHECKPOINTED_FUNCTION_H_
