// Values as JSON and as text for people: one walk over the shape of a type.
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "runtime/types/bytes.h"
#include "runtime/types/print_scalar.h"
#include "runtime/types/type_serializer.h"

namespace weir {
namespace {

using types_internal::PrintFloating;
using types_internal::PrintString;

template <typename T>
const T& As(const void* value) {
  return *static_cast<const T*>(value);
}

void Print(const TypeSerializer& type, const void* value, std::string* out);

void PrintFields(const TypeShape& shape, const void* value, std::string* out) {
  const bool is_struct = shape.kind != TypeKind::kTuple;
  out->push_back(is_struct ? '{' : '[');
  bool is_first = true;
  for (const FieldShape& field : shape.fields) {
    if (!is_first) out->push_back(',');
    is_first = false;
    if (is_struct) {
      PrintString(field.name, out);
      out->push_back(':');
    }
    Print(field.type(), field.get(value), out);
  }
  out->push_back(is_struct ? '}' : ']');
}

void PrintElements(const TypeShape& shape, const void* value, std::string* out) {
  const bool is_object = shape.kind == TypeKind::kMap && shape.element().kind() == TypeKind::kString;
  const bool is_pairs = shape.kind == TypeKind::kMap && !is_object;
  out->push_back(is_object ? '{' : '[');
  bool is_first = true;
  shape.visit(value, [&](const void* first, const void* second) {
    if (!is_first) out->push_back(',');
    is_first = false;
    if (is_pairs) out->push_back('[');
    Print(shape.element(), first, out);
    if (second != nullptr) {
      out->push_back(is_object ? ':' : ',');
      Print(shape.mapped(), second, out);
    }
    if (is_pairs) out->push_back(']');
  });
  out->push_back(is_object ? '}' : ']');
}

void PrintEither(const TypeShape& shape, const void* value, std::string* out) {
  shape.visit(value, [&](const void* left, const void* right) {
    absl::StrAppend(out, left != nullptr ? "{\"left\":" : "{\"right\":");
    left != nullptr ? Print(shape.element(), left, out) : Print(shape.mapped(), right, out);
    out->push_back('}');
  });
}

void Print(const TypeSerializer& type, const void* value, std::string* out) {
  const TypeShape& shape = type.shape();
  switch (shape.kind) {
    case TypeKind::kBool:
      return absl::StrAppend(out, As<bool>(value) ? "true" : "false");
    case TypeKind::kInt8:
      return absl::StrAppend(out, static_cast<int>(As<int8_t>(value)));
    case TypeKind::kInt16:
      return absl::StrAppend(out, As<int16_t>(value));
    case TypeKind::kInt32:
      return absl::StrAppend(out, As<int32_t>(value));
    case TypeKind::kInt64:
      return absl::StrAppend(out, As<int64_t>(value));
    case TypeKind::kFloat:
      return PrintFloating(As<float>(value), out);
    case TypeKind::kDouble:
      return PrintFloating(As<double>(value), out);
    case TypeKind::kString:
      return PrintString(As<std::string>(value), out);
    case TypeKind::kBytes:
      return absl::StrAppend(out, "\"", absl::Base64Escape(As<Bytes>(value).value), "\"");
    case TypeKind::kEnum:
    case TypeKind::kDateTime:
      return PrintString(shape.to_text(value), out);
    case TypeKind::kTuple:
    case TypeKind::kStruct:
    case TypeKind::kTtl:
      return PrintFields(shape, value, out);
    case TypeKind::kNullable:
      if (shape.size(value) == 0) return absl::StrAppend(out, "null");
      return shape.visit(value,
                         [&](const void* element, const void*) { Print(shape.element(), element, out); });
    case TypeKind::kList:
    case TypeKind::kSet:
    case TypeKind::kMap:
      return PrintElements(shape, value, out);
    case TypeKind::kEither:
      return PrintEither(shape, value, out);
  }
}

}  // namespace

std::string TypeSerializer::ToJson(const void* value) const {
  std::string out;
  Print(*this, value, &out);
  return out;
}

std::string TypeSerializer::ToText(const void* value) const {
  if (kind() == TypeKind::kString) return As<std::string>(value);
  if (shape().to_text != nullptr) return shape().to_text(value);
  return ToJson(value);
}

}  // namespace weir
