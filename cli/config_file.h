// Licensed under the Apache License, Version 2.0.
//
// Options from a YAML file, flat ("parallelism.default: 4") or nested ("parallelism:\n  default: 4").
#ifndef WEIR_CLI_CONFIG_FILE_H_
#define WEIR_CLI_CONFIG_FILE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace weir::cli {

// (key, value) in the order of the file. kInvalidArgument or kNotFound: "FILE, line L, column C: what is wrong".
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ReadConfigFile(const std::string& path);

}  // namespace weir::cli

#endif  // WEIR_CLI_CONFIG_FILE_H_
