#include "runtime/operators/functions.h"

namespace weir {

bool RuntimeContext::IsKeyed(absl::string_view name) {
  if (context_.keyed_state != nullptr) return true;
  SetStatus(absl::FailedPreconditionError(absl::StrCat(
      "keyed state ", name, " can only be used on a keyed stream: put a KeyBy before this operator")));
  return false;
}

void RuntimeContext::SetStatus(const absl::Status& status) {
  if (status_.ok()) status_ = status;
}

}  // namespace weir
