// Licensed under the Apache License, Version 2.0.
//
// A world to judge without an engine: topics, committed records and checkpoint files that a test writes by hand, the files
// with the writers of runtime/format. Begin with a run that kept every promise, then break one thing.
#ifndef WEIR_TESTS_PROPERTIES_SYNTHETIC_H_
#define WEIR_TESTS_PROPERTIES_SYNTHETIC_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "properties/property.h"
#include "runtime/format/witness.h"

namespace weir::properties {

class FakeOutside : public Outside {
 public:
  std::map<std::string, std::vector<std::vector<std::string>>, std::less<>>
      topics;  // topic -> split -> records
  std::map<std::string, std::vector<LogRecord>, std::less<>> committed;
  std::map<std::string, std::string, std::less<>> objects;
  std::map<std::string, std::string> database;
  std::string job_record;
  std::map<NodeId, int64_t> wall_millis;  // of a node without one: 0
  BackendAnswers backends;
  std::string blame;  // what the user's function, run alone, would say of copies that differ

  uint32_t Splits(absl::string_view topic) const override;
  uint64_t SplitEnd(absl::string_view topic, uint32_t split) const override;
  const std::vector<absl::string_view>& SourceRecords(absl::string_view topic, uint32_t split) const override;
  LogRecordsView Committed(absl::string_view topic) const override;
  std::optional<absl::string_view> Object(absl::string_view key) const override;
  std::vector<std::string> Objects(absl::string_view prefix) const override;
  std::string JobRecord() const override { return job_record; }
  std::map<std::string, std::string> Database() const override { return database; }
  WallTime WallClock(NodeId node) const override {
    const auto found = wall_millis.find(node);
    return {found == wall_millis.end() ? 0 : found->second};
  }
  BackendAnswers Backends() const override { return backends; }
  std::string BlameForCopies(absl::string_view, absl::string_view) const override { return blame; }

 private:
  mutable std::map<std::string, LogRecords, std::less<>> records_;  // of `committed`
  mutable std::map<std::pair<std::string, uint32_t>, std::vector<absl::string_view>> views_;
};

// As a run does it: of what the property does not watch it is not told.
inline void Tell(Property& property, const Event& event, Instant at = Instant(), NodeId node = NodeId(0)) {
  if (property.Watches(event.id)) property.OnEvent(at, node, event);
}

// source + parse (vertex 0) --hash, edge 0--> sum, keyed (vertex 1) --forward, edge 1--> totals, a sink (vertex 2).
// Parallelism 2 each, source topic "transactions" with two splits.
JobShape SumJob(OperatorShape::Sink sink = OperatorShape::Sink::kTransactional);

// What the subtasks of one checkpoint of SumJob hold. Lists of identities, one per subtask (or split).
struct SumState {
  std::vector<uint64_t> offsets;                // by split; the owner is the subtask of that index
  std::vector<std::vector<Hash128>> read;       // by split
  std::vector<std::vector<Hash128>> parsed;     // by subtask: emitted into edge 0
  std::vector<std::vector<Hash128>> summed;     // applied from edge 0
  std::vector<std::vector<Hash128>> forwarded;  // emitted into edge 1
  std::vector<std::vector<Hash128>> sunk;       // applied from edge 1
  // If edge 0 is a broadcast: each subtask's copy of the broadcast state "limits"; a subtask without one has none.
  std::vector<std::map<std::string, int64_t>> limits;

  // Without any fault: everything below `offsets` went through once.
  static SumState Correct(const JobShape& job, std::vector<uint64_t> offsets);
};

// Identities of what parse and sum make of the record at (split, offset).
Hash128 ParsedIdentity(uint32_t split, uint64_t offset);
Hash128 SummedIdentity(uint32_t split, uint64_t offset);

// Writes `_metadata` and state files of checkpoint n; the witness has identities if job.ledger_sets.
void WriteCheckpoint(const JobShape& job, uint64_t checkpoint, const SumState& state, FakeOutside* outside);

// What a read-committed reader sees: one record for each identity.
void Commit(const std::vector<std::vector<Hash128>>& identities, FakeOutside* outside);

// Two splits of `records` records each.
void AddTransactions(uint64_t records, FakeOutside* outside);

}  // namespace weir::properties

#endif  // WEIR_TESTS_PROPERTIES_SYNTHETIC_H_
