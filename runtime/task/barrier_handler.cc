#include "runtime/task/barrier_handler.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"

namespace weir {

std::unique_ptr<BarrierHandler> BarrierHandler::Create(CheckpointingMode mode, uint32_t channels) {
  if (mode == CheckpointingMode::kExactlyOnce) return std::make_unique<BarrierAligner>(channels);
  return std::make_unique<BarrierTracker>(channels);
}

// --- Exactly once.

void BarrierAligner::Unblock(BarrierOutcome* outcome) {
  std::fill(blocked_.begin(), blocked_.end(), false);
  n_ = 0;
  outcome->unblocked = true;
}

void BarrierAligner::Complete(BarrierOutcome* outcome) {
  if (n_ == 0 || n_ + closed_ < blocked_.size()) return;
  Unblock(outcome);
  outcome->triggered = current_;
}

BarrierOutcome BarrierAligner::OnBarrier(CheckpointId checkpoint, uint32_t channel) {
  WEIR_CHECK(channel < blocked_.size());
  BarrierOutcome outcome;
  if (n_ > 0 && checkpoint == current_) {
    if (blocked_[channel]) {
      outcome.status = absl::DataLossError(
          absl::StrCat("the barrier of checkpoint ", checkpoint.value, " came twice on channel ", channel));
      return outcome;
    }
  } else if (checkpoint > current_) {
    if (n_ > 0) {
      outcome.aborted.push_back({current_, BarrierAbortCause::kSubsumed});
      Unblock(&outcome);
    }
    current_ = checkpoint;
  } else {
    return outcome;  // of a checkpoint that is over
  }
  blocked_[channel] = true;
  ++n_;
  Complete(&outcome);
  return outcome;
}

BarrierOutcome BarrierAligner::OnCancelMarker(CheckpointId checkpoint, uint32_t channel) {
  WEIR_CHECK(channel < blocked_.size());
  BarrierOutcome outcome;
  if (checkpoint < current_ || (checkpoint == current_ && n_ == 0)) return outcome;
  if (n_ > 0) Unblock(&outcome);  // an older one is skipped too
  current_ = checkpoint;
  outcome.aborted.push_back({checkpoint, BarrierAbortCause::kCancelled});
  return outcome;
}

BarrierOutcome BarrierAligner::OnEndOfPartition(uint32_t channel) {
  WEIR_CHECK(channel < blocked_.size() && !ended_[channel] && !blocked_[channel]);
  BarrierOutcome outcome;
  ended_[channel] = true;
  ++closed_;
  Complete(&outcome);
  return outcome;
}

std::optional<CheckpointId> BarrierAligner::Awaited() const {
  return n_ > 0 ? std::optional<CheckpointId>(current_) : std::nullopt;
}

// --- At least once.

bool BarrierTracker::IsComplete(const Count& count) const {
  for (size_t channel = 0; channel < count.met.size(); ++channel) {
    if (!count.met[channel] && !ended_[channel]) return false;
  }
  return true;
}

// The checkpoint at `index` has all its barriers: it is over, and so are all older ones, whose missing barriers can
// only come late.
void BarrierTracker::FinishFront(size_t index, BarrierOutcome* outcome) {
  if (!pending_[index].is_aborted) outcome->triggered = pending_[index].checkpoint;
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(index) + 1);
}

BarrierOutcome BarrierTracker::OnBarrier(CheckpointId checkpoint, uint32_t channel) {
  WEIR_CHECK(channel < ended_.size());
  BarrierOutcome outcome;
  size_t index = 0;
  while (index < pending_.size() && pending_[index].checkpoint != checkpoint) ++index;
  if (index == pending_.size()) {
    if (checkpoint <= newest_) return outcome;
    newest_ = checkpoint;
    pending_.push_back({checkpoint, std::vector<bool>(ended_.size()), false});
    if (pending_.size() > kTrackedMax) {
      pending_.pop_front();
      --index;
    }
  }
  pending_[index].met[channel] = true;
  if (IsComplete(pending_[index])) FinishFront(index, &outcome);
  return outcome;
}

BarrierOutcome BarrierTracker::OnCancelMarker(CheckpointId checkpoint, uint32_t channel) {
  WEIR_CHECK(channel < ended_.size());
  BarrierOutcome outcome;
  while (!pending_.empty() && pending_.front().checkpoint < checkpoint) {
    if (!pending_.front().is_aborted) {
      outcome.aborted.push_back({pending_.front().checkpoint, BarrierAbortCause::kSubsumed});
    }
    pending_.pop_front();
  }
  if (pending_.empty() || pending_.front().checkpoint != checkpoint) {
    if (checkpoint <= newest_) return outcome;
    newest_ = checkpoint;
    pending_.push_front({checkpoint, std::vector<bool>(ended_.size()), false});
  }
  Count& count = pending_.front();
  if (!count.is_aborted) outcome.aborted.push_back({checkpoint, BarrierAbortCause::kCancelled});
  count.is_aborted = true;
  count.met[channel] = true;
  if (IsComplete(count)) FinishFront(0, &outcome);
  return outcome;
}

BarrierOutcome BarrierTracker::OnEndOfPartition(uint32_t channel) {
  WEIR_CHECK(channel < ended_.size() && !ended_[channel]);
  BarrierOutcome outcome;
  ended_[channel] = true;
  for (size_t index = pending_.size(); index-- > 0;) {
    if (!IsComplete(pending_[index])) continue;
    FinishFront(index, &outcome);
    break;
  }
  return outcome;
}

std::optional<CheckpointId> BarrierTracker::Awaited() const {
  return pending_.empty() ? std::nullopt : std::optional<CheckpointId>(pending_.back().checkpoint);
}

bool BarrierTracker::IsMissing(uint32_t channel) const {
  return !pending_.empty() && !pending_.back().met[channel] && !ended_[channel];
}

}  // namespace weir
