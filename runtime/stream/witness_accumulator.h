// Licensed under the Apache License, Version 2.0.
//
// The double entry of one subtask while it runs: how many records it applied and emitted, and the sum of their
// identities, per (role, edge) and slot. A cell is two additions; format/witness.h is how cells lie in a snapshot.
//
// Slots are the key groups of a keyed vertex, else the subtask's index. What is applied and emitted goes to the current
// slot; sources name theirs (the split). Entries restored for slots that are not this subtask's (after a rescale) are
// kept apart and snapshotted again, since only sums over all subtasks are compared.
//
// What comes over broadcast edges is due to each subtask in full, so it is no part of such sums: it lies in *copies*, one
// an edge, outside of all slots. After a rescale a subtask goes on from one of the old copies.
#ifndef WEIR_RUNTIME_STREAM_WITNESS_ACCUMULATOR_H_
#define WEIR_RUNTIME_STREAM_WITNESS_ACCUMULATOR_H_

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "runtime/format/witness.h"
#include "runtime/stream/ledger_mode.h"

namespace weir {

class WitnessAccumulator {
 public:
  // Slots first..first + count - 1. REQUIRES: count >= 1.
  WitnessAccumulator(LedgerMode mode, uint32_t first_slot, uint32_t slot_count);

  LedgerMode mode() const { return mode_; }
  bool is_on() const { return mode_ != LedgerMode::kOff; }

  // Set-up: a row of cells for (role, edge). The number is for Add.
  uint32_t AddRow(WitnessRole role, uint32_t edge);

  // REQUIRES: the slot is one of this subtask's.
  void SetSlot(uint32_t slot) { current_ = slot - first_slot_; }
  void Add(uint32_t row, const Hash128& identity) {
    if (mode_ != LedgerMode::kOff) AddTo(cells_[row * slot_count_ + current_], identity);
  }
  // For slots that are not dense: splits of a source, whatever a sink counts by.
  void AddAt(WitnessRole role, uint32_t edge, uint32_t slot, const Hash128& identity) {
    if (!is_on()) return;
    const Place place{role, edge, slot};
    if (last_ == nullptr || place != last_place_) {
      last_ = &others_[place];
      last_place_ = place;
    }
    AddTo(*last_, identity);
  }

  // Set-up: the copy of a broadcast edge. The number is for AddCopy.
  uint32_t AddCopyRow(uint32_t edge);
  void AddCopy(uint32_t row, const Hash128& identity) {
    if (mode_ != LedgerMode::kOff) AddTo(copies_[row].cell, identity);
  }
  bool has_copies() const { return !copies_.empty(); }
  // One entry a broadcast edge, also if its count is zero; `slot` is what they say of where they lie.
  std::vector<WitnessEntry> CopyEntries(uint32_t slot) const;
  // Takes over an old copy. Edges that are no broadcast of this subtask's are left out.
  void RestoreCopy(const WitnessEntry& entry);

  // What was counted in one of the dense slots, or everywhere else; entries with a count of zero are left out.
  std::vector<WitnessEntry> EntriesOf(uint32_t slot) const;
  std::vector<WitnessEntry> OtherEntries() const;
  // Appends EncodeWitness(EntriesOf(slot)), or nothing if there are none.
  void EncodeEntriesOf(uint32_t slot, ByteWriter& out) const;
  // Adds what a snapshot holds.
  void Restore(const WitnessEntry& entry);

 private:
  using Place = std::tuple<WitnessRole, uint32_t, uint32_t>;  // role, edge, slot
  struct Cell {
    uint64_t count = 0;
    Hash128 sum;
    std::vector<Hash128> identities;
  };
  void AddTo(Cell& cell, const Hash128& identity) {
    ++cell.count;
    cell.sum += identity;
    if (mode_ == LedgerMode::kSets) cell.identities.push_back(identity);
  }
  static void Append(WitnessRole role, uint32_t edge, uint32_t slot, const Cell& cell,
                     std::vector<WitnessEntry>* out);

  struct Row {
    WitnessRole role{};
    uint32_t edge = kNoEdge;
  };
  struct Copy {
    uint32_t edge = kNoEdge;
    Cell cell;
  };
  const LedgerMode mode_;
  const uint32_t first_slot_;
  const uint32_t slot_count_;
  uint32_t current_ = 0;
  std::vector<Row> rows_;
  std::vector<Copy> copies_;
  std::vector<Cell> cells_;  // rows x slots
  std::map<Place, Cell> others_;
  Cell* last_ = nullptr;  // of `others_`, where AddAt added last: a source goes on for long with one split
  Place last_place_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STREAM_WITNESS_ACCUMULATOR_H_
