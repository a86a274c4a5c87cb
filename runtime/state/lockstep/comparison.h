// Licensed under the Apache License, Version 2.0.
//
// The running comparison of two backends: the *leader*, whose answers count, and the *follower*, which is told the same
// and asked the same afterwards. What wraps the two asks Follows() after each call of the leader:
//
//   const void* ours = leader.Find();
//   if (comparison.Follows()) Compare(ours, follower.Find());
//
// It ends with the first difference, since from there on the two go different ways, and when the leader has failed: its
// node's disk has faults, the follower's has none, and the task goes down anyhow.
#ifndef WEIR_RUNTIME_STATE_LOCKSTEP_COMPARISON_H_
#define WEIR_RUNTIME_STATE_LOCKSTEP_COMPARISON_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "runtime/state/keyed_state_backend.h"
#include "runtime/state/lockstep/lockstep_report.h"
#include "runtime/state/lockstep/shadow_node.h"

namespace weir {

// A backend and, if it needs one, the node that it lives on.
struct LockstepSide {
  std::string name;  // "hashmap", "rocksdb"
  std::unique_ptr<ShadowNode> node;
  std::unique_ptr<KeyedStateBackend> backend;  // goes before its node
};

struct LockstepPlace {
  std::string operator_uid;
  std::string subtask;  // "sum[1], attempt 2": for people
};

class Comparison {
 public:
  // Called with the number of the access that differed.
  using OnDifference = std::function<void(uint64_t access)>;

  // Everything given outlives it. `outer` is the backend that the two stand behind: the leader's errors become its own.
  Comparison(KeyedStateBackend& outer, LockstepSide& leader, LockstepSide& follower, LockstepPlace place,
             LockstepReport& report, OnDifference on_difference);

  bool is_on() const { return is_on_; }
  // The leader was called. True: now it is the follower's turn; its node has caught up.
  bool Follows();
  // The follower was called, and did not fail. What it alone cannot write (kInvalidArgument) ends the comparison without a
  // difference: RocksDB serialises at the access, the heap at the next snapshot.
  bool HasAnswered(absl::string_view state, absl::string_view operation, absl::FunctionRef<std::string()> of);
  // Of the calls that came so far.
  uint64_t access() const { return access_; }
  const std::string& current_key() const { return outer_.current_key(); }

  void Agree(uint64_t answers = 1) { report_.compared += answers; }
  // The answers as text; `of` is what was asked for ("key 17"), "" if nothing in particular; `history` what may be said
  // besides, or "".
  void Differ(absl::string_view state, absl::string_view operation, const std::string& of,
              const std::string& leader, const std::string& follower, const std::string& history = "");

  // "key 17", for the current key; with the namespace, if there is one.
  std::string CurrentKey(const TypeSerializer* name_space, absl::string_view name_space_bytes) const;
  std::string KeyText(absl::string_view key, const TypeSerializer* name_space,
                      absl::string_view name_space_bytes) const;

 private:
  KeyedStateBackend& outer_;
  LockstepSide& leader_;
  LockstepSide& follower_;
  const LockstepPlace place_;
  LockstepReport& report_;
  const OnDifference on_difference_;
  bool is_on_ = true;
  uint64_t access_ = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_LOCKSTEP_COMPARISON_H_
