#include "runtime/base/user_code.h"

#include <exception>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"

namespace weir {

absl::Status StatusOfException() {
  try {
    throw;
  } catch (const RunAborted&) {
    throw;
  } catch (const std::exception& e) {
    return absl::FailedPreconditionError(absl::StrCat("exception: ", e.what()));
  } catch (...) {
    return absl::FailedPreconditionError("exception of a type that is not std::exception");
  }
}

}  // namespace weir
