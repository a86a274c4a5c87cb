// Licensed under the Apache License, Version 2.0.
//
// Where RocksDB's calls become calls of Env. Each goes through Do, which
//   * calls nothing any more once the database was cut off: it may then be destroyed whatever happened to the process;
//   * fails all of a job that a fault struck at its start;
//   * lets no failed check unwind the frames of RocksDB: it is kept, and everything fails from there on until the owner
//     calls Settle outside of these frames;
//   * remembers the status behind an I/O error, which RocksDB turns into text.
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_ENV_GATE_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_ENV_GATE_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/base/check.h"
#include "runtime/env/env.h"

namespace weir {

class EnvGate {
 public:
  explicit EnvGate(Env& env) : env_(env) {}
  EnvGate(const EnvGate&) = delete;
  EnvGate& operator=(const EnvGate&) = delete;

  // `call(Env&)` returns a Status or StatusOr.
  template <typename Call>
  auto Do(Call call) -> decltype(call(std::declval<Env&>())) {
    if (is_cut_) return absl::AbortedError("the database was abandoned");
    if (!failed_check_.empty()) return absl::AbortedError("a check failed");
    if (!fault_.ok()) return Remember(fault_);
    try {
      auto result = call(env_);
      (void)Remember(StatusOf(result));
      return result;
    } catch (const RunAborted& aborted) {
      FailCheck(aborted.message());
      return absl::AbortedError("a check failed");
    }
  }

  void Cut() { is_cut_ = true; }
  bool is_cut() const { return is_cut_; }
  // From here on all calls fail with this status; OK ends it.
  void SetFault(absl::Status fault) { fault_ = std::move(fault); }
  const absl::Status& fault() const { return fault_; }
  // The first one counts.
  void FailCheck(const std::string& message) {
    if (failed_check_.empty()) failed_check_ = message.empty() ? "(no message)" : message;
  }
  // Fails the check that was kept, if one was. REQUIRES: no frame of RocksDB is on the stack.
  void Settle() const { WEIR_CHECK(is_cut_ || failed_check_.empty(), failed_check_); }
  // Of the last call that failed; OK if none did.
  const absl::Status& last_error() const { return last_error_; }

 private:
  static const absl::Status& StatusOf(const absl::Status& status) { return status; }
  template <typename T>
  static const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
    return result.status();
  }
  const absl::Status& Remember(const absl::Status& status) {
    if (!status.ok() && !absl::IsNotFound(status)) last_error_ = status;
    return status;
  }

  Env& env_;
  bool is_cut_ = false;
  absl::Status fault_;
  absl::Status last_error_;
  std::string failed_check_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_ROCKSDB_ENV_GATE_H_
