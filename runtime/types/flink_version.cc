#include "runtime/types/flink_version.h"

#include "absl/strings/str_cat.h"

namespace weir {

absl::string_view FlinkVersionName(FlinkVersion version) {
  switch (version) {
    case FlinkVersion::k1_20:
      return "1.20";
    case FlinkVersion::k2_0:
      return "2.0";
    case FlinkVersion::k2_3:
      return "2.3";
  }
  return "1.20";
}

absl::StatusOr<FlinkVersion> ParseFlinkVersion(absl::string_view text) {
  for (const FlinkVersion version : {FlinkVersion::k1_20, FlinkVersion::k2_0, FlinkVersion::k2_3}) {
    if (text == FlinkVersionName(version)) return version;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("Flink version \"", text, "\" is not one that can be written: 1.20, 2.0 or 2.3"));
}

}  // namespace weir
