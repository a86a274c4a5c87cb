#include "runtime/types/print_scalar.h"

#include <charconv>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "runtime/types/java_string.h"

namespace weir::types_internal {
namespace {

template <typename T>
void Print(T value, std::string* out) {
  if (std::isnan(value)) return absl::StrAppend(out, "\"NaN\"");
  if (std::isinf(value)) return absl::StrAppend(out, value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
  char buffer[64];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
  out->append(buffer, static_cast<size_t>(result.ptr - buffer));
}

}  // namespace

void PrintString(absl::string_view text, std::string* out) {
  const bool is_text = IsText(text);
  out->push_back('"');
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(static_cast<char>(c));
    } else if (c < 0x20 || c == 0x7F) {
      absl::StrAppend(out, c == '\n' ? "\\n" : c == '\t' ? "\\t" : absl::StrFormat("\\u%04x", c));
    } else if (c >= 0x80 && !is_text) {
      absl::StrAppend(out, "\\ufffd");
    } else if (c == 0xED && static_cast<unsigned char>(text[i + 1]) >= 0xA0) {
      // A lone surrogate: no UTF-8, but JSON can spell it.
      const unsigned unit = 0xD000u | (static_cast<unsigned>(text[i + 1]) & 0x3Fu) << 6 |
                            (static_cast<unsigned>(text[i + 2]) & 0x3Fu);
      absl::StrAppend(out, absl::StrFormat("\\u%04x", unit));
      i += 2;
    } else {
      out->push_back(static_cast<char>(c));
    }
  }
  out->push_back('"');
}

void PrintFloating(float value, std::string* out) { Print(value, out); }
void PrintFloating(double value, std::string* out) { Print(value, out); }

}  // namespace weir::types_internal
