#include "scenarios/draws.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace weir::scenarios {
namespace {

// Draws option by option: the key is the option's name, so that fixing one re-deals none of the others.
class OptionDrawer {
 public:
  OptionDrawer(Configuration fixed, const Random& random) : options_(std::move(fixed)), random_(random) {}

  int64_t Between(absl::string_view key, int64_t low, int64_t high) const {
    return static_cast<int64_t>(random_.DrawBetween(DrawSite::kOption, StableHash64(key), 0,
                                                    static_cast<uint64_t>(low), static_cast<uint64_t>(high)));
  }
  template <size_t N>
  int64_t OneOf(absl::string_view key, const int64_t (&values)[N]) const {
    return values[Between(key, 0, static_cast<int64_t>(N) - 1)];
  }
  // Spreads over orders of magnitude: first the magnitude, then the value within it. REQUIRES: 0 < low <= high.
  int64_t Spread(absl::string_view key, int64_t low, int64_t high) const {
    int doublings = 0;
    while ((low << (doublings + 1)) <= high) ++doublings;
    const int64_t from = low << Between(absl::StrCat(key, "#magnitude"), 0, doublings);
    return Between(key, from, std::min(high, from * 2));
  }
  void Number(absl::string_view key, int64_t value) { options_.SetDefault(key, absl::StrCat(value)); }
  void Text(absl::string_view key, absl::string_view value) { options_.SetDefault(key, value); }
  void Time(absl::string_view key, Duration value) { options_.SetDefault(key, DurationToOption(value)); }
  void SpreadTime(absl::string_view key, Duration low, Duration high) {
    Time(key, Duration::Micros(Spread(key, low.micros(), high.micros())));
  }
  std::string TextOf(absl::string_view key) const { return options_.Get(key).value_or(""); }
  Duration TimeOf(absl::string_view key) const {
    return options_.GetDuration(key, Duration()).value_or(Duration());
  }
  Configuration Take() { return std::move(options_); }

 private:
  Configuration options_;
  const Random& random_;
};

void DrawBuffers(OptionDrawer& draw) {
  constexpr int64_t kSizes[] = {32, 128, 512, 4096, 32768};
  constexpr int64_t kFlushMicros[] = {0, 20, 100, 500, 2'000, 5'000, 100'000};
  constexpr int64_t kSlices[] = {1, 1, 4, 16, 50};
  constexpr int64_t kFetches[] = {1, 7, 50, 100};
  draw.Number("taskmanager.memory.segment-size", draw.OneOf("taskmanager.memory.segment-size", kSizes));
  draw.Time("execution.buffer-timeout.interval",
            Duration::Micros(draw.OneOf("execution.buffer-timeout.interval", kFlushMicros)));
  draw.Number("taskmanager.network.memory.buffers-per-channel",
              draw.Between("taskmanager.network.memory.buffers-per-channel", 1, 4));
  draw.Number("weir.task.slice-records", draw.OneOf("weir.task.slice-records", kSlices));
  draw.Number("weir.source.fetch-records", draw.OneOf("weir.source.fetch-records", kFetches));
  draw.SpreadTime("weir.source.discovery-interval", Duration::Millis(10), Duration::Millis(500));
  draw.SpreadTime("weir.task.record-cost", Duration::Micros(1), Duration::Micros(100));
}

// Small, so that a run of some thousand records flushes and compacts.
void DrawRocksdb(OptionDrawer& draw) {
  constexpr int64_t kBuffers[] = {2048, 16384, 65536, 67108864};
  draw.Text("state.backend.incremental",
            draw.Between("state.backend.incremental", 0, 2) == 0 ? "false" : "true");
  draw.Number("state.backend.rocksdb.writebuffer.size",
              draw.OneOf("state.backend.rocksdb.writebuffer.size", kBuffers));
}

void DrawCheckpoints(OptionDrawer& draw, Duration span) {
  constexpr int64_t kTolerable[] = {0, 0, 1, 3, 1'000'000};
  constexpr int64_t kConcurrent[] = {1, 1, 1, 2, 3};
  const Duration interval = span / draw.Between("execution.checkpointing.interval", 4, 30);
  draw.Time("execution.checkpointing.interval", std::max(interval, Duration::Millis(20)));
  draw.SpreadTime("execution.checkpointing.timeout", Duration::Millis(500), Duration::Seconds(5));
  draw.Number("execution.checkpointing.tolerable-failed-checkpoints",
              draw.OneOf("execution.checkpointing.tolerable-failed-checkpoints", kTolerable));
  draw.Number("execution.checkpointing.max-concurrent-checkpoints",
              draw.OneOf("execution.checkpointing.max-concurrent-checkpoints", kConcurrent));
  // One run in four keeps its snapshots in the job manager's memory.
  draw.Text("state.backend", draw.Between("state.backend", 0, 3) == 0 ? "jobmanager" : "hashmap");
  if (draw.TextOf("state.backend") == "rocksdb" || draw.TextOf("weir.state.lockstep") == "true")
    DrawRocksdb(draw);
  constexpr int64_t kInline[] = {0, 0, 512, 20480};
  constexpr int64_t kStepEntries[] = {1, 10, 1000};
  draw.Number("state.storage.fs.memory-threshold", draw.OneOf("state.storage.fs.memory-threshold", kInline));
  draw.Number("weir.snapshot.step-entries", draw.OneOf("weir.snapshot.step-entries", kStepEntries));
  draw.Number("state.checkpoints.num-retained", draw.Between("state.checkpoints.num-retained", 1, 3));
}

void DrawTimeouts(OptionDrawer& draw) {
  draw.SpreadTime("heartbeat.timeout", Duration::Millis(500), Duration::Seconds(5));
  draw.Time("heartbeat.interval",
            draw.TimeOf("heartbeat.timeout") / draw.Between("heartbeat.interval", 3, 8));
  draw.SpreadTime("restart-strategy.fixed-delay.delay", Duration::Millis(10), Duration::Seconds(2));
  draw.SpreadTime("taskmanager.network.partition-request-timeout", Duration::Millis(500),
                  Duration::Seconds(5));
  draw.SpreadTime(kLinkLatencyOption, Duration::Micros(100), Duration::Millis(20));
}

}  // namespace

Configuration DrawOptions(const Configuration& fixed, const ClusterShape& cluster, const Random& random) {
  OptionDrawer draw(fixed, random);
  const int64_t slots = static_cast<int64_t>(cluster.task_managers) * cluster.slots_per_task_manager;
  // One task manager may stay away for good without starving the job of slots.
  const int64_t spare = std::max<int64_t>(1, slots - cluster.slots_per_task_manager);
  draw.Number("parallelism.default", std::min(spare, draw.Between("parallelism.default", 1, 4)));
  draw.SpreadTime(kFaultySpanOption, Duration::Seconds(2), Duration::Seconds(12));
  const Duration span = draw.TimeOf(kFaultySpanOption);
  draw.Time(kWorkloadSpanOption, span * draw.Between(kWorkloadSpanOption, 30, 90) / 100);
  DrawBuffers(draw);
  DrawCheckpoints(draw, span);
  DrawTimeouts(draw);
  return draw.Take();
}

sim::ScheduleOptions DrawSchedule(Duration slack_max, const Random& random) {
  sim::ScheduleOptions schedule;
  const uint64_t site = StableHash64("schedule");
  if (random.DrawRatio(DrawSite::kOption, site, 0, 1, 4)) return schedule;
  schedule.strategy = sim::ScheduleStrategy::kRandom;
  const uint64_t doublings = random.Draw(DrawSite::kOption, site, 1, 10);
  schedule.slack = std::min(slack_max, Duration::Micros(int64_t{10} << doublings));  // 10 us to 5 ms
  return schedule;
}

}  // namespace weir::scenarios
