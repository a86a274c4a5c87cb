// Both were found as jobs "stuck" in the liveness phase that were only slow, or could never finish a checkpoint.
#include "scenarios/timing.h"

#include <catch2/catch.hpp>

#include "scenarios/draws.h"

namespace weir::scenarios {
namespace {

Configuration WithLatency(absl::string_view latency) {
  Configuration options;
  options.Set(kLinkLatencyOption, latency);
  return options;
}

}  // namespace

TEST_CASE("timing: the liveness bound counts round trips of a source that fetches one record at a time",
          "[scenarios]") {
  JobConfig config;
  const Configuration options = WithLatency("20 ms");
  const Timing timing{config, options, 500};
  const Duration many = LivenessBound(timing, {}, false);
  config.fetch_records = 1;
  const Duration one = LivenessBound(timing, {}, false);
  CHECK(one - many > Duration::Millis(40) * 500);
}

TEST_CASE("timing: the liveness bound counts round trips of buffers that hold less than a record",
          "[scenarios]") {
  JobConfig config;
  const Configuration options = WithLatency("20 ms");
  const Timing timing{config, options, 500};
  const Duration large = LivenessBound(timing, {}, false);
  config.buffer_bytes = 32;
  config.channel_credits = 1;
  CHECK(LivenessBound(timing, {}, false) - large > Duration::Millis(40) * 500);
}

TEST_CASE("timing: held back slices leave half of the checkpoint timeout (full buffers, one record a slice)",
          "[scenarios]") {
  JobConfig config;
  config.checkpoint_timeout = Duration::Millis(500);
  config.slice_records = 1;
  const Configuration options;
  const Timing timing{config, options, 1000};
  CHECK(SlackMax(timing) * 1000 <= Duration::Millis(250));
  CHECK(SlackMax(timing) * 1000 > Duration::Millis(240));
  SECTION("larger slices may wait longer") {
    config.slice_records = 50;
    CHECK(SlackMax(timing) == Duration::Micros(12'500));
  }
  SECTION("small buffers hold few records") {
    config.buffer_bytes = 32;
    CHECK(SlackMax(timing) == Duration::Nanos(250'000'000 / 16));
  }
}

}  // namespace weir::scenarios
