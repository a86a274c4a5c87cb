// Licensed under the Apache License, Version 2.0.
//
// When does a subtask take its snapshot? Pure state machines over the barriers that it meets on its channels, as Flink
// has them. They know nothing of buffers: the input gate asks which channels are blocked and does what an outcome says.
//
//   BarrierAligner   exactly once: a channel that has delivered its barrier is not read until all have
//   BarrierTracker   at least once: nothing is ever blocked; barriers are counted
//
// Cancel markers travel like barriers and say that no barrier of that checkpoint will come. A checkpoint that is given
// up here is *aborted*: declined to the job manager, and its marker sent on.
#ifndef WEIR_RUNTIME_TASK_BARRIER_HANDLER_H_
#define WEIR_RUNTIME_TASK_BARRIER_HANDLER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "runtime/base/ids.h"
#include "runtime/task/job_config.h"

namespace weir {

enum class BarrierAbortCause : uint8_t {
  kSubsumed,   // the barrier of a newer checkpoint came first
  kCancelled,  // upstream sent a cancel marker
};

struct BarrierOutcome {
  struct Abort {
    CheckpointId checkpoint;
    BarrierAbortCause cause{};
    bool operator==(const Abort&) const = default;
  };
  std::vector<Abort> aborted;             // in order, before anything is triggered
  std::optional<CheckpointId> triggered;  // take this snapshot now
  bool unblocked = false;                 // channels may have become readable
  absl::Status status;                    // kDataLoss: the stream is corrupt
};

class BarrierHandler {
 public:
  virtual ~BarrierHandler() = default;
  static std::unique_ptr<BarrierHandler> Create(CheckpointingMode mode, uint32_t channels);

  virtual BarrierOutcome OnBarrier(CheckpointId checkpoint, uint32_t channel) = 0;
  virtual BarrierOutcome OnCancelMarker(CheckpointId checkpoint, uint32_t channel) = 0;
  virtual BarrierOutcome OnEndOfPartition(uint32_t channel) = 0;
  virtual bool IsBlocked(uint32_t channel) const = 0;
  // The newest checkpoint of which some barriers have been met, but not all; and whether this one is missing.
  virtual std::optional<CheckpointId> Awaited() const = 0;
  virtual bool IsMissing(uint32_t channel) const = 0;
};

// Invariants:
//  1. n_ is the number of blocked channels; it is 0 unless an alignment is in progress, of current_.
//  2. current_ never decreases.
//  3. A channel that has ended counts as aligned.
class BarrierAligner final : public BarrierHandler {
 public:
  explicit BarrierAligner(uint32_t channels) : blocked_(channels), ended_(channels) {}
  BarrierOutcome OnBarrier(CheckpointId checkpoint, uint32_t channel) override;
  BarrierOutcome OnCancelMarker(CheckpointId checkpoint, uint32_t channel) override;
  BarrierOutcome OnEndOfPartition(uint32_t channel) override;
  bool IsBlocked(uint32_t channel) const override { return blocked_[channel]; }
  std::optional<CheckpointId> Awaited() const override;
  bool IsMissing(uint32_t channel) const override { return !blocked_[channel] && !ended_[channel]; }

 private:
  void Unblock(BarrierOutcome* outcome);
  void Complete(BarrierOutcome* outcome);

  CheckpointId current_;
  std::vector<bool> blocked_;
  std::vector<bool> ended_;
  uint32_t n_ = 0;
  uint32_t closed_ = 0;
};

// Invariants:
//  1. pending_ is in ascending order of ids, at most kTrackedMax long.
//  2. An id that was triggered, aborted or overtaken is never tracked again.
class BarrierTracker final : public BarrierHandler {
 public:
  static constexpr size_t kTrackedMax = 50;
  explicit BarrierTracker(uint32_t channels) : ended_(channels) {}
  BarrierOutcome OnBarrier(CheckpointId checkpoint, uint32_t channel) override;
  BarrierOutcome OnCancelMarker(CheckpointId checkpoint, uint32_t channel) override;
  BarrierOutcome OnEndOfPartition(uint32_t channel) override;
  bool IsBlocked(uint32_t) const override { return false; }
  std::optional<CheckpointId> Awaited() const override;
  bool IsMissing(uint32_t channel) const override;

 private:
  struct Count {
    CheckpointId checkpoint;
    std::vector<bool> met;  // by channel
    bool is_aborted = false;
  };
  bool IsComplete(const Count& count) const;
  void FinishFront(size_t index, BarrierOutcome* outcome);

  std::deque<Count> pending_;
  CheckpointId newest_;
  std::vector<bool> ended_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_TASK_BARRIER_HANDLER_H_
