// Licensed under the Apache License, Version 2.0.
//
// The event time of a subtask: the least watermark of its input channels that are not idle. Pure state.
//
// Invariant: what it hands out never decreases. A channel that was idle counts again once its own watermark has caught
// up with what was handed out meanwhile.
#ifndef WEIR_RUNTIME_STREAM_WATERMARK_VALVE_H_
#define WEIR_RUNTIME_STREAM_WATERMARK_VALVE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/base/time.h"

namespace weir {

class WatermarkValve {
 public:
  struct Change {
    std::optional<EventTime> watermark;  // a new one, larger than any before
    std::optional<bool> is_idle;         // all channels became idle, or one active again
  };

  explicit WatermarkValve(uint32_t channels) : channels_(channels) {}

  Change OnWatermark(uint32_t channel, EventTime watermark);
  Change OnStatus(uint32_t channel, bool is_idle);
  EventTime watermark() const { return emitted_; }

 private:
  struct Channel {
    EventTime watermark;
    bool is_idle = false;
    bool is_aligned = true;  // its watermark counts
  };
  std::optional<EventTime> Advance();

  std::vector<Channel> channels_;
  EventTime emitted_;
  bool is_idle_ = false;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STREAM_WATERMARK_VALVE_H_
