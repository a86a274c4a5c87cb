// Licensed under the Apache License, Version 2.0.
//
// How what a backend answers about one state becomes bytes that can be compared, and text for people. The bytes are those
// of the state's own serializers. Of a state with a time to live only what is alive counts: when a backend drops what has
// expired is its own affair (docs/judging.md).
//
// "" is no answer: nothing is stored, or nothing of it is alive.
#ifndef WEIR_RUNTIME_STATE_LOCKSTEP_ANSWER_FORM_H_
#define WEIR_RUNTIME_STATE_LOCKSTEP_ANSWER_FORM_H_

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "runtime/state/state_store.h"

namespace weir {

// Remembers the latest time that anybody read from it: what had expired then may be gone, even if the clock goes back.
class LatestClock final : public Clock {
 public:
  explicit LatestClock(const Clock& clock) : clock_(clock) {}
  Instant Now() const override { return clock_.Now(); }
  WallTime WallNow() const override {
    const WallTime now = clock_.WallNow();
    latest_ = std::max(latest_, now.millis);
    return now;
  }
  int64_t latest_millis() const { return WallNow(), latest_; }

 private:
  const Clock& clock_;
  mutable int64_t latest_ = std::numeric_limits<int64_t>::min();
};

class AnswerForm {
 public:
  explicit AnswerForm(StateSpec spec) : spec_(std::move(spec)) {}

  const StateSpec& spec() const { return spec_; }
  bool has_ttl() const { return ttl_.has_value(); }
  // The policy that the backends are to get: as `policy`, but its clock is watched. REQUIRES: policy.clock outlives this.
  TtlPolicy EnableTtl(const TtlPolicy& policy);

  // `object`: a value, accumulator or map value; a whole list (kList). Null: nothing. nullopt: it cannot be serialised, as
  // the heap may hold it until the next snapshot.
  std::optional<std::string> Bytes(const void* object) const;
  std::string Text(const void* object) const;
  // Of a value, element or map value: what IsAlive asks for. 0 without a time to live.
  int64_t Timestamp(const void* value) const { return ttl_.has_value() ? ttl_->timestamp_of(value) : 0; }
  bool IsAlive(int64_t timestamp) const {
    return !ttl_.has_value() || !ttl_->IsExpiredAt(timestamp, clock_->latest_millis());
  }
  // The same of the value of an entry in the canonical stream. Bytes that cannot be read count as they are.
  std::string EntryBytes(absl::string_view value) const;
  std::string EntryText(absl::string_view value) const;

 private:
  using VisitObject = absl::FunctionRef<void(const void* object)>;
  // False: the bytes are no entry of this state.
  bool ReadEntry(absl::string_view value, VisitObject visit) const;

  StateSpec spec_;
  std::optional<LatestClock> clock_;
  std::optional<TtlPolicy> ttl_;
};

// A serialised value for people: its text, or hex digits if the bytes are none of that type. Long ones are cut.
std::string TextOfBytes(const TypeSerializer& type, absl::string_view bytes);
std::string HexText(absl::string_view bytes);
std::string Shortened(std::string text);

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_LOCKSTEP_ANSWER_FORM_H_
