#include "runtime/operators/functions.h"

#include "runtime/state/state_name.h"

namespace weir {

bool RuntimeContext::MayRegister(absl::string_view name) {
  absl::Status status = CheckStateName(name);
  if (status.ok() && context_.keyed_state == nullptr) {
    status = absl::FailedPreconditionError(absl::StrCat(
        "keyed state ", name, " can only be used on a keyed stream: put a KeyBy before this operator"));
  }
  SetStatus(status);
  return status.ok();
}

void RuntimeContext::CheckReduces(absl::string_view name, bool reduces) {
  if (reduces) return;
  SetStatus(absl::InvalidArgumentError(
      absl::StrCat("state ", name, ": its descriptor has no function to reduce with")));
}

bool RuntimeContext::IsTimeToLive(absl::string_view name, const StateTtl& ttl) {
  if (ttl.millis() > 0) return true;
  SetStatus(absl::InvalidArgumentError(
      absl::StrCat("state ", name, ": a time to live of ", ttl.millis(), " ms, at least 1 ms is wanted")));
  return false;
}

void RuntimeContext::SetStatus(const absl::Status& status) {
  if (status.ok() || !status_.ok()) return;
  status_ = status;
  // Whoever called the function asks there, whenever it was.
  context_.operator_state->SetError(status);
}

}  // namespace weir
