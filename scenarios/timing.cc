#include "scenarios/timing.h"

#include <algorithm>

#include "scenarios/draws.h"

namespace weir::scenarios {
namespace {

// Of a small record with its frame: the smallest fills a buffer of 32 bytes, the usual takes two of them.
constexpr int64_t kRecordBytesMin = 16;
constexpr int64_t kRecordBytes = 64;

Duration OptionOf(const Timing& timing, absl::string_view key) {
  return timing.options.GetDuration(key, Duration()).value_or(Duration());
}

int64_t BytesInFlight(const JobConfig& config) {
  return int64_t{config.channel_credits} * config.buffer_bytes;
}

}  // namespace

Duration ServiceTime(const Timing& timing, const sim::ScheduleOptions& schedule, bool uses_database) {
  const JobConfig& config = timing.config;
  const Duration round_trip = (OptionOf(timing, kLinkLatencyOption) + schedule.slack) * 2;
  Duration service = config.record_cost * 8 + schedule.slack / config.slice_records;
  service = service + round_trip / config.fetch_records;
  service = service + round_trip * kRecordBytes / BytesInFlight(config);
  if (uses_database) service = service + (round_trip + Duration::Millis(2)) * 2;
  return service;
}

Duration SlackMax(const Timing& timing) {
  const JobConfig& config = timing.config;
  // Sent and received, over two hops.
  const int64_t buffered = 4 * BytesInFlight(config) / kRecordBytesMin;
  const int64_t records = std::min(buffered, static_cast<int64_t>(timing.records));
  const int64_t slices = std::max<int64_t>(1, records / config.slice_records);
  return config.checkpoint_timeout / 2 / slices;
}

Duration ReactionMax(const Timing& timing, const sim::ScheduleOptions& schedule) {
  const JobConfig& config = timing.config;
  const auto slice = std::min<uint64_t>(config.slice_records, std::max<uint64_t>(timing.records, 1));
  return schedule.slack * 2 + config.record_cost * 8 * static_cast<int64_t>(slice) + Duration::Millis(50);
}

Duration RecoveryMax(const Timing& timing) {
  const JobConfig& config = timing.config;
  return (config.heartbeat_timeout + config.restart_delay + config.checkpoint_timeout) * 2;
}

Duration LivenessBound(const Timing& timing, const sim::ScheduleOptions& schedule, bool uses_database) {
  const JobConfig& config = timing.config;
  const Duration appear = OptionOf(timing, kWorkloadSpanOption);
  const Duration service =
      ServiceTime(timing, schedule, uses_database) * static_cast<int64_t>(timing.records);
  return RecoveryMax(timing) + appear + config.discovery_interval * 2 +
         (service + config.checkpoint_interval) * 4 + Duration::Seconds(5);
}

}  // namespace weir::scenarios
