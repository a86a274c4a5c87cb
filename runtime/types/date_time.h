// Licensed under the Apache License, Version 2.0.
//
// Dates and times as values of records and state: plain data, with the bytes, the hash and the ISO
// 8601 text of the Java class beside each. None of them knows a time zone: points in time are UTC.
// A date or time that does not exist is not written, and kDataLoss when it is read.
#ifndef WEIR_RUNTIME_TYPES_DATE_TIME_H_
#define WEIR_RUNTIME_TYPES_DATE_TIME_H_

#include <compare>

#include "runtime/types/type_of.h"

namespace weir {

struct LocalDate {  // java.time.LocalDate: "2020-01-30"
  int32_t year = 1970;
  int8_t month = 1;
  int8_t day = 1;
  auto operator<=>(const LocalDate&) const = default;
};

struct LocalTime {  // java.time.LocalTime: "11:16:00.960"
  int8_t hour = 0;
  int8_t minute = 0;
  int8_t second = 0;
  int32_t nano = 0;
  auto operator<=>(const LocalTime&) const = default;
};

struct LocalDateTime {  // java.time.LocalDateTime: "2020-01-30T11:16:00.960"
  LocalDate date;
  LocalTime time;
  auto operator<=>(const LocalDateTime&) const = default;
};

struct Timestamp {      // java.time.Instant: "2020-01-30T11:16:00.960Z"
  int64_t seconds = 0;  // since 1970
  int32_t nanos = 0;    // 0 .. 999 999 999
  auto operator<=>(const Timestamp&) const = default;
};

// Those that are milliseconds since 1970; their text is that of a Timestamp.
struct Millis {
  int64_t millis = 0;
  auto operator<=>(const Millis&) const = default;
};
struct UtilDate : Millis {};  // java.util.Date
struct SqlDate : Millis {};   // java.sql.Date
struct SqlTime : Millis {};   // java.sql.Time
struct SqlTimestamp {         // java.sql.Timestamp
  int64_t millis = 0;
  int32_t nanos = 0;  // of the second, its milliseconds included
  auto operator<=>(const SqlTimestamp&) const = default;
};

// False if Java could not make such an object, or would take it for null.
bool Exists(const LocalDate& value);
bool Exists(const LocalTime& value);
bool Exists(const LocalDateTime& value);
bool Exists(const Timestamp& value);
bool Exists(const SqlTimestamp& value);
bool Exists(const Millis& value);

// Java's hashCode() of an existing value.
int32_t JavaHash(const LocalDate& value);
int32_t JavaHash(const LocalTime& value);
int32_t JavaHash(const LocalDateTime& value);
int32_t JavaHash(const Timestamp& value);
int32_t JavaHash(const SqlTimestamp& value);
int32_t JavaHash(const Millis& value);

// ISO 8601, as Java prints it but always with seconds.
std::string IsoText(const LocalDate& value);
std::string IsoText(const LocalTime& value);
std::string IsoText(const LocalDateTime& value);
std::string IsoText(const Timestamp& value);
std::string IsoText(const SqlTimestamp& value);
std::string IsoText(const Millis& value);

// False, and *value unspecified, if that is no such text or names nothing that exists. Seconds and
// their fraction (1 to 9 digits; for Millis 1 to 3) may be left out.
bool ParseIso(absl::string_view text, LocalDate* value);
bool ParseIso(absl::string_view text, LocalTime* value);
bool ParseIso(absl::string_view text, LocalDateTime* value);
bool ParseIso(absl::string_view text, Timestamp* value);
bool ParseIso(absl::string_view text, SqlTimestamp* value);
bool ParseIso(absl::string_view text, Millis* value);

namespace types_internal {

// What Flink calls the serializer.
template <typename T>
inline constexpr absl::string_view kDateTimeName = "";
template <>
inline constexpr absl::string_view kDateTimeName<LocalDate> = "LocalDate";
template <>
inline constexpr absl::string_view kDateTimeName<LocalTime> = "LocalTime";
template <>
inline constexpr absl::string_view kDateTimeName<LocalDateTime> = "LocalDateTime";
template <>
inline constexpr absl::string_view kDateTimeName<Timestamp> = "Instant";
template <>
inline constexpr absl::string_view kDateTimeName<UtilDate> = "Date";
template <>
inline constexpr absl::string_view kDateTimeName<SqlDate> = "SqlDate";
template <>
inline constexpr absl::string_view kDateTimeName<SqlTime> = "SqlTime";
template <>
inline constexpr absl::string_view kDateTimeName<SqlTimestamp> = "SqlTimestamp";

// Members one after another, numbers big-endian.
template <typename T, int length, auto... members>
struct DateTimeType : TypeBase<T> {
  static constexpr int kFixedLength = length;
  static constexpr bool kMayBeKey = true;
  static constexpr size_t Bound(const T&) { return length; }
  static char* Store(char* out, const T& value) {
    if (!Exists(value)) return nullptr;
    ((out = TypeOf<std::remove_cvref_t<decltype(value.*members)>>::Store(out, value.*members)), ...);
    return out;
  }
  static void Read(ByteReader& reader, T& value) {
    (TypeOf<std::remove_cvref_t<decltype(value.*members)>>::Read(reader, value.*members), ...);
    if (!Exists(value)) reader.Invalidate("null, or a date or time that does not exist,");
  }
  static int32_t Hash(const T& value) { return JavaHash(value); }
  static constexpr TypeShape Shape() {
    return TypeShape{
        .kind = TypeKind::kDateTime,
        .name = kDateTimeName<T>,
        .to_text = [](const void* v) { return IsoText(*static_cast<const T*>(v)); },
        .from_text = [](absl::string_view text, void* v) { return ParseIso(text, static_cast<T*>(v)); },
    };
  }
};

}  // namespace types_internal

template <>
struct TypeOf<LocalDate>
    : types_internal::DateTimeType<LocalDate, 6, &LocalDate::year, &LocalDate::month, &LocalDate::day> {};
template <>
struct TypeOf<LocalTime> : types_internal::DateTimeType<LocalTime, 7, &LocalTime::hour, &LocalTime::minute,
                                                        &LocalTime::second, &LocalTime::nano> {};
template <>
struct TypeOf<LocalDateTime>
    : types_internal::DateTimeType<LocalDateTime, 13, &LocalDateTime::date, &LocalDateTime::time> {};
template <>
struct TypeOf<Timestamp>
    : types_internal::DateTimeType<Timestamp, 12, &Timestamp::seconds, &Timestamp::nanos> {};
template <>
struct TypeOf<UtilDate> : types_internal::DateTimeType<UtilDate, 8, &UtilDate::millis> {};
template <>
struct TypeOf<SqlDate> : types_internal::DateTimeType<SqlDate, 8, &SqlDate::millis> {};
template <>
struct TypeOf<SqlTime> : types_internal::DateTimeType<SqlTime, 8, &SqlTime::millis> {};
template <>
struct TypeOf<SqlTimestamp>
    : types_internal::DateTimeType<SqlTimestamp, 12, &SqlTimestamp::millis, &SqlTimestamp::nanos> {};

}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_DATE_TIME_H_
