#include "runtime/operators/watermark_operator.h"

#include <algorithm>

namespace weir {

void WatermarkOperator::ProcessElement(uint32_t, const void* value, const RecordMeta& meta) {
  Begin(meta);
  EventTime timestamp;
  const bool assigned = CallUser([&] {
    timestamp = assigner_(value);
    return absl::OkStatus();
  });
  if (!assigned) return;
  largest_ = std::max(largest_, timestamp);
  EmitAt(value, timestamp);
  const Duration interval = context().options.watermark_interval;
  if (has_timer_ || interval == Duration() || task().is_stopped()) return;
  has_timer_ = true;
  task().After(interval, [this] {
    has_timer_ = false;
    Send();
  });
}

void WatermarkOperator::Send() {
  const int64_t late = out_of_orderness_.millis() + 1;
  if (largest_.millis < EventTime::Min().millis + late) return;
  const EventTime watermark{largest_.millis - late};
  if (watermark <= sent_) return;
  sent_ = watermark;
  EmitWatermark(watermark);
}

void WatermarkOperator::ProcessWatermark(EventTime watermark) {
  if (watermark == EventTime::Max()) EmitWatermark(watermark);
}

void WatermarkOperator::ProcessIdle(bool is_idle) {
  // What is known so far goes first: nothing else would send it while the input is idle.
  if (is_idle) Send();
  EmitIdle(is_idle);
}

}  // namespace weir
