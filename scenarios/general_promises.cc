#include "scenarios/general_promises.h"

#include <utility>

#include "properties/backends_agree.h"
#include "properties/checkpoint_files.h"
#include "properties/delivery.h"
#include "properties/progress.h"
#include "properties/timer_fires_once.h"
#include "properties/watermark_monotonic.h"

namespace weir::scenarios {

Promise ExactlyOncePromise() { return PromiseOf(properties::MakeExactlyOnce); }
Promise AtLeastOncePromise() { return PromiseOf(properties::MakeAtLeastOnce); }
Promise ProgressPromise() { return PromiseOf(properties::MakeProgress); }
Promise TimerFiresOncePromise() { return PromiseOf(properties::MakeTimerFiresOnce); }
Promise CheckpointFilesSafePromise() { return PromiseOf(properties::MakeCheckpointFilesSafe); }
Promise WatermarkMonotonicPromise() { return PromiseOf(properties::MakeWatermarkMonotonic); }

Promise BroadcastStateConsistentPromise(properties::BroadcastConsistencyOptions options) {
  return PromiseOf(properties::MakeBroadcastStateConsistent(std::move(options)));
}

Promise PromiseOf(properties::PropertyFactory factory) {
  Promise promise;
  promise.id = std::string(factory()->id());
  promise.factory = std::move(factory);
  return promise;
}

Promise MustBreak(properties::PropertyFactory factory) {
  Promise promise = PromiseOf(std::move(factory));
  promise.expected_broken = true;
  return promise;
}

const std::vector<std::pair<std::string, properties::PropertyFactory>>& GeneralProperties() {
  static const auto* const kProperties = new std::vector<std::pair<std::string, properties::PropertyFactory>>{
      {"exactly-once", properties::MakeExactlyOnce},
      {"at-least-once", properties::MakeAtLeastOnce},
      {"progress", properties::MakeProgress},
      {"timer-fires-once", properties::MakeTimerFiresOnce},
      {"watermark-monotonic", properties::MakeWatermarkMonotonic},
      {"checkpoint-files-safe", properties::MakeCheckpointFilesSafe},
      {"broadcast-state-consistent", properties::MakeBroadcastStateConsistent({})},
      {std::string(properties::kBackendsAgree), properties::MakeBackendsAgree},
  };
  return *kProperties;
}

}  // namespace weir::scenarios
