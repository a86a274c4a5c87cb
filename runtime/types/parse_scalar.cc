#include "runtime/types/parse_scalar.h"

#include <cmath>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "runtime/types/bytes.h"
#include "runtime/types/java_string.h"

namespace weir::types_internal {
namespace {

template <typename T>
std::string StoreRanged(int64_t number, void* target) {
  if (number < std::numeric_limits<T>::min() || number > std::numeric_limits<T>::max()) {
    return absl::StrCat("integer ", number, " is out of range, must be from ",
                        static_cast<int64_t>(std::numeric_limits<T>::min()), " to ",
                        static_cast<int64_t>(std::numeric_limits<T>::max()));
  }
  *static_cast<T*>(target) = static_cast<T>(number);
  return "";
}

// Long text is cut, so that a message stays one line.
std::string Quote(absl::string_view text) {
  constexpr size_t kShown = 40;
  return absl::StrCat("\"", absl::Utf8SafeCEscape(text.substr(0, kShown)), text.size() > kShown ? "..." : "",
                      "\"");
}

}  // namespace

absl::string_view Expectation(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBool:
      return "true or false";
    case TypeKind::kInt8:
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
      return "an integer";
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return "a number";
    case TypeKind::kString:
      return "text";
    case TypeKind::kBytes:
      return "base64 text";
    case TypeKind::kEnum:
      return "the name of a constant";
    case TypeKind::kDateTime:
      return "a date or time as in ISO 8601";
    case TypeKind::kTuple:
    case TypeKind::kList:
    case TypeKind::kSet:
      return "an array";
    case TypeKind::kNullable:
      return "a value or null";
    case TypeKind::kMap:
    case TypeKind::kStruct:
    case TypeKind::kTtl:
    case TypeKind::kEither:
      return "an object";
  }
  return "something else";
}

std::string Mismatch(TypeKind kind, absl::string_view found) {
  return absl::StrCat("expected ", Expectation(kind), ", found ", found);
}

std::string StoreInteger(TypeKind kind, int64_t number, void* target) {
  switch (kind) {
    case TypeKind::kInt8:
      return StoreRanged<int8_t>(number, target);
    case TypeKind::kInt16:
      return StoreRanged<int16_t>(number, target);
    case TypeKind::kInt32:
      return StoreRanged<int32_t>(number, target);
    case TypeKind::kInt64:
      return StoreRanged<int64_t>(number, target);
    case TypeKind::kFloat:
      *static_cast<float*>(target) = static_cast<float>(number);
      return "";
    case TypeKind::kDouble:
      *static_cast<double*>(target) = static_cast<double>(number);
      return "";
    default:
      return Mismatch(kind, absl::StrCat(number));
  }
}

std::string StoreFloating(TypeKind kind, double number, absl::string_view spelling, void* target) {
  if (kind == TypeKind::kDouble) {
    *static_cast<double*>(target) = number;
    return "";
  }
  if (kind == TypeKind::kFloat) {
    if (std::isfinite(number) && std::fabs(number) > static_cast<double>(std::numeric_limits<float>::max())) {
      return absl::StrCat("number ", spelling, " is out of range");
    }
    *static_cast<float*>(target) = static_cast<float>(number);
    return "";
  }
  return Mismatch(kind, spelling);
}

std::string StoreBool(TypeKind kind, bool value, void* target) {
  if (kind != TypeKind::kBool) return Mismatch(kind, value ? "true" : "false");
  *static_cast<bool*>(target) = value;
  return "";
}

std::string StoreText(const TypeShape& shape, absl::string_view text, void* target) {
  const TypeKind kind = shape.kind;
  if (kind == TypeKind::kString) {
    if (!IsText(text)) return "text that is not UTF-8";
    static_cast<std::string*>(target)->assign(text.data(), text.size());
    return "";
  }
  if (kind == TypeKind::kBytes) {
    std::string bytes;
    if (!absl::Base64Unescape(text, &bytes)) return Mismatch(kind, Quote(text));
    static_cast<Bytes*>(target)->value = std::move(bytes);
    return "";
  }
  if (kind == TypeKind::kFloat || kind == TypeKind::kDouble) {
    // As they are printed; JSON has no numbers for them.
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (text == "NaN") return StoreFloating(kind, std::numeric_limits<double>::quiet_NaN(), text, target);
    if (text == "Infinity") return StoreFloating(kind, kInfinity, text, target);
    if (text == "-Infinity") return StoreFloating(kind, -kInfinity, text, target);
  }
  if (shape.from_text != nullptr && shape.from_text(text, target)) return "";
  return Mismatch(kind, Quote(text));
}

}  // namespace weir::types_internal
