#include "runtime/types/dynamic_value.h"

#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "runtime/types/print_scalar.h"

namespace weir {
namespace {

using Kind = DynamicValue::Kind;

// Schoolbook division by ten, over and over: big integers are short and for people.
std::string Decimal(std::string bytes) {
  const bool is_negative = !bytes.empty() && (static_cast<uint8_t>(bytes[0]) & 0x80) != 0;
  if (is_negative) {
    unsigned carry = 1;
    for (size_t i = bytes.size(); i-- > 0; carry >>= 8) {
      carry += static_cast<uint8_t>(~bytes[i]);
      bytes[i] = static_cast<char>(carry & 0xFF);
    }
  }
  std::string digits;
  size_t first = 0;  // the bytes before it are 0
  do {
    unsigned rest = 0;
    for (size_t i = first; i < bytes.size(); ++i) {
      const unsigned number = rest << 8 | static_cast<uint8_t>(bytes[i]);
      bytes[i] = static_cast<char>(number / 10);
      rest = number % 10;
    }
    digits.push_back(static_cast<char>('0' + rest));
    while (first < bytes.size() && bytes[first] == 0) ++first;
  } while (first < bytes.size());
  if (is_negative) digits.push_back('-');
  return std::string(digits.rbegin(), digits.rend());
}

template <typename Floating, typename Bits>
Floating FromBits(int64_t integer) {
  const Bits bits = static_cast<Bits>(integer);
  Floating value{};
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

void Print(const DynamicValue& value, std::string* out);

void PrintItems(const DynamicValue& value, std::string* out) {
  out->push_back('[');
  for (size_t i = 0; i < value.items.size(); ++i) {
    if (i > 0) out->push_back(',');
    Print(value.items[i], out);
  }
  out->push_back(']');
}

void PrintMap(const DynamicValue& value, std::string* out) {
  out->push_back('[');
  for (size_t i = 0; i + 1 < value.items.size(); i += 2) {
    absl::StrAppend(out, i > 0 ? ",[" : "[");
    Print(value.items[i], out);
    out->push_back(',');
    Print(value.items[i + 1], out);
    out->push_back(']');
  }
  out->push_back(']');
}

void PrintFields(const DynamicValue& value, std::string* out) {
  out->push_back('{');
  for (size_t i = 0; i < value.items.size(); ++i) {
    if (i > 0) out->push_back(',');
    types_internal::PrintString(i < value.names.size() ? value.names[i] : "?", out);
    out->push_back(':');
    Print(value.items[i], out);
  }
  out->push_back('}');
}

void Print(const DynamicValue& value, std::string* out) {
  switch (value.kind) {
    case Kind::kNull:
      return absl::StrAppend(out, "null");
    case Kind::kBoolean:
      return absl::StrAppend(out, value.integer != 0 ? "true" : "false");
    case Kind::kInteger:
      return absl::StrAppend(out, value.integer);
    case Kind::kFloat:
      return types_internal::PrintFloating(FromBits<float, uint32_t>(value.integer), out);
    case Kind::kDouble:
      return types_internal::PrintFloating(FromBits<double, uint64_t>(value.integer), out);
    case Kind::kText:
    case Kind::kConstant:
      return types_internal::PrintString(value.text, out);
    case Kind::kBytes:
      return absl::StrAppend(out, "\"", absl::Base64Escape(value.text), "\"");
    case Kind::kBigInteger:
      return absl::StrAppend(out, Decimal(value.text));
    case Kind::kList:
      return PrintItems(value, out);
    case Kind::kMap:
      return PrintMap(value, out);
    case Kind::kFields:
      return PrintFields(value, out);
    case Kind::kRow:
      absl::StrAppend(out, "{\"kind\":", value.integer, ",\"fields\":");
      PrintItems(value, out);
      return out->push_back('}');
    case Kind::kTagged:
      out->push_back('{');
      types_internal::PrintString(value.text, out);
      out->push_back(':');
      value.items.size() == 1 ? Print(value.items[0], out) : PrintItems(value, out);
      return out->push_back('}');
  }
}

}  // namespace

std::string ToJson(const DynamicValue& value) {
  std::string out;
  Print(value, &out);
  return out;
}

}  // namespace weir
