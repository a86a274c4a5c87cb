#include "runtime/state/heap_keyed_backend.h"

#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/format/witness.h"
#include "runtime/types/bytes.h"

namespace weir {
namespace {

// What KeyedStateWriter puts around an entry: two lengths. A run of entries has its state id in front, a key group that
// is not empty an end mark.
constexpr uint64_t kEntryFrame = 8;
constexpr uint64_t kRunFrame = 2;

StateMeta WitnessMeta() {
  return StateMeta::Keyed(std::string(kWitnessState), KeyedStateType::kValue,
                          TypeOf<Bytes>::Serializer().Snapshot());
}

}  // namespace

HeapKeyedBackend::HeapKeyedBackend(const TypeSerializer& key_type, KeyGroupRange range,
                                   uint32_t max_parallelism)
    : key_type_(key_type),
      range_(range),
      max_parallelism_(max_parallelism),
      layout_(CompositeKeyLayout::For(max_parallelism, key_type.fixed_length())) {
  WEIR_CHECK(key_type.may_be_key(), "no key type: ", key_type.TypeName());
  WEIR_CHECK(!range.empty() && range.last < max_parallelism);
}

void HeapKeyedBackend::SetError(absl::Status error) {
  if (!failed_) error_ = std::move(error);
  failed_ = true;
}

void HeapKeyedBackend::ClearCurrentKey() {
  if (is_looked_up_ && current_ != kNoKey && index_.uses(current_) == 0) index_.Release(current_);
  has_current_ = false;
  is_looked_up_ = false;
  current_ = kNoKey;
}

void HeapKeyedBackend::SetCurrentKey(absl::string_view key, KeyGroup key_group) {
  if (has_current_ && current_bytes_ == key) return;
  ClearCurrentKey();
  if (!range_.Contains(key_group)) {
    SetError(absl::FailedPreconditionError(
        absl::StrCat("key group ", key_group.value, " is outside of this subtask's range ", range_.first,
                     "..", range_.last, ": the hash of a key must be the same in every process")));
    return;
  }
  current_bytes_.assign(key.data(), key.size());
  current_group_ = key_group;
  has_current_ = true;
}

uint32_t HeapKeyedBackend::CurrentKey() {
  if (is_looked_up_) return current_;
  if (!has_current_) {
    SetError(
        absl::FailedPreconditionError("no key is set: keyed state can be registered here, but only be "
                                      "accessed while a record is processed"));
    return kNoKey;
  }
  current_ = index_.Find(current_bytes_);
  is_looked_up_ = true;
  return current_;
}

uint32_t HeapKeyedBackend::CurrentKeyForWrite() {
  if (CurrentKey() == kNoKey && has_current_) current_ = index_.Intern(current_bytes_, current_group_);
  return current_;
}

absl::Status HeapKeyedBackend::CheckMeta(const StateMeta& wanted, const StateMeta& found) const {
  const absl::string_view kind = "KEYED_STATE_TYPE";
  if (wanted.kind != found.kind || wanted.option(kind) != found.option(kind)) {
    return absl::FailedPreconditionError(absl::StrCat("state ", wanted.name, " was a ", found.option(kind),
                                                      " state and is now asked for as ",
                                                      wanted.option(kind)));
  }
  const absl::string_view value = "VALUE_SERIALIZER";
  const SerializerSnapshot* const now = wanted.serializer(value);
  const SerializerSnapshot* const before = found.serializer(value);
  WEIR_CHECK(now != nullptr);
  if (before == nullptr || *now != *before) {
    return absl::FailedPreconditionError(absl::StrCat("state ", wanted.name, " was written as ",
                                                      before == nullptr ? "?" : DescribeSnapshot(*before),
                                                      " and cannot be read as ", DescribeSnapshot(*now)));
  }
  return absl::OkStatus();
}

// Moves what was restored under the name of `table` into it.
absl::Status HeapKeyedBackend::Adopt(const StateMeta& wanted, StateTable& table) {
  const auto found = tables_.find(wanted.name);
  if (found == tables_.end()) return absl::OkStatus();
  WEIR_RETURN_IF_ERROR(CheckMeta(wanted, found->second->meta()));
  if (found->second->type() != nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("state ", wanted.name, " is registered twice, with different types"));
  }
  for (const auto& [key, bytes] : static_cast<const RestoredTable&>(*found->second).values()) {
    WEIR_RETURN_IF_ERROR(WithContext(table.Read(key, bytes), absl::StrCat("state ", wanted.name)));
  }
  return absl::OkStatus();
}

absl::Status HeapKeyedBackend::Restore(const KeyedHandle& handle, absl::string_view bytes,
                                       const std::function<absl::Status(absl::string_view)>& witness) {
  const KeyGroupRange mine = range_.Intersect(handle.range());
  if (mine.empty()) return absl::OkStatus();
  WEIR_ASSIGN_OR_RETURN(const KeyedStateReader reader,
                        KeyedStateReader::Open(bytes, handle.range(), handle.offsets, max_parallelism_));
  const SerializerSnapshot key = key_type_.Snapshot();
  if (reader.header().key != key) {
    return absl::FailedPreconditionError(absl::StrCat("keys were written as ",
                                                      DescribeSnapshot(reader.header().key),
                                                      " and cannot be read as ", DescribeSnapshot(key)));
  }
  std::vector<RestoredTable*> tables;
  for (const StateMeta& meta : reader.header().states) {
    RestoredTable* table = nullptr;
    if (meta.name != kWitnessState) {
      auto& slot = tables_[meta.name];
      if (slot == nullptr) slot = std::make_unique<RestoredTable>(meta);
      WEIR_CHECK(slot->type() == nullptr, "state is restored before it is registered: ", meta.name);
      if (slot->meta() != meta) {
        return absl::FailedPreconditionError(
            absl::StrCat("state ", meta.name, " is described differently in two parts of the snapshot"));
      }
      table = static_cast<RestoredTable*>(slot.get());
    }
    tables.push_back(table);
  }
  return reader.Visit(mine,
                      [&](const KeyedStateEntry& entry) { return RestoreEntry(entry, tables, witness); });
}

absl::Status HeapKeyedBackend::RestoreEntry(const KeyedStateEntry& entry,
                                            const std::vector<RestoredTable*>& tables,
                                            const std::function<absl::Status(absl::string_view)>& witness) {
  RestoredTable* const table = tables[entry.state_id];
  if (table == nullptr) {
    if (witness == nullptr) return absl::OkStatus();
    ByteReader reader(entry.value);
    const absl::string_view value = reader.Bytes();
    WEIR_RETURN_IF_ERROR(reader.Finish());
    return witness(value);
  }
  WEIR_ASSIGN_OR_RETURN(const CompositeKey key, ParseCompositeKey(entry.key, layout_, key_type_));
  const uint32_t number = index_.Intern(key.key, entry.key_group);
  if (!table->Has(number)) ++index_.uses(number);
  return table->Read(number, entry.value);
}

// Witness values need a key like any other entry: the key type's default value. Only its prefix is right, and nothing
// else is ever asked of it.
absl::StatusOr<std::string> HeapKeyedBackend::WitnessKey() const {
  const ErasedValue key(key_type_);
  ByteWriter bytes;
  if (!key_type_.Serialize(key.get(), bytes)) return UnwritableError();
  return bytes.Take();
}

absl::StatusOr<bool> HeapKeyedBackend::WriteKeyGroup(KeyGroup group, const uint32_t* begin,
                                                     const uint32_t* end, KeyedStateWriter& writer) {
  bool any = false;
  size_t state_id = 0;
  ByteWriter key;
  ByteWriter value;
  for (const auto& [name, table] : tables_) {
    for (const uint32_t* at = begin; at != end; ++at) {
      if (!table->Has(*at)) continue;
      key.Clear();
      value.Clear();
      AppendCompositeKey(key, layout_, group, index_.key(*at));
      if (!table->Write(*at, value)) return WithContext(UnwritableError(), absl::StrCat("state ", name));
      if (!any) writer.BeginKeyGroup(group);
      any = true;
      writer.Add(state_id, key.bytes(), value.bytes());
    }
    ++state_id;
  }
  return any;
}

absl::StatusOr<KeyedSnapshot> HeapKeyedBackend::Snapshot(
    const std::function<std::string(KeyGroup)>& witness) {
  KeyedSnapshot snapshot;
  KeyedStateHeader header;
  header.key = key_type_.Snapshot();
  for (const auto& [name, table] : tables_) header.states.push_back(table->meta());
  if (witness != nullptr) {
    header.states.push_back(WitnessMeta());
    ByteWriter meta;
    WEIR_RETURN_IF_ERROR(WriteStateMeta(header.states.back(), meta));
    snapshot.unbilled += meta.size();
  }
  const size_t witness_id = tables_.size();
  WEIR_ASSIGN_OR_RETURN(KeyedStateWriter writer, KeyedStateWriter::Create(header, range_, max_parallelism_));
  WEIR_ASSIGN_OR_RETURN(const std::string witness_key, WitnessKey());
  const std::vector<uint32_t>& keys = index_.Sorted();
  size_t at = 0;
  for (uint32_t g = range_.first; g <= range_.last; ++g) {
    const KeyGroup group(static_cast<uint16_t>(g));
    const size_t begin = at;
    while (at < keys.size() && index_.key_group(keys[at]) == group) ++at;
    WEIR_ASSIGN_OR_RETURN(const bool any,
                          WriteKeyGroup(group, keys.data() + begin, keys.data() + at, writer));
    const std::string entries = witness == nullptr ? std::string() : witness(group);
    if (entries.empty()) continue;
    ByteWriter key;
    AppendCompositeKey(key, layout_, group, witness_key);
    ByteWriter value;
    value.Bytes(entries);
    if (!any) writer.BeginKeyGroup(group);
    writer.Add(witness_id, key.bytes(), value.bytes());
    snapshot.unbilled += key.size() + value.size() + kEntryFrame + kRunFrame + (any ? 0 : kRunFrame);
  }
  WEIR_CHECK(at == keys.size(), "a key outside of the range");
  snapshot.stream = writer.Finish();
  return snapshot;
}

size_t HeapKeyedBackend::entry_count() const {
  size_t count = 0;
  for (const auto& [name, table] : tables_) {
    for (uint32_t key = 0; key < index_.capacity(); ++key) count += table->Has(key) ? 1 : 0;
  }
  return count;
}

}  // namespace weir
