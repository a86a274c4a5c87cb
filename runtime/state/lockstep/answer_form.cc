#include "runtime/state/lockstep/answer_form.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace weir {
namespace {

constexpr size_t kTextMax = 160;
constexpr uint8_t kListDelimiter = ',';
constexpr absl::string_view kNothing = "nothing";

}  // namespace

std::string Shortened(std::string text) {
  if (text.size() <= kTextMax) return text;
  size_t end = kTextMax;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;  // not amid a character
  const size_t left = text.size() - end;
  text.resize(end);
  return absl::StrCat(text, "... (", left, " bytes more)");
}

std::string HexText(absl::string_view bytes) {
  return Shortened(absl::StrCat("0x", absl::BytesToHexString(bytes)));
}

std::string TextOfBytes(const TypeSerializer& type, absl::string_view bytes) {
  ByteReader reader(bytes);
  ErasedValue value(type);
  type.Deserialize(reader, value.get());
  return reader.Finish().ok() ? Shortened(type.ToText(value.get())) : HexText(bytes);
}

TtlPolicy AnswerForm::EnableTtl(const TtlPolicy& policy) {
  if (!clock_.has_value()) clock_.emplace(*policy.clock);
  ttl_ = policy;
  ttl_->clock = &*clock_;
  return *ttl_;
}

std::optional<std::string> AnswerForm::Bytes(const void* object) const {
  if (object == nullptr) return "";
  ByteWriter writer;
  bool is_writable = true;
  const auto add = [&](const void* value) {
    if (!IsAlive(Timestamp(value))) return;
    writer.U8(kListDelimiter);  // so that a value without bytes is not nothing
    is_writable = is_writable && spec_.value->Serialize(value, writer);
  };
  if (spec_.type == KeyedStateType::kList) {
    spec_.list->shape().visit(object, [&](const void* element, const void*) { add(element); });
  } else {
    add(object);
  }
  if (!is_writable) return std::nullopt;
  return writer.Take();
}

std::string AnswerForm::Text(const void* object) const {
  if (object == nullptr) return std::string(kNothing);
  if (spec_.type != KeyedStateType::kList) {
    return IsAlive(Timestamp(object)) ? Shortened(spec_.value->ToText(object)) : std::string(kNothing);
  }
  std::string text;
  spec_.list->shape().visit(object, [&](const void* element, const void*) {
    if (IsAlive(Timestamp(element)))
      absl::StrAppend(&text, text.empty() ? "" : ", ", spec_.value->ToText(element));
  });
  return text.empty() ? std::string(kNothing) : Shortened(absl::StrCat("[", text, "]"));
}

bool AnswerForm::ReadEntry(absl::string_view value, VisitObject visit) const {
  ByteReader reader(value);
  if (spec_.type == KeyedStateType::kList) {
    ErasedValue list(*spec_.list);
    do {
      spec_.value->Deserialize(reader, spec_.list->shape().append(list.get()));
      if (reader.ok() && reader.remaining() > 0 && reader.U8() != kListDelimiter) return false;
    } while (reader.ok() && reader.remaining() > 0);
    if (!reader.Finish().ok()) return false;
    visit(list.get());
    return true;
  }
  // A map's value has a null flag in front; an optional's own flag is the same byte.
  if (spec_.type == KeyedStateType::kMap && spec_.value->kind() != TypeKind::kNullable && reader.U8() != 0)
    return false;
  ErasedValue object(*spec_.value);
  spec_.value->Deserialize(reader, object.get());
  if (!reader.Finish().ok()) return false;
  visit(object.get());
  return true;
}

std::string AnswerForm::EntryBytes(absl::string_view value) const {
  if (!ttl_.has_value()) return std::string(value);
  std::string bytes(value);
  ReadEntry(value, [&](const void* object) { bytes = Bytes(object).value_or(bytes); });
  return bytes;
}

std::string AnswerForm::EntryText(absl::string_view value) const {
  std::string text;
  return ReadEntry(value, [&](const void* object) { text = Text(object); }) ? text : HexText(value);
}

}  // namespace weir
