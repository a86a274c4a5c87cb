// Licensed under the Apache License, Version 2.0.
//
// The timers of one service and time domain of one subtask. Timers are keyed state: they lie in the snapshot beside the
// states of the same keys, and go with their key group.
//
// Order is total: timestamp, then key group, then the bytes of key and namespace. (Flink leaves ties open; this is ours,
// the same for every backend.) A timer is all of these: adding it again changes nothing.
#ifndef WEIR_RUNTIME_STATE_TIMER_QUEUE_H_
#define WEIR_RUNTIME_STATE_TIMER_QUEUE_H_

#include <compare>
#include <cstdint>
#include <string>

#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/base/codec.h"
#include "runtime/base/ids.h"
#include "runtime/format/state_meta.h"
#include "runtime/types/type_serializer.h"

namespace weir {

struct Timer {
  int64_t timestamp = 0;  // milliseconds of event time or of the wall clock
  KeyGroup key_group;
  std::string key;         // serialised
  std::string name_space;  // serialised
  auto operator<=>(const Timer&) const = default;
};

class TimerQueue {
 public:
  virtual ~TimerQueue() = default;
  // False if it is there already.
  virtual bool Add(Timer timer) = 0;
  // False if it is not there.
  virtual bool Remove(const Timer& timer) = 0;
  // The first in order, or null; valid until the next change.
  virtual const Timer* Head() = 0;
  virtual void Pop() = 0;
  virtual size_t size() const = 0;
};

class HeapTimerQueue final : public TimerQueue {
 public:
  using Timers = absl::btree_set<Timer>;
  bool Add(Timer timer) override { return timers_.insert(std::move(timer)).second; }
  bool Remove(const Timer& timer) override { return timers_.erase(timer) != 0; }
  const Timer* Head() override { return timers_.empty() ? nullptr : &*timers_.begin(); }
  void Pop() override { timers_.erase(timers_.begin()); }
  size_t size() const override { return timers_.size(); }
  const Timers& timers() const { return timers_; }

 private:
  Timers timers_;
};

// How a queue stands in a snapshot: `_timer_state/event_<service>` or `_timer_state/processing_<service>`, a priority
// queue of elements (timestamp with its sign bit flipped, key, namespace). `name_space` null: the void namespace.
enum class TimeDomain : uint8_t { kEventTime, kProcessingTime };
std::string TimerStateName(TimeDomain domain, absl::string_view service);
StateMeta TimerMeta(std::string name, const TypeSerializer& key, const TypeSerializer* name_space);
void AppendTimerElement(ByteWriter& writer, const Timer& timer);
// kDataLoss. The key group is not part of an element.
absl::StatusOr<Timer> ParseTimerElement(absl::string_view element, KeyGroup key_group,
                                        const TypeSerializer& key, const TypeSerializer* name_space);

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_TIMER_QUEUE_H_
