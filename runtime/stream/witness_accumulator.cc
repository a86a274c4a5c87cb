#include "runtime/stream/witness_accumulator.h"

#include <algorithm>
#include <utility>

#include "runtime/base/check.h"

namespace weir {

WitnessAccumulator::WitnessAccumulator(LedgerMode mode, uint32_t first_slot, uint32_t slot_count)
    : mode_(mode), first_slot_(first_slot), slot_count_(slot_count) {
  WEIR_CHECK(slot_count > 0);
}

uint32_t WitnessAccumulator::AddRow(WitnessRole role, uint32_t edge) {
  rows_.push_back({role, edge});
  if (is_on()) cells_.resize(rows_.size() * slot_count_);
  return static_cast<uint32_t>(rows_.size() - 1);
}

uint32_t WitnessAccumulator::AddCopyRow(uint32_t edge) {
  copies_.push_back({edge, {}});
  return static_cast<uint32_t>(copies_.size() - 1);
}

std::vector<WitnessEntry> WitnessAccumulator::CopyEntries(uint32_t slot) const {
  std::vector<WitnessEntry> entries;
  if (!is_on()) return entries;
  for (const Copy& copy : copies_) {
    const Cell& cell = copy.cell;
    entries.push_back({WitnessRole::kApplied, copy.edge, slot, cell.count, cell.sum, cell.identities});
    std::sort(entries.back().identities.begin(), entries.back().identities.end());
  }
  return entries;
}

void WitnessAccumulator::RestoreCopy(const WitnessEntry& entry) {
  if (!is_on()) return;
  for (Copy& copy : copies_) {
    if (copy.edge == entry.edge) copy.cell = {entry.count, entry.sum, entry.identities};
  }
}

void WitnessAccumulator::Append(WitnessRole role, uint32_t edge, uint32_t slot, const Cell& cell,
                                std::vector<WitnessEntry>* out) {
  if (cell.count == 0) return;
  WitnessEntry entry{role, edge, slot, cell.count, cell.sum, cell.identities};
  std::sort(entry.identities.begin(), entry.identities.end());
  out->push_back(std::move(entry));
}

std::vector<WitnessEntry> WitnessAccumulator::EntriesOf(uint32_t slot) const {
  std::vector<WitnessEntry> entries;
  if (!is_on()) return entries;
  entries.reserve(rows_.size());
  for (size_t row = 0; row < rows_.size(); ++row) {
    Append(rows_[row].role, rows_[row].edge, slot, cells_[row * slot_count_ + slot - first_slot_], &entries);
  }
  return entries;
}

void WitnessAccumulator::EncodeEntriesOf(uint32_t slot, ByteWriter& out) const {
  if (mode_ == LedgerMode::kSets) {
    const std::vector<WitnessEntry> entries = EntriesOf(slot);
    if (!entries.empty()) out.Raw(EncodeWitness(entries));
    return;
  }
  // Asked for each key group of each snapshot.
  const auto cell_of = [&](size_t row) -> const Cell& {
    return cells_[row * slot_count_ + slot - first_slot_];
  };
  uint32_t count = 0;
  for (size_t row = 0; row < rows_.size(); ++row) count += cell_of(row).count > 0;
  if (count == 0) return;
  out.U32(count);
  for (size_t row = 0; row < rows_.size(); ++row) {
    const Cell& cell = cell_of(row);
    if (cell.count > 0)
      WriteWitnessEntry(rows_[row].role, rows_[row].edge, slot, cell.count, cell.sum, {}, out);
  }
}

std::vector<WitnessEntry> WitnessAccumulator::OtherEntries() const {
  std::vector<WitnessEntry> entries;
  for (const auto& [key, cell] : others_) {
    Append(std::get<0>(key), std::get<1>(key), std::get<2>(key), cell, &entries);
  }
  return entries;
}

void WitnessAccumulator::Restore(const WitnessEntry& entry) {
  if (!is_on()) return;
  const auto row = std::find_if(rows_.begin(), rows_.end(),
                                [&](const Row& r) { return r.role == entry.role && r.edge == entry.edge; });
  const bool is_dense =
      row != rows_.end() && entry.slot >= first_slot_ && entry.slot - first_slot_ < slot_count_;
  Cell& cell = is_dense
                   ? cells_[static_cast<size_t>(row - rows_.begin()) * slot_count_ + entry.slot - first_slot_]
                   : others_[{entry.role, entry.edge, entry.slot}];
  cell.count += entry.count;
  cell.sum += entry.sum;
  cell.identities.insert(cell.identities.end(), entry.identities.begin(), entry.identities.end());
}

}  // namespace weir
