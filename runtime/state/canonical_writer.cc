#include "runtime/state/canonical_writer.h"

#include <utility>

#include "runtime/base/status.h"
#include "runtime/format/witness.h"
#include "runtime/types/bytes.h"

namespace weir {
namespace {

// What KeyedStateWriter puts around an entry: two lengths. A run of entries has its state id in front, a key group that
// is not empty an end mark.
constexpr uint64_t kEntryFrame = 8;
constexpr uint64_t kRunFrame = 2;

const StateMeta& WitnessMeta() {
  static const auto* const kMeta = new StateMeta(StateMeta::Keyed(
      std::string(kWitnessState), KeyedStateType::kValue, TypeOf<Bytes>::Serializer().Snapshot()));
  return *kMeta;
}

}  // namespace

CollectedWitness::CollectedWitness(KeyGroupRange range, const WitnessOf& witness) : first_(range.first) {
  if (witness == nullptr) return;
  ByteWriter bytes;
  ends_.reserve(range.size());
  for (uint32_t group = range.first; group <= range.last; ++group) {
    witness(KeyGroup(static_cast<uint16_t>(group)), bytes);
    ends_.push_back(bytes.size());
  }
  bytes_ = bytes.Take();
}

absl::string_view CollectedWitness::Of(KeyGroup group) const {
  const size_t index = group.value - first_;
  const size_t begin = index == 0 ? 0 : ends_[index - 1];
  return absl::string_view(bytes_).substr(begin, ends_[index] - begin);
}

absl::StatusOr<CanonicalWriter> CanonicalWriter::Create(const KeyedStateBackend& backend,
                                                        std::vector<StateMeta> states,
                                                        CollectedWitness witness) {
  const size_t witness_id = states.size();
  uint64_t unbilled = 0;
  std::string witness_key;
  if (witness.is_on()) {
    states.push_back(WitnessMeta());
    ByteWriter meta;
    WEIR_RETURN_IF_ERROR(WriteStateMeta(states.back(), meta));
    unbilled = meta.size();
    // Witness values need a key like any other entry: the key type's default value. Only its prefix is right, and
    // nothing else is ever asked of it.
    const ErasedValue key(backend.key_type());
    ByteWriter bytes;
    if (!backend.key_type().Serialize(key.get(), bytes)) return UnwritableError();
    witness_key = bytes.Take();
  }
  KeyedStateHeader header;
  header.key = backend.key_type().Snapshot();
  header.states = std::move(states);
  WEIR_ASSIGN_OR_RETURN(KeyedStateWriter writer,
                        KeyedStateWriter::Create(header, backend.range(), backend.max_parallelism()));
  CanonicalWriter canonical(std::move(writer), backend.range(), std::move(witness));
  canonical.layout_ = CompositeKeyLayout::For(backend.max_parallelism(), backend.key_type().fixed_length());
  canonical.witness_id_ = witness_id;
  canonical.witness_key_ = std::move(witness_key);
  canonical.unbilled_ = unbilled;
  return canonical;
}

absl::StatusOr<bool> CanonicalWriter::WriteGroups(uint64_t entries,
                                                  absl::FunctionRef<absl::Status(KeyGroup)> write) {
  const uint64_t before = added_;
  do {
    group_ = KeyGroup(static_cast<uint16_t>(next_group_++));
    has_begun_group_ = false;
    WEIR_RETURN_IF_ERROR(write(group_));
    EndGroup();
  } while (next_group_ <= range_.last && added_ - before < entries);
  return next_group_ > range_.last;
}

void CanonicalWriter::Add(size_t state_id, absl::string_view key, absl::string_view value) {
  AddToGroup(state_id, key, value);
  ++added_;
}

void CanonicalWriter::AddToGroup(size_t state_id, absl::string_view key, absl::string_view value) {
  // A key group without entries is left out of the stream.
  if (!has_begun_group_) writer_.BeginKeyGroup(group_);
  has_begun_group_ = true;
  writer_.Add(state_id, key, value);
}

void CanonicalWriter::EndGroup() {
  if (!witness_.is_on()) return;
  const absl::string_view entries = witness_.Of(group_);
  if (entries.empty()) return;
  ByteWriter key;
  AppendCompositeKey(key, layout_, group_, witness_key_);
  ByteWriter value;
  value.Bytes(entries);
  unbilled_ += key.size() + value.size() + kEntryFrame + kRunFrame + (has_begun_group_ ? 0 : kRunFrame);
  AddToGroup(witness_id_, key.bytes(), value.bytes());
}

KeyedSnapshot CanonicalWriter::Finish() {
  KeyedSnapshot snapshot;
  snapshot.stream = writer_.Finish();
  snapshot.unbilled = unbilled_;
  return snapshot;
}

}  // namespace weir
