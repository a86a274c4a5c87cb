// Licensed under the Apache License, Version 2.0.
//
// The delivery ledger's entries as they lie in a snapshot: what a subtask applied and emitted, summed by identity, one
// entry a (role, edge, slot). The engine keeps them beside the state they belong to, under the reserved name
// "_weir_witness", so that they are snapshotted, restored and rescaled like any other state; the oracle adds them up over
// all subtasks of a completed checkpoint. Written only when weir.ledger is not off.
//
//   keyed operator   one value per key group in its keyed state (slot = key group): applied on its input edges, emitted on
//                    its vertex's output edges
//   source           elements of an operator list state: role kSource (slot = split), edge = none; and what its vertex
//                    emitted on the output edges (slot = subtask)
//   any other head   elements of an operator list state (slot = subtask)
//   a sink that is not the head of its vertex: besides what its head keeps, the sink has an element of its own, in an
//                    operator list state under the sink's operator id: role kApplied, edge = none (slot = subtask): what
//                    reached the sink inside the chain
//   a head with broadcast inputs
//                    besides: what it applied on those edges, as a broadcast map of its own, "_weir_witness_broadcast":
//                    edge -> one entry (role kApplied, slot = subtask at the time). Each subtask owes the whole of what was
//                    emitted, so after a rescale a new subtask goes on from one old copy, the one whose broadcast state
//                    it takes over. What is emitted into a broadcast edge counts once, not once for each receiver.
//
// Identities. A source record keeps SourceIdentity until an operator emits something else while handling it. What any
// operator emits (also a map, also inside a chain) is DerivedIdentity(identity of the record being handled, uid of the
// operator, ordinal of the emission for that record, from 0). A sink hands the identity of the record that it is given
// to the log. An operator without uid stands for itself by the 32 hex digits of its id.
//
// As state values and list elements the bytes below are written as Flink's byte[] (TypeOf<Bytes>: u32 length, bytes).
//
// Encoding of one value: u32 count of entries, then each: u8 role, u32 edge, u32 slot, u64 count, u64 sum.high,
// u64 sum.low, u32 n, n x (u64 high, u64 low): the identities, only with weir.ledger=sets.
#ifndef WEIR_RUNTIME_FORMAT_WITNESS_H_
#define WEIR_RUNTIME_FORMAT_WITNESS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "runtime/base/codec.h"
#include "runtime/base/stable_hash.h"

namespace weir {

inline constexpr absl::string_view kWitnessState = "_weir_witness";
inline constexpr absl::string_view kBroadcastWitnessState = "_weir_witness_broadcast";
inline constexpr uint32_t kNoEdge = ~0u;

enum class WitnessRole : uint8_t {
  kApplied = 0,  // by the head of the vertex at `edge`'s end
  kEmitted = 1,  // into `edge`
  kSource = 2,   // read from split `slot`
};

struct WitnessEntry {
  WitnessRole role = WitnessRole::kApplied;
  uint32_t edge = kNoEdge;
  uint32_t slot = 0;
  uint64_t count = 0;
  Hash128 sum;
  std::vector<Hash128> identities;  // sorted; empty with sums only
};

std::string EncodeWitness(const std::vector<WitnessEntry>& entries);
absl::StatusOr<std::vector<WitnessEntry>> DecodeWitness(absl::string_view bytes);
// One after the other; whoever sees damage has had what lies before it. kDataLoss.
absl::Status VisitWitness(absl::string_view bytes, absl::FunctionRef<void(WitnessEntry)> visit);
// For whoever encodes entries that he does not have as such: u32 count first, then each by this.
void WriteWitnessEntry(WitnessRole role, uint32_t edge, uint32_t slot, uint64_t count, const Hash128& sum,
                       absl::Span<const Hash128> identities, ByteWriter& out);

// Identity of a source record: (source uid, split, offset).
Hash128 SourceIdentity(absl::string_view source_uid, uint32_t split, uint64_t offset);
// Identity of what an operator emits while it handles `parent`: the ordinal counts its emissions for that parent.
Hash128 DerivedIdentity(const Hash128& parent, absl::string_view operator_uid, uint32_t ordinal);
// The same with StableHash64(operator_uid) or StableHash64(source_uid) at hand: for loops over records.
constexpr Hash128 SourceIdentityOf(uint64_t source, uint32_t split, uint64_t offset) {
  return {Mix(source ^ split, offset), Mix(offset ^ 0x5bd1e995u, source + split)};
}
constexpr Hash128 DerivedIdentityOf(const Hash128& parent, uint64_t op, uint32_t ordinal) {
  return {Mix(parent.high ^ op, ordinal), Mix(parent.low + ordinal, op)};
}

}  // namespace weir

#endif  // WEIR_RUNTIME_FORMAT_WITNESS_H_
