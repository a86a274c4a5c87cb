// Licensed under the Apache License, Version 2.0.
//
// The canonical stream of one subtask, key group by key group, with the ledger's values behind each: what the snapshot
// writers of all backends have in common, so that equal state gives equal bytes whatever held it.
#ifndef WEIR_RUNTIME_STATE_CANONICAL_WRITER_H_
#define WEIR_RUNTIME_STATE_CANONICAL_WRITER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/format/keyed_state.h"
#include "runtime/state/keyed_state_backend.h"

namespace weir {

// The ledger's values for each key group of the range, in order; empty if `witness` is null: there is no ledger.
std::vector<std::string> CollectWitness(KeyGroupRange range, const WitnessOf& witness);

class CanonicalWriter {
 public:
  // `states` in the order of their names; `witness` as CollectWitness gives it. kInvalidArgument if the header cannot be
  // written.
  static absl::StatusOr<CanonicalWriter> Create(const KeyedStateBackend& backend,
                                                std::vector<StateMeta> states,
                                                std::vector<std::string> witness);

  // Key groups come in ascending order, each once; entries of a group by state, in the order of states.
  void BeginGroup(KeyGroup group);
  void Add(size_t state_id, absl::string_view key, absl::string_view value);
  void EndGroup();
  // Entries added so far, the ledger's not among them: judging a run does not change its steps.
  uint64_t added() const { return added_; }
  KeyedSnapshot Finish();

 private:
  explicit CanonicalWriter(KeyedStateWriter writer) : writer_(std::move(writer)) {}
  void AddToGroup(size_t state_id, absl::string_view key, absl::string_view value);

  KeyedStateWriter writer_;
  uint32_t first_group_ = 0;
  CompositeKeyLayout layout_;
  size_t witness_id_ = 0;
  std::string witness_key_;
  std::vector<std::string> witness_;
  KeyGroup group_;
  bool has_begun_group_ = false;
  uint64_t added_ = 0;
  uint64_t unbilled_ = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_CANONICAL_WRITER_H_
