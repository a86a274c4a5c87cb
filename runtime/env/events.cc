#include "runtime/env/events.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "runtime/base/check.h"

namespace weir {
namespace {

constexpr std::array<absl::string_view, kEventFieldsMax> SplitWords(absl::string_view words) {
  std::array<absl::string_view, kEventFieldsMax> result{};
  size_t begin = 0;
  size_t count = 0;
  for (size_t i = 0; i <= words.size(); ++i) {
    if (i < words.size() && words[i] != ' ') continue;
    if (i > begin) result[count++] = words.substr(begin, i - begin);
    begin = i + 1;
  }
  return result;
}

constexpr EventInfo kInfo[] = {
#define WEIR_EVENT_INFO(name, text, scope, aim, fields, meaning) \
  {text, Scope::scope, Aim::aim, SplitWords(fields), meaning},
    WEIR_EVENTS(WEIR_EVENT_INFO)
#undef WEIR_EVENT_INFO
};

}  // namespace

const EventInfo& Info(EventId id) { return kInfo[static_cast<size_t>(id)]; }

std::optional<EventId> FindEvent(absl::string_view name) {
  for (uint16_t i = 0; i < kEventCount; ++i) {
    if (kInfo[i].name == name) return static_cast<EventId>(i);
  }
  return std::nullopt;
}

int FieldIndex(EventId id, absl::string_view field) {
  const EventInfo& info = Info(id);
  for (int i = 0; i < kEventFieldsMax; ++i) {
    if (info.fields[static_cast<size_t>(i)] == field) return i;
  }
  return -1;
}

uint64_t Field(const Event& event, absl::string_view field) {
  const int index = FieldIndex(event.id, field);
  WEIR_CHECK(index >= 0, Info(event.id).name, " has no field ", field);
  return event.fields[static_cast<size_t>(index)];
}

std::string ToString(const Event& event) {
  const EventInfo& info = Info(event.id);
  std::string text(info.name);
  for (size_t i = 0; i < info.fields.size() && !info.fields[i].empty(); ++i) {
    absl::StrAppend(&text, " ", info.fields[i], "=", event.fields[i]);
  }
  return text;
}

}  // namespace weir
