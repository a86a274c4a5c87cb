#include "runtime/host/file_name.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace weir::host {
namespace {

bool IsPlain(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_'; }

}  // namespace

std::string EscapeFileName(absl::string_view key) {
  if (key.empty()) return "%";
  std::string name;
  for (const char c : key) {
    if (IsPlain(c)) {
      name.push_back(c);
    } else {
      absl::StrAppend(&name, "%", absl::BytesToHexString(absl::string_view(&c, 1)));
    }
  }
  return name;
}

std::optional<std::string> UnescapeFileName(absl::string_view name) {
  if (name == "%") return "";
  std::string key;
  for (size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '%') {
      key.push_back(name[i]);
      continue;
    }
    if (i + 2 >= name.size()) return std::nullopt;
    const absl::string_view digits = name.substr(i + 1, 2);
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(digits[0]))) return std::nullopt;
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(digits[1]))) return std::nullopt;
    key += absl::HexStringToBytes(digits);
    i += 2;
  }
  // Only the one spelling is ours.
  if (key.empty() || EscapeFileName(key) != name) return std::nullopt;
  return key;
}

}  // namespace weir::host
