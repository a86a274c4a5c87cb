// Licensed under the Apache License, Version 2.0.
//
// Three kinds of time that must not be confused, all integers:
//   Instant    a point on the monotonic clock of the world, in nanoseconds since it began (timeouts, events)
//   Duration   a distance between instants, in nanoseconds
//   WallTime   what a node's calendar clock shows, in milliseconds since 1970 (processing time; skewed, may jump)
//   EventTime  a time stamp carried by a record or watermark, in milliseconds; kMin "none yet", kMax "end of time"
#ifndef WEIR_RUNTIME_BASE_TIME_H_
#define WEIR_RUNTIME_BASE_TIME_H_

#include <compare>
#include <cstdint>
#include <limits>
#include <string>

namespace weir {

class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration Nanos(int64_t n) { return Duration(n); }
  static constexpr Duration Micros(int64_t n) { return Duration(n * 1'000); }
  static constexpr Duration Millis(int64_t n) { return Duration(n * 1'000'000); }
  static constexpr Duration Seconds(int64_t n) { return Duration(n * 1'000'000'000); }
  static constexpr Duration Max() { return Duration(std::numeric_limits<int64_t>::max()); }

  constexpr int64_t nanos() const { return nanos_; }
  constexpr int64_t micros() const { return nanos_ / 1'000; }
  constexpr int64_t millis() const { return nanos_ / 1'000'000; }

  constexpr auto operator<=>(const Duration&) const = default;
  constexpr Duration operator+(Duration other) const { return Duration(nanos_ + other.nanos_); }
  constexpr Duration operator-(Duration other) const { return Duration(nanos_ - other.nanos_); }
  constexpr Duration operator*(int64_t factor) const { return Duration(nanos_ * factor); }
  constexpr Duration operator/(int64_t divisor) const { return Duration(nanos_ / divisor); }
  constexpr Duration& operator+=(Duration other) { return nanos_ += other.nanos_, *this; }

 private:
  explicit constexpr Duration(int64_t nanos) : nanos_(nanos) {}
  int64_t nanos_ = 0;
};

class Instant {
 public:
  constexpr Instant() = default;
  static constexpr Instant FromNanos(int64_t n) { return Instant(n); }
  static constexpr Instant Max() { return Instant(std::numeric_limits<int64_t>::max()); }

  constexpr int64_t nanos() const { return nanos_; }
  constexpr auto operator<=>(const Instant&) const = default;
  constexpr Instant operator+(Duration d) const { return Instant(nanos_ + d.nanos()); }
  constexpr Instant operator-(Duration d) const { return Instant(nanos_ - d.nanos()); }
  constexpr Duration operator-(Instant other) const { return Duration::Nanos(nanos_ - other.nanos_); }

 private:
  explicit constexpr Instant(int64_t nanos) : nanos_(nanos) {}
  int64_t nanos_ = 0;
};

struct WallTime {
  int64_t millis = 0;
  constexpr auto operator<=>(const WallTime&) const = default;
};

struct EventTime {
  int64_t millis = std::numeric_limits<int64_t>::min();
  static constexpr EventTime Min() { return {std::numeric_limits<int64_t>::min()}; }
  static constexpr EventTime Max() { return {std::numeric_limits<int64_t>::max()}; }
  constexpr auto operator<=>(const EventTime&) const = default;
};

// "1.250 s", "3.000 ms", "250 ns": for people, never parsed.
std::string FormatDuration(Duration duration);
inline std::string FormatInstant(Instant instant) { return FormatDuration(instant - Instant()); }

}  // namespace weir

#endif  // WEIR_RUNTIME_BASE_TIME_H_
