// Licensed under the Apache License, Version 2.0.
//
// Options by name, as text: what --set, --config and plans carry. Names are Flink's where Flink has one, else
// `weir.*` or `scenario.*`. The catalogue of known options (options.h) says what each means; here is only the map.
#ifndef WEIR_RUNTIME_BASE_CONFIGURATION_H_
#define WEIR_RUNTIME_BASE_CONFIGURATION_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/base/time.h"

namespace weir {

class Configuration {
 public:
  void Set(absl::string_view key, absl::string_view value) { values_[std::string(key)] = std::string(value); }
  // Keeps what is set already.
  void SetDefault(absl::string_view key, absl::string_view value) {
    values_.emplace(std::string(key), std::string(value));
  }
  bool Has(absl::string_view key) const { return values_.count(std::string(key)) != 0; }
  std::optional<std::string> Get(absl::string_view key) const;
  const std::map<std::string, std::string>& values() const { return values_; }

  // The value, or `fallback` if unset. kInvalidArgument "KEY: 'x' is not a ..." if it does not parse.
  absl::StatusOr<int64_t> GetInt(absl::string_view key, int64_t fallback) const;
  absl::StatusOr<bool> GetBool(absl::string_view key, bool fallback) const;
  // "5 s", "500 ms", "10min", "1500" (milliseconds), as Flink reads them; also ns and us.
  absl::StatusOr<Duration> GetDuration(absl::string_view key, Duration fallback) const;
  // "32 kb", "1mb", "4096" (bytes), as Flink reads them.
  absl::StatusOr<int64_t> GetMemorySize(absl::string_view key, int64_t fallback) const;

 private:
  std::map<std::string, std::string> values_;
};

// The inverse of GetDuration: the shortest exact form, "1500 us".
std::string DurationToOption(Duration duration);

}  // namespace weir

#endif  // WEIR_RUNTIME_BASE_CONFIGURATION_H_
