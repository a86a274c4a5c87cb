// Licensed under the Apache License, Version 2.0.
//
// The canonical stream of one subtask, key group by key group, with the ledger's values behind each: what the snapshot
// writers of all backends have in common, so that equal state gives equal bytes whatever held it.
#ifndef WEIR_RUNTIME_STATE_CANONICAL_WRITER_H_
#define WEIR_RUNTIME_STATE_CANONICAL_WRITER_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "runtime/format/keyed_state.h"
#include "runtime/state/keyed_state_backend.h"

namespace weir {

// The ledger's values for the key groups of a range, as they are when it is made.
class CollectedWitness {
 public:
  // `witness` may be null: there is no ledger.
  CollectedWitness(KeyGroupRange range, const WitnessOf& witness);
  bool is_on() const { return !ends_.empty(); }
  // "" for none. REQUIRES: is_on(), a group of the range.
  absl::string_view Of(KeyGroup group) const;

 private:
  uint32_t first_;
  std::string bytes_;         // one behind the other
  std::vector<size_t> ends_;  // in them
};

class CanonicalWriter {
 public:
  // `states` in the order of their names; kInvalidArgument if the header cannot be
  // written.
  static absl::StatusOr<CanonicalWriter> Create(const KeyedStateBackend& backend,
                                                std::vector<StateMeta> states, CollectedWitness witness);

  // Goes on with the next key groups of the range, in ascending order, until `entries` more are added (the ledger's not
  // among them: judging a run does not change its steps) or none is left; true if none is. `write` adds the entries of a
  // group by state, in the order of states.
  absl::StatusOr<bool> WriteGroups(uint64_t entries, absl::FunctionRef<absl::Status(KeyGroup)> write);
  void Add(size_t state_id, absl::string_view key, absl::string_view value);
  KeyedSnapshot Finish();

 private:
  CanonicalWriter(KeyedStateWriter writer, KeyGroupRange range, CollectedWitness witness)
      : writer_(std::move(writer)), range_(range), next_group_(range.first), witness_(std::move(witness)) {}
  void EndGroup();
  void AddToGroup(size_t state_id, absl::string_view key, absl::string_view value);

  KeyedStateWriter writer_;
  KeyGroupRange range_;
  uint32_t next_group_;
  CompositeKeyLayout layout_;
  size_t witness_id_ = 0;
  std::string witness_key_;
  CollectedWitness witness_;
  KeyGroup group_;
  bool has_begun_group_ = false;
  uint64_t added_ = 0;
  uint64_t unbilled_ = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_CANONICAL_WRITER_H_
