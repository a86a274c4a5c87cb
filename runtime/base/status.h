// Licensed under the Apache License, Version 2.0.
//
// Early returns for absl::Status. Which code means what is fixed: kDataLoss checksum or truncation; kUnavailable a
// retry may help; kAborted superseded or fenced; kDeadlineExceeded a deadline of ours; kFailedPrecondition schema
// incompatible or illegal state; kInvalidArgument a user's file or option; kResourceExhausted a limit of ours;
// kNotFound / kAlreadyExists storage; kUnimplemented the backend lacks it; kCancelled the job was told to stop, a peer of
// a subtask is gone, or nothing failed and yet a checkpoint is given up.
// kUnknown and kInternal are not used.
#ifndef WEIR_RUNTIME_BASE_STATUS_H_
#define WEIR_RUNTIME_BASE_STATUS_H_

#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace weir {

// Returns `status` with "context: " in front of its message; OK stays OK.
absl::Status WithContext(const absl::Status& status, absl::string_view context);
// The same where the context is worth making for an error only: `describe` returns it.
template <typename Describe>
requires std::is_invocable_v<Describe> absl::Status WithContext(const absl::Status& status,
                                                                Describe describe) {
  return status.ok() ? status : WithContext(status, absl::string_view(describe()));
}

}  // namespace weir

#define WEIR_RETURN_IF_ERROR(expression)                                                     \
  do {                                                                                       \
    if (::absl::Status weir_status_ = (expression); !weir_status_.ok()) return weir_status_; \
  } while (false)

#define WEIR_CONCAT_INNER_(a, b) a##b
#define WEIR_CONCAT_(a, b) WEIR_CONCAT_INNER_(a, b)
#define WEIR_ASSIGN_OR_RETURN_INNER_(result, declaration, expression) \
  auto result = (expression);                                         \
  if (!result.ok()) return result.status();                           \
  declaration = std::move(result).value()
// WEIR_ASSIGN_OR_RETURN(auto value, MakeValue()): the value, or return the status.
#define WEIR_ASSIGN_OR_RETURN(declaration, expression) \
  WEIR_ASSIGN_OR_RETURN_INNER_(WEIR_CONCAT_(weir_result_, __LINE__), declaration, expression)

#endif  // WEIR_RUNTIME_BASE_STATUS_H_
