#include "runtime/base/configuration.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace weir {
namespace {

struct Unit {
  absl::string_view name;
  int64_t factor;
};

// "12 ms" -> 12 x the factor of ms. A number alone takes `bare`.
template <size_t N>
std::optional<int64_t> ParseWithUnit(absl::string_view text, const Unit (&units)[N], int64_t bare) {
  text = absl::StripAsciiWhitespace(text);
  size_t digits = 0;
  while (digits < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[digits]))) ++digits;
  int64_t number = 0;
  if (!absl::SimpleAtoi(text.substr(0, digits), &number)) return std::nullopt;
  const std::string unit = absl::AsciiStrToLower(absl::StripAsciiWhitespace(text.substr(digits)));
  int64_t factor = unit.empty() ? bare : 0;
  for (const Unit& u : units) {
    if (unit == u.name) factor = u.factor;
  }
  int64_t result = 0;
  if (factor == 0 || __builtin_mul_overflow(number, factor, &result)) return std::nullopt;
  return result;
}

constexpr Unit kDurationUnits[] = {
    {"ns", 1},
    {"us", 1'000},
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"sec", 1'000'000'000},
    {"m", 60'000'000'000},
    {"min", 60'000'000'000},
    {"h", 3'600'000'000'000},
    {"d", 86'400'000'000'000},
};
constexpr Unit kMemoryUnits[] = {{"b", 1},        {"bytes", 1},   {"kb", 1 << 10}, {"k", 1 << 10},
                                 {"mb", 1 << 20}, {"m", 1 << 20}, {"gb", 1 << 30}, {"g", 1 << 30}};

absl::Status NotA(absl::string_view key, absl::string_view value, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("option ", key, ": '", value, "' is not ", what));
}

}  // namespace

std::optional<std::string> Configuration::Get(absl::string_view key) const {
  const auto it = values_.find(std::string(key));
  if (it == values_.end()) return std::nullopt;
  return it->second;
}

absl::StatusOr<int64_t> Configuration::GetInt(absl::string_view key, int64_t fallback) const {
  const std::optional<std::string> text = Get(key);
  if (!text) return fallback;
  int64_t value = 0;
  if (!absl::SimpleAtoi(*text, &value)) return NotA(key, *text, "a whole number");
  return value;
}

absl::StatusOr<bool> Configuration::GetBool(absl::string_view key, bool fallback) const {
  const std::optional<std::string> text = Get(key);
  if (!text) return fallback;
  const std::string lower = absl::AsciiStrToLower(*text);
  if (lower == "true") return true;
  if (lower == "false") return false;
  return NotA(key, *text, "true or false");
}

absl::StatusOr<Duration> Configuration::GetDuration(absl::string_view key, Duration fallback) const {
  const std::optional<std::string> text = Get(key);
  if (!text) return fallback;
  const std::optional<int64_t> nanos = ParseWithUnit(*text, kDurationUnits, 1'000'000);
  if (!nanos) return NotA(key, *text, "a duration such as '500 ms' or '5 s'");
  return Duration::Nanos(*nanos);
}

absl::StatusOr<int64_t> Configuration::GetMemorySize(absl::string_view key, int64_t fallback) const {
  const std::optional<std::string> text = Get(key);
  if (!text) return fallback;
  const std::optional<int64_t> bytes = ParseWithUnit(*text, kMemoryUnits, 1);
  if (!bytes) return NotA(key, *text, "a memory size such as '32 kb' or '1 mb'");
  return *bytes;
}

std::string DurationToOption(Duration duration) {
  const int64_t nanos = duration.nanos();
  if (nanos % 1'000'000'000 == 0) return absl::StrCat(nanos / 1'000'000'000, " s");
  if (nanos % 1'000'000 == 0) return absl::StrCat(nanos / 1'000'000, " ms");
  if (nanos % 1'000 == 0) return absl::StrCat(nanos / 1'000, " us");
  return absl::StrCat(nanos, " ns");
}

}  // namespace weir
