// Licensed under the Apache License, Version 2.0.
//
// Operator (non-keyed) state of one subtask: named lists, always on the heap. Elements are kept serialised. After a
// rescale the elements of a list are dealt out over the subtasks (split) or given to each whole (union).
//
// States that were restored but not asked for are kept and written again, if their elements are of a base type. Lists are
// snapshotted in the order of their names. (Broadcast state has its place in the format; there is no API for it yet.)
#ifndef WEIR_RUNTIME_STATE_OPERATOR_STATE_BACKEND_H_
#define WEIR_RUNTIME_STATE_OPERATOR_STATE_BACKEND_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/format/operator_state.h"
#include "runtime/format/state_handle.h"
#include "runtime/types/type_of.h"

namespace weir {

struct OperatorStateSnapshot {
  OperatorStateStream stream;
  uint64_t unbilled = 0;  // bytes of it that are the ledger's
};

class OperatorStateBackend {
 public:
  using Elements = std::vector<std::string>;

  // The elements of a list, to be read and changed; stays valid. kFailedPrecondition: the name stands for another mode
  // or type.
  absl::StatusOr<Elements*> RegisterList(absl::string_view name, OperatorStateMode mode,
                                         const TypeSerializer& element);

  // Null stream (no bytes) if nothing is registered and there is no witness. `witness`: elements of the ledger's list.
  absl::StatusOr<OperatorStateSnapshot> Snapshot(const Elements& witness) const;
  // Adds the elements that the handle points at. `witness` receives the ledger's. Before any registration.
  absl::Status Restore(const OperatorHandle& handle, std::string bytes, Elements* witness);

 private:
  struct List {
    StateMeta meta;
    OperatorStateMode mode = OperatorStateMode::kSplitDistribute;
    const TypeSerializer* type = nullptr;  // of a registered one
    Elements elements;
    // Not registered yet: where the elements begin in the restored streams. Only their type knows where they end.
    std::vector<std::pair<size_t, int64_t>> restored;
  };
  absl::Status Load(const TypeSerializer& type, const List& list, Elements* elements) const;

  std::map<std::string, List, std::less<>> lists_;
  std::vector<std::string> streams_;  // restored
};

// A typed view of such a list.
template <typename T>
class OperatorList {
 public:
  OperatorList() = default;
  explicit OperatorList(OperatorStateBackend::Elements* elements) : elements_(elements) {}

  void Clear() { elements_->clear(); }
  // kInvalidArgument if the value cannot be serialised.
  absl::Status Add(const T& value) {
    ByteWriter bytes;
    if (!TypeOf<T>::Write(bytes, value)) return UnwritableError();
    elements_->push_back(bytes.Take());
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<T>> Get() const {
    std::vector<T> values;
    for (const std::string& element : *elements_) {
      ByteReader reader(element);
      TypeOf<T>::Read(reader, values.emplace_back());
      if (absl::Status status = reader.Finish(); !status.ok()) return status;
    }
    return values;
  }

 private:
  OperatorStateBackend::Elements* elements_ = nullptr;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_OPERATOR_STATE_BACKEND_H_
