// Licensed under the Apache License, Version 2.0.
//
// Gives records their timestamps and makes watermarks from them: the largest timestamp seen, less the bound by which
// records may be late, less one. Watermarks are sent every pipeline.auto-watermark-interval while there are new ones;
// watermarks from upstream are dropped, all but the last (end of time). An idle input makes an idle output.
#ifndef WEIR_RUNTIME_OPERATORS_WATERMARK_OPERATOR_H_
#define WEIR_RUNTIME_OPERATORS_WATERMARK_OPERATOR_H_

#include <functional>
#include <utility>

#include "runtime/operators/stream_operator.h"

namespace weir {

class WatermarkOperator : public StreamOperator {
 public:
  using Assigner = std::function<EventTime(const void* value)>;
  WatermarkOperator(Assigner assigner, Duration out_of_orderness)
      : assigner_(std::move(assigner)), out_of_orderness_(out_of_orderness) {}

  void ProcessElement(uint32_t input, const void* value, const RecordMeta& meta) override;
  void ProcessWatermark(EventTime watermark) override;
  void ProcessIdle(bool is_idle) override;

 private:
  void Send();

  const Assigner assigner_;
  const Duration out_of_orderness_;
  EventTime largest_;
  EventTime sent_;
  bool has_timer_ = false;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_WATERMARK_OPERATOR_H_
