#include "runtime/stream/watermark_valve.h"

#include <algorithm>

#include "runtime/base/check.h"

namespace weir {

WatermarkValve::Change WatermarkValve::OnWatermark(uint32_t channel, EventTime watermark) {
  WEIR_CHECK(channel < channels_.size());
  Channel& c = channels_[channel];
  if (c.is_idle || watermark <= c.watermark) return {};
  c.watermark = watermark;
  if (watermark >= emitted_) c.is_aligned = true;
  return {Advance(), std::nullopt};
}

WatermarkValve::Change WatermarkValve::OnStatus(uint32_t channel, bool is_idle) {
  WEIR_CHECK(channel < channels_.size());
  Channel& c = channels_[channel];
  if (c.is_idle == is_idle) return {};
  c.is_idle = is_idle;
  const bool all_idle =
      std::all_of(channels_.begin(), channels_.end(), [](const Channel& o) { return o.is_idle; });
  Change change;
  if (is_idle) {
    c.is_aligned = false;
    if (all_idle) {
      // The last one to fall idle no longer holds back what the others had reached before.
      EventTime most = emitted_;
      for (const Channel& o : channels_) most = std::max(most, o.watermark);
      if (most > emitted_) change.watermark = emitted_ = most;
    } else {
      change.watermark = Advance();
    }
  } else if (c.watermark >= emitted_) {
    c.is_aligned = true;
  }
  if (all_idle != is_idle_) change.is_idle = is_idle_ = all_idle;
  return change;
}

std::optional<EventTime> WatermarkValve::Advance() {
  bool any = false;
  EventTime least = EventTime::Max();
  for (const Channel& c : channels_) {
    if (c.is_idle || !c.is_aligned) continue;
    any = true;
    least = std::min(least, c.watermark);
  }
  if (!any || least <= emitted_) return std::nullopt;
  return emitted_ = least;
}

}  // namespace weir
