#include "runtime/host/system_clock.h"

#include <ctime>

namespace weir::host {
namespace {

int64_t Read(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

SystemClock::SystemClock() : start_nanos_(Read(CLOCK_MONOTONIC)) {}

Instant SystemClock::Now() const { return Instant::FromNanos(Read(CLOCK_MONOTONIC) - start_nanos_); }

WallTime SystemClock::WallNow() const { return WallTime{Read(CLOCK_REALTIME) / 1'000'000}; }

}  // namespace weir::host
