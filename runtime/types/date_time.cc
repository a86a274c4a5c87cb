#include "runtime/types/date_time.h"

#include <limits>

#include "absl/strings/str_format.h"

namespace weir {
namespace {

constexpr int64_t kYearMax = 999'999'999;
constexpr int32_t kNanosMax = 999'999'999;
constexpr int64_t kNull = std::numeric_limits<int64_t>::min();  // how Java's serializers spell null
// Instant.MIN and MAX: the years -1 000 000 000 and 1 000 000 000, whole.
constexpr int64_t kSecondsMin = -31'557'014'167'219'200;
constexpr int64_t kSecondsMax = 31'556'889'864'403'199;
constexpr int64_t kSecondsPerDay = 86'400;

bool IsLeap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int DaysIn(int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[month - 1] + (month == 2 && IsLeap(year) ? 1 : 0);
}

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// A day of the Gregorian calendar; years here begin in March, so that leap days are last.
struct Day {
  int64_t year;
  int month;
  int day;
};

int64_t DaysSince1970(Day day) {
  const int64_t year = day.year - (day.month <= 2 ? 1 : 0);
  const int64_t era = FloorDiv(year, 400);
  const int64_t of_era = year - era * 400;
  const int64_t of_year = (153 * ((day.month + 9) % 12) + 2) / 5 + day.day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

Day DayAt(int64_t days) {
  days += 719'468;
  const int64_t era = FloorDiv(days, 146'097);
  const int64_t of_era = days - era * 146'097;
  const int64_t year = (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
  const int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  const int64_t march_month = (5 * of_year + 2) / 153;
  const int month = static_cast<int>(march_month < 10 ? march_month + 3 : march_month - 9);
  return {era * 400 + year + (month <= 2 ? 1 : 0), month,
          static_cast<int>(of_year - (153 * march_month + 2) / 5 + 1)};
}

std::string DayText(Day day) {
  const absl::string_view sign = day.year < 0 ? "-" : day.year > 9999 ? "+" : "";
  return absl::StrFormat("%s%04d-%02d-%02d", sign, day.year < 0 ? -day.year : day.year, day.month, day.day);
}

std::string TimeText(int64_t hour, int64_t minute, int64_t second, int32_t nano) {
  std::string text = absl::StrFormat("%02d:%02d:%02d", hour, minute, second);
  if (nano % 1'000'000 == 0) return nano == 0 ? text : text + absl::StrFormat(".%03d", nano / 1'000'000);
  if (nano % 1'000 == 0) return text + absl::StrFormat(".%06d", nano / 1'000);
  return text + absl::StrFormat(".%09d", nano);
}

std::string PointText(int64_t seconds, int32_t nanos) {
  const int64_t days = FloorDiv(seconds, kSecondsPerDay);
  const int64_t of_day = seconds - days * kSecondsPerDay;
  return DayText(DayAt(days)) + "T" + TimeText(of_day / 3600, of_day / 60 % 60, of_day % 60, nanos) + "Z";
}

// Takes texts apart; every function says whether what it wants stood there.
class Scanner {
 public:
  explicit Scanner(absl::string_view text) : text_(text) {}
  bool AtEnd() const { return text_.empty(); }
  bool Take(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  // `least` to `most` digits.
  bool Digits(size_t least, size_t most, int64_t* number) {
    size_t count = 0;
    *number = 0;
    while (count < most && count < text_.size() && text_[count] >= '0' && text_[count] <= '9')
      *number = *number * 10 + (text_[count++] - '0');
    text_.remove_prefix(count);
    digits_ = count;
    return count >= least;
  }
  bool Date(Day* day) {
    const bool is_negative = Take('-');
    const bool is_far = !is_negative && Take('+');
    int64_t month = 0;
    int64_t of_month = 0;
    if (!Digits(4, is_negative || is_far ? 10 : 4, &day->year) || !Take('-')) return false;
    if (!Digits(2, 2, &month) || !Take('-') || !Digits(2, 2, &of_month)) return false;
    if (is_negative) day->year = -day->year;
    day->month = static_cast<int>(month);
    day->day = static_cast<int>(of_month);
    return month >= 1 && month <= 12 && of_month >= 1 && of_month <= DaysIn(day->year, day->month);
  }
  bool Time(LocalTime* time) {
    int64_t hour = 0;
    int64_t minute = 0;
    int64_t second = 0;
    int64_t nano = 0;
    if (!Digits(2, 2, &hour) || !Take(':') || !Digits(2, 2, &minute)) return false;
    if (Take(':')) {
      if (!Digits(2, 2, &second)) return false;
      if (Take('.')) {
        if (!Digits(1, 9, &nano)) return false;
        for (size_t i = digits_; i < 9; ++i) nano *= 10;
      }
    }
    *time = {static_cast<int8_t>(hour), static_cast<int8_t>(minute), static_cast<int8_t>(second),
             static_cast<int32_t>(nano)};
    return Exists(*time);
  }
  bool Point(int64_t* seconds, int32_t* nanos) {
    Day day{};
    LocalTime time;
    if (!Date(&day) || !Take('T') || !Time(&time) || !Take('Z') || !AtEnd()) return false;
    *seconds = ((DaysSince1970(day) * 24 + time.hour) * 60 + time.minute) * 60 + time.second;
    *nanos = time.nano;
    return true;
  }

 private:
  absl::string_view text_;
  size_t digits_ = 0;
};

int32_t LongHash(int64_t value) { return types_internal::JavaNumberHash(value); }

}  // namespace

bool Exists(const LocalDate& date) {
  return date.year >= -kYearMax && date.year <= kYearMax && date.month >= 1 && date.month <= 12 &&
         date.day >= 1 && date.day <= DaysIn(date.year, date.month);
}
int32_t JavaHash(const LocalDate& date) {
  const uint32_t year = static_cast<uint32_t>(date.year);
  return static_cast<int32_t>(
      (year & 0xFFFFF800u) ^
      ((year << 11) + (static_cast<uint32_t>(date.month) << 6) + static_cast<uint32_t>(date.day)));
}
std::string IsoText(const LocalDate& date) { return DayText({date.year, date.month, date.day}); }
bool ParseIso(absl::string_view text, LocalDate* date) {
  Scanner scanner(text);
  Day day{};
  if (!scanner.Date(&day) || !scanner.AtEnd() || day.year < -kYearMax || day.year > kYearMax) return false;
  *date = {static_cast<int32_t>(day.year), static_cast<int8_t>(day.month), static_cast<int8_t>(day.day)};
  return true;
}

bool Exists(const LocalTime& time) {
  return time.hour >= 0 && time.hour < 24 && time.minute >= 0 && time.minute < 60 && time.second >= 0 &&
         time.second < 60 && time.nano >= 0 && time.nano <= kNanosMax;
}
int32_t JavaHash(const LocalTime& time) {
  return LongHash((time.hour * 3600 + time.minute * 60 + time.second) * int64_t{1'000'000'000} + time.nano);
}
std::string IsoText(const LocalTime& time) {
  return TimeText(time.hour, time.minute, time.second, time.nano);
}
bool ParseIso(absl::string_view text, LocalTime* time) {
  Scanner scanner(text);
  return scanner.Time(time) && scanner.AtEnd();
}

bool Exists(const LocalDateTime& value) { return Exists(value.date) && Exists(value.time); }
int32_t JavaHash(const LocalDateTime& value) { return JavaHash(value.date) ^ JavaHash(value.time); }
std::string IsoText(const LocalDateTime& value) { return IsoText(value.date) + "T" + IsoText(value.time); }
bool ParseIso(absl::string_view text, LocalDateTime* value) {
  const size_t middle = text.find('T');
  return middle != absl::string_view::npos && ParseIso(text.substr(0, middle), &value->date) &&
         ParseIso(text.substr(middle + 1), &value->time);
}

bool Exists(const Timestamp& value) {
  return value.seconds >= kSecondsMin && value.seconds <= kSecondsMax && value.nanos >= 0 &&
         value.nanos <= kNanosMax;
}
int32_t JavaHash(const Timestamp& value) {
  return static_cast<int32_t>(static_cast<uint32_t>(LongHash(value.seconds)) +
                              51u * static_cast<uint32_t>(value.nanos));
}
std::string IsoText(const Timestamp& value) { return PointText(value.seconds, value.nanos); }
bool ParseIso(absl::string_view text, Timestamp* value) {
  return Scanner(text).Point(&value->seconds, &value->nanos) && Exists(*value);
}

bool Exists(const SqlTimestamp& value) {
  const int64_t fraction = value.millis - FloorDiv(value.millis, 1000) * 1000;
  return value.millis != kNull && value.nanos >= 0 && value.nanos <= kNanosMax &&
         value.nanos / 1'000'000 == fraction;
}
int32_t JavaHash(const SqlTimestamp& value) { return LongHash(value.millis); }
std::string IsoText(const SqlTimestamp& value) {
  return PointText(FloorDiv(value.millis, 1000), value.nanos);
}
bool ParseIso(absl::string_view text, SqlTimestamp* value) {
  int64_t seconds = 0;
  if (!Scanner(text).Point(&seconds, &value->nanos)) return false;
  return !__builtin_mul_overflow(seconds, int64_t{1000}, &value->millis) &&
         !__builtin_add_overflow(value->millis, int64_t{value->nanos / 1'000'000}, &value->millis) &&
         Exists(*value);
}

bool Exists(const Millis& value) { return value.millis != kNull; }
int32_t JavaHash(const Millis& value) { return LongHash(value.millis); }
std::string IsoText(const Millis& value) {
  const int64_t seconds = FloorDiv(value.millis, 1000);
  return PointText(seconds, static_cast<int32_t>(value.millis - seconds * 1000) * 1'000'000);
}
bool ParseIso(absl::string_view text, Millis* value) {
  SqlTimestamp point;
  if (!ParseIso(text, &point) || point.nanos % 1'000'000 != 0) return false;
  value->millis = point.millis;
  return true;
}

}  // namespace weir
