#include "runtime/stream/watermark_valve.h"

#include <catch2/catch.hpp>

namespace weir {
namespace {

std::optional<int64_t> Millis(const WatermarkValve::Change& change) {
  return change.watermark.has_value() ? std::optional<int64_t>(change.watermark->millis) : std::nullopt;
}

TEST_CASE("watermark valve: hands out the least watermark of its channels", "[stream]") {
  WatermarkValve valve(2);
  CHECK_FALSE(Millis(valve.OnWatermark(0, EventTime{10})).has_value());
  CHECK(Millis(valve.OnWatermark(1, EventTime{5})) == 5);
  CHECK(Millis(valve.OnWatermark(1, EventTime{20})) == 10);
  CHECK_FALSE(Millis(valve.OnWatermark(0, EventTime{10})).has_value());
  CHECK(valve.watermark() == EventTime{10});
}

TEST_CASE("watermark valve: an idle channel holds nobody back", "[stream]") {
  WatermarkValve valve(2);
  valve.OnWatermark(0, EventTime{10});
  const auto change = valve.OnStatus(1, true);
  CHECK(Millis(change) == 10);
  CHECK_FALSE(change.is_idle.has_value());
}

TEST_CASE("watermark valve: a channel that wakes up counts when it has caught up", "[stream]") {
  WatermarkValve valve(2);
  valve.OnWatermark(0, EventTime{10});
  valve.OnStatus(1, true);
  valve.OnStatus(1, false);
  CHECK(Millis(valve.OnWatermark(0, EventTime{15})) == 15);  // the other one is still behind
  CHECK_FALSE(Millis(valve.OnWatermark(1, EventTime{12})).has_value());
  CHECK_FALSE(Millis(valve.OnWatermark(1, EventTime{16})).has_value());
  CHECK(Millis(valve.OnWatermark(0, EventTime{20})) == 16);
}

TEST_CASE("watermark valve: idle when all are, active when one is, and never goes back", "[stream]") {
  WatermarkValve valve(2);
  valve.OnWatermark(0, EventTime{10});
  valve.OnWatermark(1, EventTime{30});
  CHECK_FALSE(valve.OnStatus(0, true).is_idle.has_value());
  CHECK(valve.watermark() == EventTime{30});
  CHECK(valve.OnStatus(1, true).is_idle == true);
  CHECK(valve.OnStatus(0, false).is_idle == false);
  CHECK_FALSE(Millis(valve.OnWatermark(0, EventTime{20})).has_value());
  CHECK(Millis(valve.OnWatermark(0, EventTime{31})) == 31);
}

}  // namespace
}  // namespace weir
