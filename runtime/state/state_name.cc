#include "runtime/state/state_name.h"

#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "runtime/types/java_string.h"

namespace weir {
namespace {

constexpr absl::string_view kReserved[] = {"_weir_", "_timer_state/"};
// Of a name in bytes: what Java's writeUTF takes whatever the text (a NUL takes two bytes there).
constexpr size_t kNameBytesMax = std::numeric_limits<uint16_t>::max() / 2;

}  // namespace

absl::Status CheckStateName(absl::string_view name) {
  if (name.empty())
    return absl::InvalidArgumentError("a state needs a name: its descriptor has an empty one");
  if (!IsText(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the name of a state is text in UTF-8, and \"", absl::CHexEscape(name), "\" is not"));
  }
  if (name.size() > kNameBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("the name of a state has at most ", kNameBytesMax,
                                                   " bytes, and one has ", name.size(), ": ",
                                                   name.substr(0, 32), "..."));
  }
  for (const absl::string_view reserved : kReserved) {
    if (!absl::StartsWith(name, reserved)) continue;
    return absl::InvalidArgumentError(absl::StrCat("state ", name, ": names that begin with ", reserved,
                                                   " are the engine's own; choose another"));
  }
  return absl::OkStatus();
}

}  // namespace weir
