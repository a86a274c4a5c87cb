#include "runtime/state/heap_snapshot.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"

namespace weir {

HeapSnapshotWriter::HeapSnapshotWriter(HeapKeyedBackend& backend, const WitnessOf& witness)
    : backend_(backend), epoch_(backend.epochs_.Begin()), witness_(backend.range(), witness) {
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
}

HeapSnapshotWriter::~HeapSnapshotWriter() { backend_.epochs_.End(epoch_); }

absl::Status HeapSnapshotWriter::Begin() {
  std::vector<StateMeta> states;
  states.reserve(sources_.size() + 1);  // and the witness
  for (Source& source : sources_) {
    states.push_back(std::move(source.meta));
    PrepareEntries(source);
  }
  WEIR_ASSIGN_OR_RETURN(CanonicalWriter writer,
                        CanonicalWriter::Create(backend_, std::move(states), std::move(witness_)));
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
  for (const Timer& timer : source.timers) {
    ByteWriter key;
    AppendKeyGroup(key, backend_.max_parallelism(), timer.key_group);
    AppendTimerElement(key, timer);
    source.entries.emplace_back(key.Take(), std::string());
  }
  source.timers.clear();
  std::sort(source.entries.begin(), source.entries.end());
}

absl::StatusOr<bool> HeapSnapshotWriter::Write(uint64_t entries) {
  if (!writer_.has_value()) WEIR_RETURN_IF_ERROR(Begin());
  WEIR_ASSIGN_OR_RETURN(const bool is_done, writer_->WriteGroups(entries, [this](KeyGroup group) {
    return WriteKeyGroup(group);
  }));
  if (!is_done) return false;
  WEIR_CHECK(at_ == keys_.size(), "a key outside of the range");
  return true;
}

KeyedSnapshot HeapSnapshotWriter::Take() { return writer_->Finish(); }

absl::Status HeapSnapshotWriter::WriteKeyGroup(KeyGroup group) {
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
  return absl::OkStatus();
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
                                       writer_->Add(id, key.bytes(), value);
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
  for (; source.at < source.entries.size(); ++source.at) {
    const auto& [key, value] = source.entries[source.at];
    ByteReader reader(key);
    if (ReadKeyGroup(reader, backend_.max_parallelism()) != group) return;
    writer_->Add(id, key, value);
  }
}

}  // namespace weir
