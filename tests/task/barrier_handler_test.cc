#include "runtime/task/barrier_handler.h"

#include <catch2/catch.hpp>

namespace weir {
namespace {

using Abort = BarrierOutcome::Abort;
using Aborts = std::vector<Abort>;

TEST_CASE("barrier aligner: blocks early channels until the last barrier (3 inputs)", "[task]") {
  BarrierAligner aligner(3);
  CHECK_FALSE(aligner.OnBarrier(CheckpointId(1), 1).triggered.has_value());
  CHECK(aligner.IsBlocked(1));
  CHECK_FALSE(aligner.IsBlocked(0));
  CHECK(aligner.Awaited() == CheckpointId(1));
  CHECK(aligner.IsMissing(0));
  CHECK_FALSE(aligner.IsMissing(1));
  CHECK_FALSE(aligner.OnBarrier(CheckpointId(1), 0).triggered.has_value());
  const BarrierOutcome last = aligner.OnBarrier(CheckpointId(1), 2);
  CHECK(last.triggered == CheckpointId(1));
  CHECK(last.unblocked);
  for (uint32_t channel = 0; channel < 3; ++channel) CHECK_FALSE(aligner.IsBlocked(channel));
  CHECK_FALSE(aligner.Awaited().has_value());
}

TEST_CASE("barrier aligner: triggers at once (1 input)", "[task]") {
  BarrierAligner aligner(1);
  CHECK(aligner.OnBarrier(CheckpointId(3), 0).triggered == CheckpointId(3));
  CHECK_FALSE(aligner.OnBarrier(CheckpointId(3), 0).triggered.has_value());
  CHECK_FALSE(aligner.OnBarrier(CheckpointId(2), 0).triggered.has_value());
  CHECK_FALSE(aligner.IsBlocked(0));
}

TEST_CASE("barrier aligner: a newer barrier gives up the older alignment", "[task]") {
  BarrierAligner aligner(2);
  aligner.OnBarrier(CheckpointId(1), 0);
  const BarrierOutcome newer = aligner.OnBarrier(CheckpointId(2), 1);
  CHECK(newer.aborted == Aborts{{CheckpointId(1), BarrierAbortCause::kSubsumed}});
  CHECK(newer.unblocked);
  CHECK_FALSE(aligner.IsBlocked(0));
  CHECK(aligner.IsBlocked(1));
  CHECK(aligner.OnBarrier(CheckpointId(2), 0).triggered == CheckpointId(2));
}

TEST_CASE("barrier aligner: a barrier of a checkpoint that is over is passed over", "[task]") {
  BarrierAligner aligner(2);
  aligner.OnBarrier(CheckpointId(1), 0);
  aligner.OnBarrier(CheckpointId(2), 0);  // channel 0 lost the rest of 1
  CHECK_FALSE(aligner.OnBarrier(CheckpointId(1), 1).triggered.has_value());
  CHECK_FALSE(aligner.IsBlocked(1));
  CHECK(aligner.OnBarrier(CheckpointId(2), 1).triggered == CheckpointId(2));
}

TEST_CASE("barrier aligner: the same barrier twice on a channel is a corrupt stream", "[task]") {
  BarrierAligner aligner(2);
  aligner.OnBarrier(CheckpointId(1), 0);
  CHECK(absl::IsDataLoss(aligner.OnBarrier(CheckpointId(1), 0).status));
}

TEST_CASE("barrier aligner: a cancel marker ends the alignment, also of older checkpoints", "[task]") {
  BarrierAligner aligner(2);
  aligner.OnBarrier(CheckpointId(1), 0);
  const BarrierOutcome same = aligner.OnCancelMarker(CheckpointId(1), 1);
  CHECK(same.aborted == Aborts{{CheckpointId(1), BarrierAbortCause::kCancelled}});
  CHECK_FALSE(aligner.IsBlocked(0));
  CHECK(aligner.OnCancelMarker(CheckpointId(1), 0).aborted.empty());

  aligner.OnBarrier(CheckpointId(2), 0);
  const BarrierOutcome later = aligner.OnCancelMarker(CheckpointId(3), 1);
  CHECK(later.aborted == Aborts{{CheckpointId(3), BarrierAbortCause::kCancelled}});
  CHECK_FALSE(aligner.IsBlocked(0));
  CHECK_FALSE(aligner.OnBarrier(CheckpointId(3), 0).triggered.has_value());
  CHECK_FALSE(aligner.IsBlocked(0));
  CHECK(aligner.OnCancelMarker(CheckpointId(2), 0).aborted.empty());
}

TEST_CASE("barrier aligner: a channel that has ended counts as aligned", "[task]") {
  BarrierAligner aligner(2);
  aligner.OnBarrier(CheckpointId(1), 0);
  CHECK(aligner.OnEndOfPartition(1).triggered == CheckpointId(1));
  CHECK(aligner.OnBarrier(CheckpointId(2), 0).triggered == CheckpointId(2));
}

TEST_CASE("barrier tracker: triggers with the last barrier and blocks nobody", "[task]") {
  BarrierTracker tracker(3);
  for (uint32_t channel = 0; channel < 2; ++channel) {
    CHECK_FALSE(tracker.OnBarrier(CheckpointId(1), channel).triggered.has_value());
    CHECK_FALSE(tracker.IsBlocked(channel));
  }
  CHECK(tracker.Awaited() == CheckpointId(1));
  CHECK(tracker.IsMissing(2));
  CHECK(tracker.OnBarrier(CheckpointId(1), 2).triggered == CheckpointId(1));
  CHECK_FALSE(tracker.Awaited().has_value());
}

TEST_CASE("barrier tracker: counts several checkpoints at once, and a complete one ends the older",
          "[task]") {
  BarrierTracker tracker(2);
  tracker.OnBarrier(CheckpointId(1), 0);
  tracker.OnBarrier(CheckpointId(2), 0);
  CHECK(tracker.OnBarrier(CheckpointId(2), 1).triggered == CheckpointId(2));
  CHECK_FALSE(tracker.OnBarrier(CheckpointId(1), 1).triggered.has_value());
}

TEST_CASE("barrier tracker: forgets the oldest of too many", "[task]") {
  BarrierTracker tracker(2);
  for (uint64_t id = 1; id <= BarrierTracker::kTrackedMax + 1; ++id) tracker.OnBarrier(CheckpointId(id), 0);
  CHECK_FALSE(tracker.OnBarrier(CheckpointId(1), 1).triggered.has_value());
  CHECK(tracker.OnBarrier(CheckpointId(2), 1).triggered == CheckpointId(2));
}

TEST_CASE("barrier tracker: a cancelled checkpoint is never triggered", "[task]") {
  BarrierTracker tracker(2);
  tracker.OnBarrier(CheckpointId(1), 0);
  tracker.OnBarrier(CheckpointId(2), 0);
  const BarrierOutcome outcome = tracker.OnCancelMarker(CheckpointId(2), 1);
  CHECK(outcome.aborted == Aborts{{CheckpointId(1), BarrierAbortCause::kSubsumed},
                                  {CheckpointId(2), BarrierAbortCause::kCancelled}});
  CHECK_FALSE(outcome.triggered.has_value());
  CHECK_FALSE(tracker.OnBarrier(CheckpointId(2), 1).triggered.has_value());
  CHECK(tracker.OnCancelMarker(CheckpointId(5), 0).aborted ==
        Aborts{{CheckpointId(5), BarrierAbortCause::kCancelled}});
  CHECK_FALSE(tracker.OnBarrier(CheckpointId(5), 1).triggered.has_value());
}

TEST_CASE("barrier tracker: a channel that has ended is not waited for", "[task]") {
  BarrierTracker tracker(2);
  tracker.OnBarrier(CheckpointId(1), 0);
  CHECK(tracker.OnEndOfPartition(1).triggered == CheckpointId(1));
  CHECK(tracker.OnBarrier(CheckpointId(2), 0).triggered == CheckpointId(2));
}

}  // namespace
}  // namespace weir
