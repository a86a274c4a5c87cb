#include "cli/config_file.h"

#include <yaml-cpp/yaml.h>

#include "absl/strings/str_cat.h"
#include "campaign/files.h"
#include "runtime/base/status.h"

namespace weir::cli {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

absl::Status At(const std::string& path, const YAML::Mark& mark, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ", line ", mark.line + 1, ", column ", mark.column + 1, ": ", what));
}

// The nesting of a file that fits its indentation; deeper ones are no options.
constexpr int kDepthMax = 16;

absl::Status Flatten(const std::string& path, const YAML::Node& node, const std::string& prefix, int depth,
                     Entries& entries) {
  for (const auto& entry : node) {
    const YAML::Node& key = entry.first;
    const YAML::Node& value = entry.second;
    if (!key.IsScalar()) return At(path, key.Mark(), "the name of an option is wanted here");
    const std::string name = prefix.empty() ? key.Scalar() : absl::StrCat(prefix, ".", key.Scalar());
    if (value.IsScalar()) {
      entries.emplace_back(name, value.Scalar());
    } else if (value.IsMap() && depth < kDepthMax) {
      WEIR_RETURN_IF_ERROR(Flatten(path, value, name, depth + 1, entries));
    } else {
      return At(path, key.Mark(), absl::StrCat("'", name, "' wants one value"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Entries> ReadConfigFile(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::string content, campaign::ReadFile(path));
  Entries entries;
  // The library speaks in exceptions; none leaves this function.
  try {
    const YAML::Node document = YAML::Load(content);
    if (document.IsNull()) return entries;
    if (!document.IsMap()) return At(path, document.Mark(), "options are wanted, one a line: 'name: value'");
    WEIR_RETURN_IF_ERROR(Flatten(path, document, "", 0, entries));
  } catch (const YAML::Exception& error) {
    return At(path, error.mark, error.msg);
  }
  return entries;
}

}  // namespace weir::cli
