#include "runtime/state/heap_snapshot.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
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

KeyGroup GroupOf(absl::string_view composite_key, bool is_short) {
  const auto byte = [&](size_t i) { return static_cast<uint16_t>(static_cast<uint8_t>(composite_key[i])); };
  return KeyGroup(is_short ? byte(0) : static_cast<uint16_t>(byte(0) << 8 | byte(1)));
}

}  // namespace

HeapSnapshotWriter::HeapSnapshotWriter(HeapKeyedBackend& backend, const WitnessOf& witness)
    : backend_(backend), epoch_(backend.epochs_.Begin()), next_group_(backend.range().first) {
  for (const auto& [name, store] : backend_.stores_) {
    Source& source = sources_.emplace_back();
    source.name = name;
    source.meta = store->meta();
    source.store = store.get();
    source.view = store->table().Look();
    source.namespaces = store->namespaces();
    if (store->ttl().has_value()) now_ = store->ttl()->Now();
    if (store->ttl().has_value() && store->ttl()->cleans_snapshots) source.ttl = store->ttl();
  }
  for (const auto& [name, queue] : backend_.queues_) {
    Source& source = sources_.emplace_back();
    source.name = name;
    source.meta = queue->meta;
    const HeapTimerQueue::Timers& timers = queue->timers.timers();
    source.timers.assign(timers.begin(), timers.end());
  }
  for (const auto& [name, restored] : backend_.restored_) {
    Source& source = sources_.emplace_back();
    source.name = name;
    source.meta = restored->meta;
    source.restored = restored.get();
  }
  std::sort(sources_.begin(), sources_.end(),
            [](const Source& a, const Source& b) { return a.name < b.name; });
  if (witness == nullptr) return;
  const KeyGroupRange range = backend_.range();
  for (uint32_t group = range.first; group <= range.last; ++group) {
    witness_.push_back(witness(KeyGroup(static_cast<uint16_t>(group))));
  }
}

HeapSnapshotWriter::~HeapSnapshotWriter() { backend_.epochs_.End(epoch_); }

absl::Status HeapSnapshotWriter::Begin() {
  KeyedStateHeader header;
  header.key = backend_.key_type().Snapshot();
  for (Source& source : sources_) {
    header.states.push_back(source.meta);
    PrepareEntries(source);
  }
  if (!witness_.empty()) {
    header.states.push_back(WitnessMeta());
    ByteWriter meta;
    WEIR_RETURN_IF_ERROR(WriteStateMeta(header.states.back(), meta));
    snapshot_.unbilled += meta.size();
    // Witness values need a key like any other entry: the key type's default value. Only its prefix is right, and
    // nothing else is ever asked of it.
    const ErasedValue key(backend_.key_type());
    ByteWriter bytes;
    if (!backend_.key_type().Serialize(key.get(), bytes)) return UnwritableError();
    witness_key_ = bytes.Take();
  }
  WEIR_ASSIGN_OR_RETURN(KeyedStateWriter writer,
                        KeyedStateWriter::Create(header, backend_.range(), backend_.max_parallelism()));
  writer_.emplace(std::move(writer));
  // Keys that this snapshot sees keep their numbers until it ends; others may not.
  for (const uint32_t number : backend_.index_.Sorted()) {
    if (std::any_of(sources_.begin(), sources_.end(), [&](const Source& s) { return s.Sees(number); })) {
      keys_.push_back(number);
    }
  }
  return absl::OkStatus();
}

bool HeapSnapshotWriter::Source::Sees(uint32_t key) const {
  if (store == nullptr) return false;
  if (store->spec().name_space == nullptr) return view.Find(key) != nullptr;
  const auto found = namespaces.lower_bound({key, std::string()});
  return found != namespaces.end() && found->first.first == key;
}

// Entries that are not objects of a table, as they will be written.
void HeapSnapshotWriter::PrepareEntries(Source& source) {
  if (source.restored != nullptr) {
    for (const auto& [place, entries] : source.restored->parts) {
      source.entries.insert(source.entries.end(), entries.begin(), entries.end());
    }
  }
  const bool is_short = backend_.max_parallelism() <= kMaxParallelismLowerDefault;
  for (const Timer& timer : source.timers) {
    ByteWriter key;
    if (is_short) {
      key.U8(static_cast<uint8_t>(timer.key_group.value));
    } else {
      key.U16(timer.key_group.value);
    }
    AppendTimerElement(key, timer);
    source.entries.emplace_back(key.Take(), std::string());
  }
  source.timers.clear();
  std::sort(source.entries.begin(), source.entries.end());
}

absl::StatusOr<bool> HeapSnapshotWriter::Write(uint64_t entries) {
  if (!writer_.has_value()) WEIR_RETURN_IF_ERROR(Begin());
  written_ = 0;
  do {
    WEIR_RETURN_IF_ERROR(WriteKeyGroup(KeyGroup(static_cast<uint16_t>(next_group_))));
    ++next_group_;
  } while (next_group_ <= backend_.range().last && written_ < entries);
  if (next_group_ <= backend_.range().last) return false;
  WEIR_CHECK(at_ == keys_.size(), "a key outside of the range");
  return true;
}

KeyedSnapshot HeapSnapshotWriter::Take() {
  snapshot_.stream = writer_->Finish();
  return std::move(snapshot_);
}

absl::Status HeapSnapshotWriter::WriteKeyGroup(KeyGroup group) {
  has_begun_group_ = false;
  const size_t begin = at_;
  while (at_ < keys_.size() && backend_.index_.key_group(keys_[at_]) == group) ++at_;
  for (size_t id = 0; id < sources_.size(); ++id) {
    Source& source = sources_[id];
    if (source.store == nullptr) {
      WriteEntries(group, id, source);
    } else if (absl::Status status = WriteStore(group, id, source, begin, at_); !status.ok()) {
      return WithContext(status, absl::StrCat("state ", source.name));
    }
  }
  WriteWitness(group);
  return absl::OkStatus();
}

void HeapSnapshotWriter::Add(KeyGroup group, size_t id, absl::string_view key, absl::string_view value) {
  if (!has_begun_group_) writer_->BeginKeyGroup(group);
  has_begun_group_ = true;
  writer_->Add(id, key, value);
  ++written_;
}

absl::Status HeapSnapshotWriter::WriteStore(KeyGroup group, size_t id, const Source& source, size_t begin,
                                            size_t end) {
  const StateSpec& spec = source.store->spec();
  const CompositeKeyLayout layout =
      CompositeKeyLayout::For(backend_.max_parallelism(), backend_.key_type().fixed_length(),
                              spec.name_space == nullptr ? 0 : spec.name_space->fixed_length());
  const TtlPolicy* const ttl = source.ttl.has_value() ? &*source.ttl : nullptr;
  ByteWriter key;
  const auto write = [&](uint32_t number, uint32_t entry, absl::string_view name_space) {
    const void* const object = source.view.Find(entry);
    if (object == nullptr) return absl::OkStatus();
    key.Clear();
    AppendCompositeKey(key, layout, group, backend_.index_.key(number), name_space);
    const size_t prefix = key.size();
    return source.store->WriteObject(object, ttl, now_,
                                     [&](absl::string_view user_key, absl::string_view value) {
                                       key.Truncate(prefix);
                                       key.Raw(user_key);
                                       Add(group, id, key.bytes(), value);
                                     });
  };
  for (size_t i = begin; i < end; ++i) {
    const uint32_t number = keys_[i];
    if (spec.name_space == nullptr) {
      WEIR_RETURN_IF_ERROR(write(number, number, kVoidNamespaceBytes));
      continue;
    }
    for (auto at = source.namespaces.lower_bound({number, std::string()});
         at != source.namespaces.end() && at->first.first == number; ++at) {
      WEIR_RETURN_IF_ERROR(write(number, at->second, at->first.second));
    }
  }
  return absl::OkStatus();
}

void HeapSnapshotWriter::WriteEntries(KeyGroup group, size_t id, Source& source) {
  const bool is_short = backend_.max_parallelism() <= kMaxParallelismLowerDefault;
  for (; source.at < source.entries.size(); ++source.at) {
    const auto& [key, value] = source.entries[source.at];
    if (GroupOf(key, is_short) != group) return;
    Add(group, id, key, value);
  }
}

void HeapSnapshotWriter::WriteWitness(KeyGroup group) {
  if (witness_.empty()) return;
  const std::string& entries = witness_[group.value - backend_.range().first];
  if (entries.empty()) return;
  ByteWriter key;
  AppendCompositeKey(key,
                     CompositeKeyLayout::For(backend_.max_parallelism(), backend_.key_type().fixed_length()),
                     group, witness_key_);
  ByteWriter value;
  value.Bytes(entries);
  snapshot_.unbilled +=
      key.size() + value.size() + kEntryFrame + kRunFrame + (has_begun_group_ ? 0 : kRunFrame);
  Add(group, sources_.size(), key.bytes(), value.bytes());
  --written_;  // judging a run does not change its steps
}

}  // namespace weir
