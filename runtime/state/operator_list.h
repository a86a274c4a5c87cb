// Licensed under the Apache License, Version 2.0.
//
// OperatorList<T>: a split or union list of operator state. A small handle, valid as long as the function that asked for
// it. A value that cannot be serialised fails the task, whether the returned status is looked at or not; so does access
// through a handle that was never obtained.
#ifndef WEIR_RUNTIME_STATE_OPERATOR_LIST_H_
#define WEIR_RUNTIME_STATE_OPERATOR_LIST_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/base/status.h"
#include "runtime/state/operator_state_backend.h"
#include "runtime/state/state_store.h"

namespace weir {

template <typename T>
class OperatorList {
 public:
  OperatorList() = default;
  // For operators of the engine, which look at every status.
  explicit OperatorList(OperatorStateBackend::Elements* elements) : elements_(elements) {}
  // For functions: `backend` remembers what goes wrong, and that it was in the state `name`.
  OperatorList(OperatorStateBackend::Elements* elements, OperatorStateBackend& backend,
               absl::string_view name)
      : elements_(elements), backend_(&backend), name_(name) {}

  // In order. kDataLoss if what was restored are no values of T.
  absl::StatusOr<std::vector<T>> Get() const {
    std::vector<T> values;
    for (const std::string& element : elements()) {
      ByteReader reader(element);
      TypeOf<T>::Read(reader, values.emplace_back());
      if (absl::Status status = reader.Finish(); !status.ok()) return status;
    }
    return values;
  }
  // kInvalidArgument if a value cannot be serialised; then nothing has changed.
  absl::Status Add(const T& value) { return Append(absl::Span<const T>(&value, 1), size()); }
  absl::Status AddAll(const std::vector<T>& values) { return Append(values, size()); }
  // In place of everything.
  absl::Status Update(const std::vector<T>& values) { return Append(values, 0); }
  void Clear() { elements().clear(); }
  size_t size() const { return elements().size(); }

 private:
  OperatorStateBackend::Elements& elements() const {
    if (elements_ == nullptr) {
      ThrowStateNotObtained("list of operator state", "GetListState(descriptor) in InitializeState");
    }
    return *elements_;
  }
  // Keeps the first `kept` elements.
  template <typename Values>
  absl::Status Append(const Values& values, size_t kept) {
    OperatorStateBackend::Elements added;
    for (const T& value : values) {
      ByteWriter bytes;
      if (!TypeOf<T>::Write(bytes, value)) return Refuse(UnwritableError());
      added.push_back(bytes.Take());
    }
    elements().resize(kept);
    for (std::string& element : added) elements_->push_back(std::move(element));
    return absl::OkStatus();
  }
  absl::Status Refuse(const absl::Status& error) const {
    if (backend_ == nullptr) return error;
    absl::Status named = WithContext(error, absl::StrCat("operator state ", name_));
    backend_->SetError(named);
    return named;
  }

  OperatorStateBackend::Elements* elements_ = nullptr;
  OperatorStateBackend* backend_ = nullptr;
  std::string name_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_OPERATOR_LIST_H_
