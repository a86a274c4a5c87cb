#include "runtime/base/ids.h"

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace weir {

std::string OperatorId::ToHex() const {
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace weir
