#include "runtime/format/witness.h"

#include "runtime/base/codec.h"

namespace weir {
namespace {
constexpr size_t kEntryBytesMin = 1 + 4 + 4 + 8 + 8 + 8 + 4;
}

std::string EncodeWitness(const std::vector<WitnessEntry>& entries) {
  ByteWriter out;
  out.U32(static_cast<uint32_t>(entries.size()));
  for (const WitnessEntry& entry : entries) {
    out.U8(static_cast<uint8_t>(entry.role));
    out.U32(entry.edge);
    out.U32(entry.slot);
    out.U64(entry.count);
    out.U64(entry.sum.high);
    out.U64(entry.sum.low);
    out.U32(static_cast<uint32_t>(entry.identities.size()));
    for (const Hash128& identity : entry.identities) {
      out.U64(identity.high);
      out.U64(identity.low);
    }
  }
  return out.Take();
}

absl::StatusOr<std::vector<WitnessEntry>> DecodeWitness(absl::string_view bytes) {
  ByteReader in(bytes);
  const uint32_t count = in.U32();
  if (count > in.remaining() / kEntryBytesMin) in.Invalidate();
  std::vector<WitnessEntry> entries;
  if (in.ok()) entries.reserve(count);
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
    entries.push_back(std::move(entry));
  }
  if (absl::Status status = in.Finish(); !status.ok()) return status;
  return entries;
}

Hash128 SourceIdentity(absl::string_view source_uid, uint32_t split, uint64_t offset) {
  return SourceIdentityOf(StableHash64(source_uid), split, offset);
}

Hash128 DerivedIdentity(const Hash128& parent, absl::string_view operator_uid, uint32_t ordinal) {
  return DerivedIdentityOf(parent, StableHash64(operator_uid), ordinal);
}

}  // namespace weir
