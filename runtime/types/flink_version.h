// Licensed under the Apache License, Version 2.0.
//
// The Flink release that written state is meant for (option weir.format.flink-version). It selects
// the version of
// `_metadata`, of the backend headers and of the snapshots together; single versions are never
// mixed.
#ifndef WEIR_RUNTIME_TYPES_FLINK_VERSION_H_
#define WEIR_RUNTIME_TYPES_FLINK_VERSION_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace weir {

enum class FlinkVersion { k1_20, k2_0, k2_3 };

inline constexpr FlinkVersion kDefaultFlinkVersion = FlinkVersion::k1_20;

// "1.20", "2.0", "2.3".
absl::string_view FlinkVersionName(FlinkVersion version);
// kInvalidArgument for any other text, naming the three.
absl::StatusOr<FlinkVersion> ParseFlinkVersion(absl::string_view text);

}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_FLINK_VERSION_H_
