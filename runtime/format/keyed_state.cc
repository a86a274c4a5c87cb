#include "runtime/format/keyed_state.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/format/handle_codec.h"

namespace weir {
namespace {

using format_internal::Damaged;

constexpr int32_t kProxyVersion = 6;
constexpr uint16_t kEndOfKeyGroup = 0xFFFF;
constexpr uint8_t kEndOfRun =
    0x80;  // in the first byte of a key: another state, or the end, follows the entry
constexpr size_t kStatesMax = std::numeric_limits<int16_t>::max();

int PrefixBytes(uint32_t max_parallelism) {
  return CompositeKeyLayout::For(max_parallelism, -1).prefix_bytes;
}

uint32_t KeyGroupOfPrefix(absl::string_view key, int prefix_bytes) {
  uint32_t group = 0;
  for (int i = 0; i < prefix_bytes; ++i) {
    group = group << 8 | static_cast<uint8_t>(key[static_cast<size_t>(i)]);
  }
  return group;
}

}  // namespace

absl::Status WriteKeyedStateHeader(const KeyedStateHeader& header, ByteWriter& writer) {
  if (header.states.size() > kStatesMax) {
    return absl::InvalidArgumentError(absl::StrCat(header.states.size(), " states in one backend"));
  }
  writer.I32(kProxyVersion);
  writer.Bool(header.is_compressed);
  WEIR_RETURN_IF_ERROR(WithContext(WriteSerializerSnapshot(header.key, writer), "key serializer"));
  writer.U16(static_cast<uint16_t>(header.states.size()));
  for (const StateMeta& state : header.states) WEIR_RETURN_IF_ERROR(WriteStateMeta(state, writer));
  return absl::OkStatus();
}

absl::StatusOr<KeyedStateHeader> ReadKeyedStateHeader(ByteReader& reader) {
  const int32_t version = reader.I32();
  if (!reader.ok()) return Damaged(reader, "keyed state header");
  if (version != kProxyVersion) {
    return absl::UnimplementedError(
        absl::StrCat("keyed state header of version ", version, ", only ", kProxyVersion, " can be read"));
  }
  KeyedStateHeader header;
  const uint8_t compressed = reader.U8();
  if (compressed > 1) return Damaged(reader, "compression flag of the keyed state header");
  header.is_compressed = compressed == 1;
  absl::StatusOr<SerializerSnapshot> key = ReadSerializerSnapshot(reader);
  if (!key.ok()) return WithContext(key.status(), "key serializer");
  header.key = *std::move(key);
  const size_t count = reader.U16();
  if (!reader.ok() || count > kStatesMax)
    return Damaged(reader, absl::StrCat("number of states (", count, ")"));
  for (size_t i = 0; i < count; ++i) {
    WEIR_ASSIGN_OR_RETURN(StateMeta meta, ReadStateMeta(reader));
    header.states.push_back(std::move(meta));
  }
  return header;
}

absl::StatusOr<KeyedStateWriter> KeyedStateWriter::Create(const KeyedStateHeader& header, KeyGroupRange range,
                                                          uint32_t max_parallelism) {
  WEIR_CHECK(!header.is_compressed, "compressed keyed state is not written");
  WEIR_CHECK(!range.empty() && range.last < max_parallelism, "key groups ", range.first, "..", range.last,
             " of ", max_parallelism);
  KeyedStateWriter writer;
  WEIR_RETURN_IF_ERROR(WriteKeyedStateHeader(header, writer.writer_));
  writer.range_ = range;
  writer.prefix_bytes_ = PrefixBytes(max_parallelism);
  writer.state_count_ = header.states.size();
  writer.offsets_.assign(range.size(), 0);
  return writer;
}

void KeyedStateWriter::BeginKeyGroup(KeyGroup key_group) {
  WEIR_CHECK(range_.Contains(key_group), "key group ", key_group.value, " outside ", range_.first, "..",
             range_.last);
  WEIR_CHECK(key_group.value > key_group_, "key group ", key_group.value, " after ", key_group_);
  EndKeyGroup();
  key_group_ = key_group.value;
}

void KeyedStateWriter::Add(size_t state_id, absl::string_view key, absl::string_view value) {
  const int64_t id = static_cast<int64_t>(state_id);
  WEIR_CHECK(key_group_ >= 0, "Add before BeginKeyGroup");
  WEIR_CHECK(state_id < state_count_, "state ", state_id, " of ", state_count_);
  WEIR_CHECK(key.size() > static_cast<size_t>(prefix_bytes_), "key of ", key.size(), " bytes");
  WEIR_CHECK(KeyGroupOfPrefix(key, prefix_bytes_) == static_cast<uint32_t>(key_group_),
             "key of another key group");
  if (id != state_id_) {
    if (state_id_ < 0) {
      offsets_[static_cast<uint32_t>(key_group_) - range_.first] = static_cast<int64_t>(writer_.size());
    } else {
      writer_.PatchU8(last_key_at_, MarkedFirstByte());
    }
    writer_.U16(static_cast<uint16_t>(state_id));
    state_id_ = id;
  }
  writer_.U32(static_cast<uint32_t>(key.size()));
  last_key_at_ = writer_.size();
  writer_.Raw(key);
  writer_.Bytes(value);
}

uint8_t KeyedStateWriter::MarkedFirstByte() const {
  return static_cast<uint8_t>((prefix_bytes_ == 1 ? key_group_ : key_group_ >> 8) | kEndOfRun);
}

void KeyedStateWriter::EndKeyGroup() {
  if (state_id_ >= 0) {
    writer_.PatchU8(last_key_at_, MarkedFirstByte());
    writer_.U16(kEndOfKeyGroup);
  }
  state_id_ = -1;
}

KeyedStateStream KeyedStateWriter::Finish() {
  EndKeyGroup();
  return {writer_.Take(), range_, std::move(offsets_)};
}

absl::StatusOr<KeyedStateReader> KeyedStateReader::Open(absl::string_view bytes, KeyGroupRange range,
                                                        absl::Span<const int64_t> offsets,
                                                        uint32_t max_parallelism) {
  WEIR_CHECK(offsets.size() == range.size(), offsets.size(), " offsets for ", range.size(), " key groups");
  KeyedStateReader state;
  ByteReader reader(bytes);
  WEIR_ASSIGN_OR_RETURN(state.header_, ReadKeyedStateHeader(reader));
  if (state.header_.is_compressed) return absl::UnimplementedError("compressed keyed state cannot be read");
  state.bytes_ = bytes;
  state.range_ = range;
  state.offsets_.assign(offsets.begin(), offsets.end());
  state.prefix_bytes_ = PrefixBytes(max_parallelism);
  state.header_end_ = reader.offset();
  for (size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i] == 0) continue;
    if (offsets[i] >= static_cast<int64_t>(state.header_end_) &&
        offsets[i] < static_cast<int64_t>(bytes.size()))
      continue;
    return absl::DataLossError(absl::StrCat("offset ", offsets[i], " of key group ", range.first + i,
                                            " is not within the state, bytes ", state.header_end_, " to ",
                                            bytes.size()));
  }
  return state;
}

absl::Status KeyedStateReader::Visit(KeyGroupRange wanted, KeyedStateVisitor visitor) const {
  const KeyGroupRange both = range_.Intersect(wanted);
  if (both.empty()) return absl::OkStatus();
  for (uint32_t group = both.first; group <= both.last; ++group) {
    const int64_t offset = offsets_[group - range_.first];
    if (offset == 0) continue;
    WEIR_RETURN_IF_ERROR(VisitKeyGroup(KeyGroup(static_cast<uint16_t>(group)), offset, visitor));
  }
  return absl::OkStatus();
}

absl::Status KeyedStateReader::ReadEntry(ByteReader& reader, KeyGroup key_group, RawEntry* entry) const {
  entry->key = reader.Bytes();
  entry->value = reader.Bytes();
  if (!reader.ok()) return Damaged(reader, "entry");
  if (entry->key.size() <= static_cast<size_t>(prefix_bytes_)) return Damaged(reader, "key too short");
  entry->is_last_of_run = (static_cast<uint8_t>(entry->key[0]) & kEndOfRun) != 0;
  if (entry->is_last_of_run) {
    entry->unmarked.assign(entry->key.data(), entry->key.size());
    entry->unmarked[0] = static_cast<char>(static_cast<uint8_t>(entry->unmarked[0]) & ~kEndOfRun);
    entry->key = entry->unmarked;
  }
  const uint32_t found = KeyGroupOfPrefix(entry->key, prefix_bytes_);
  if (found == key_group.value) return absl::OkStatus();
  return Damaged(reader, absl::StrCat("key of key group ", found));
}

absl::Status KeyedStateReader::VisitKeyGroup(KeyGroup key_group, int64_t offset,
                                             KeyedStateVisitor visitor) const {
  ByteReader reader(bytes_);
  (void)reader.Raw(static_cast<size_t>(offset));
  RawEntry entry;
  size_t state_id = reader.U16();
  while (true) {
    if (!reader.ok() || state_id >= header_.states.size()) {
      return WithContext(Damaged(reader, absl::StrCat("state id ", state_id, " of ", header_.states.size())),
                         absl::StrCat("key group ", key_group.value));
    }
    if (absl::Status status = ReadEntry(reader, key_group, &entry); !status.ok()) {
      return WithContext(
          status, absl::StrCat("state ", header_.states[state_id].name, ": key group ", key_group.value));
    }
    WEIR_RETURN_IF_ERROR(visitor(KeyedStateEntry{key_group, state_id, entry.key, entry.value}));
    if (!entry.is_last_of_run) continue;
    state_id = reader.U16();
    if (reader.ok() && state_id == kEndOfKeyGroup) return absl::OkStatus();
  }
}

}  // namespace weir
