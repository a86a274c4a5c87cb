// Licensed under the Apache License, Version 2.0.
//
// Where the canonical streams of two backends first differ: the same states, described alike, and entry for entry the same
// bytes. What is the ledger's does not count, nor what has expired.
#ifndef WEIR_RUNTIME_STATE_LOCKSTEP_STREAM_COMPARISON_H_
#define WEIR_RUNTIME_STATE_LOCKSTEP_STREAM_COMPARISON_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "runtime/format/keyed_state.h"
#include "runtime/state/lockstep/answer_form.h"

namespace weir {

// What is known of the states in the streams; for text, and for what has expired.
struct StreamContents {
  const TypeSerializer* key_type = nullptr;
  uint32_t max_parallelism = 0;
  // Null: the state was restored, but nobody has asked for it yet.
  std::function<const AnswerForm*(absl::string_view state)> form_of;
  // The namespace type of a queue of timers; nullopt: it is none, or nobody has asked for it yet.
  std::function<std::optional<const TypeSerializer*>(absl::string_view state)> timers_of;
};

struct StreamDifference {
  std::string state;
  std::string of;  // "key 17", "the timer at 5 of key 17"; "" for the state's description
  std::string left;
  std::string right;
};

struct StreamsCompared {
  uint64_t entries = 0;  // that were equal
  std::optional<StreamDifference> first;
};

// kDataLoss: one of them cannot be read.
absl::StatusOr<StreamsCompared> CompareStreams(const KeyedStateStream& left, const KeyedStateStream& right,
                                               const StreamContents& contents);

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_LOCKSTEP_STREAM_COMPARISON_H_
