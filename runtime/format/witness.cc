#include "runtime/format/witness.h"

#include <utility>

namespace weir {
namespace {
constexpr size_t kEntryBytesMin = 1 + 4 + 4 + 8 + 8 + 8 + 4;
}

void WriteWitnessEntry(WitnessRole role, uint32_t edge, uint32_t slot, uint64_t count, const Hash128& sum,
                       absl::Span<const Hash128> identities, ByteWriter& out) {
  out.U8(static_cast<uint8_t>(role));
  out.U32(edge);
  out.U32(slot);
  out.U64(count);
  out.U64(sum.high);
  out.U64(sum.low);
  out.U32(static_cast<uint32_t>(identities.size()));
  for (const Hash128& identity : identities) {
    out.U64(identity.high);
    out.U64(identity.low);
  }
}

std::string EncodeWitness(const std::vector<WitnessEntry>& entries) {
  ByteWriter out;
  out.U32(static_cast<uint32_t>(entries.size()));
  for (const WitnessEntry& entry : entries) {
    WriteWitnessEntry(entry.role, entry.edge, entry.slot, entry.count, entry.sum, entry.identities, out);
  }
  return out.Take();
}

absl::Status VisitWitness(absl::string_view bytes, absl::FunctionRef<void(WitnessEntry)> visit) {
  ByteReader in(bytes);
  const uint32_t count = in.U32();
  if (count > in.remaining() / kEntryBytesMin) in.Invalidate();
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    WitnessEntry entry;
    const uint8_t role = in.U8();
    if (role > static_cast<uint8_t>(WitnessRole::kSource)) in.Invalidate();
    entry.role = static_cast<WitnessRole>(role);
    entry.edge = in.U32();
    entry.slot = in.U32();
    entry.count = in.U64();
    entry.sum.high = in.U64();
    entry.sum.low = in.U64();
    const uint32_t identities = in.U32();
    if (identities > in.remaining() / 16) in.Invalidate();
    for (uint32_t j = 0; j < identities && in.ok(); ++j) {
      Hash128 identity;
      identity.high = in.U64();
      identity.low = in.U64();
      entry.identities.push_back(identity);
    }
    if (in.ok()) visit(std::move(entry));
  }
  return in.Finish();
}

absl::StatusOr<std::vector<WitnessEntry>> DecodeWitness(absl::string_view bytes) {
  std::vector<WitnessEntry> entries;
  absl::Status status =
      VisitWitness(bytes, [&entries](WitnessEntry entry) { entries.push_back(std::move(entry)); });
  if (!status.ok()) return status;
  return entries;
}

Hash128 SourceIdentity(absl::string_view source_uid, uint32_t split, uint64_t offset) {
  return SourceIdentityOf(StableHash64(source_uid), split, offset);
}

Hash128 DerivedIdentity(const Hash128& parent, absl::string_view operator_uid, uint32_t ordinal) {
  return DerivedIdentityOf(parent, StableHash64(operator_uid), ordinal);
}

}  // namespace weir
