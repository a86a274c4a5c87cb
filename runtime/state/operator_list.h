// Licensed under the Apache License, Version 2.0.
//
// OperatorList<T>: a split or union list of operator state. A small handle, valid as long as the function that asked for
// it. A list that was never obtained is empty and refuses what is put into it.
#ifndef WEIR_RUNTIME_STATE_OPERATOR_LIST_H_
#define WEIR_RUNTIME_STATE_OPERATOR_LIST_H_

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/state/operator_state_backend.h"

namespace weir {

template <typename T>
class OperatorList {
 public:
  OperatorList() = default;
  explicit OperatorList(OperatorStateBackend::Elements* elements) : elements_(elements) {}

  // In order. kDataLoss if what was restored are no values of T.
  absl::StatusOr<std::vector<T>> Get() const {
    std::vector<T> values;
    if (elements_ == nullptr) return values;
    for (const std::string& element : *elements_) {
      ByteReader reader(element);
      TypeOf<T>::Read(reader, values.emplace_back());
      if (absl::Status status = reader.Finish(); !status.ok()) return status;
    }
    return values;
  }
  // kInvalidArgument if a value cannot be serialised; then nothing has changed.
  absl::Status Add(const T& value) {
    if (elements_ == nullptr) return NotObtained();
    ByteWriter bytes;
    if (!TypeOf<T>::Write(bytes, value)) return UnwritableError();
    elements_->push_back(bytes.Take());
    return absl::OkStatus();
  }
  absl::Status AddAll(const std::vector<T>& values) {
    return Append(values, elements_ == nullptr ? 0 : size());
  }
  // In place of everything.
  absl::Status Update(const std::vector<T>& values) { return Append(values, 0); }
  void Clear() {
    if (elements_ != nullptr) elements_->clear();
  }
  size_t size() const { return elements_ == nullptr ? 0 : elements_->size(); }

 private:
  static absl::Status NotObtained() {
    return absl::FailedPreconditionError("an operator list that was not obtained: see GetListState");
  }
  // Keeps the first `kept` elements.
  absl::Status Append(const std::vector<T>& values, size_t kept) {
    if (elements_ == nullptr) return NotObtained();
    OperatorStateBackend::Elements added;
    for (const T& value : values) {
      ByteWriter bytes;
      if (!TypeOf<T>::Write(bytes, value)) return UnwritableError();
      added.push_back(bytes.Take());
    }
    elements_->resize(kept);
    for (std::string& element : added) elements_->push_back(std::move(element));
    return absl::OkStatus();
  }

  OperatorStateBackend::Elements* elements_ = nullptr;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_OPERATOR_LIST_H_
