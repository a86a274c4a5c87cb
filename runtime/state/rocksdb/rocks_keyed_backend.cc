#include "runtime/state/rocksdb/rocks_keyed_backend.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/format/witness.h"
#include "runtime/state/rocksdb/native_snapshot.h"
#include "runtime/state/rocksdb/rocks_snapshot.h"
#include "runtime/state/state_schema.h"

namespace weir {
namespace {

constexpr size_t kStatesMax = 32767;  // state ids are shorts

}  // namespace

RocksKeyedBackend::RocksKeyedBackend(const TypeSerializer& key_type, KeyGroupRange range,
                                     uint32_t max_parallelism, Env& env, Options options)
    : KeyedStateBackend(key_type, range, max_parallelism),
      env_(env),
      options_(std::move(options)),
      runner_(env, options_.database.identity) {}

RocksKeyedBackend::~RocksKeyedBackend() = default;

CompositeKeyLayout RocksKeyedBackend::LayoutOf(const StateSpec& spec) const {
  return CompositeKeyLayout::For(max_parallelism(), key_type().fixed_length(),
                                 spec.name_space == nullptr ? 0 : spec.name_space->fixed_length());
}

// --- The database

RocksOptions RocksKeyedBackend::DatabaseOptions() {
  RocksOptions options = options_.database;
  options.filter_of = [this](absl::string_view family) -> const rocksdb::CompactionFilter* {
    std::unique_ptr<TtlFilter>& filter = filters_[std::string(family)];
    if (filter == nullptr) filter = std::make_unique<TtlFilter>();
    return filter.get();
  };
  return options;
}

absl::Status RocksKeyedBackend::Open() {
  if (database_ != nullptr) return absl::OkStatus();
  WEIR_ASSIGN_OR_RETURN(database_, RocksDatabase::Create(env_, DatabaseOptions(), runner_.OnJob()));
  runner_.Serve(database_.get());
  return absl::OkStatus();
}

void RocksKeyedBackend::Close() {
  for (auto& [name, registered] : families_) {
    registered.queue.reset();
    registered.store.reset();
  }
  families_.clear();
  runner_.Stop();
  if (database_ == nullptr) return;
  // What is left behind is in nobody's way: folders are never used twice.
  database_->Close().IgnoreError();
  database_.reset();
  RocksDatabase::DeleteFolder(env_.disk, options_.database.folder).IgnoreError();
  for (const std::string& folder : folders_) RocksDatabase::DeleteFolder(env_.disk, folder).IgnoreError();
}

absl::StatusOr<RocksKeyedBackend::Registered*> RocksKeyedBackend::FamilyOf(const StateMeta& meta) {
  WEIR_RETURN_IF_ERROR(Open());
  const auto found = families_.find(meta.name);
  if (found != families_.end()) return &found->second;
  if (families_.size() >= kStatesMax) {
    return absl::ResourceExhaustedError(
        absl::StrCat("an operator has at most ", kStatesMax, " keyed states"));
  }
  WEIR_ASSIGN_OR_RETURN(rocksdb::ColumnFamilyHandle* const handle, database_->Family(meta.name));
  Registered& registered = families_[meta.name];
  registered.meta = meta;
  registered.family = std::make_unique<ColumnFamily>(*database_, handle, *filters_.at(meta.name));
  return &registered;
}

// --- Registration

template <typename Store>
absl::StatusOr<Store*> RocksKeyedBackend::Register(const StateSpec& spec) {
  WEIR_ASSIGN_OR_RETURN(Registered* const registered, FamilyOf(spec.ToMeta()));
  if (registered->store != nullptr) {
    WEIR_RETURN_IF_ERROR(CheckSameState(spec, registered->store->spec()));
    return static_cast<Store*>(registered->store.get());
  }
  if (registered->queue != nullptr) {
    return absl::FailedPreconditionError(absl::StrCat("state ", spec.name, " is a queue of timers"));
  }
  auto store = std::make_unique<Store>(*this, *registered->family, spec);
  Store* const result = store.get();
  registered->store = std::move(store);
  if (absl::Status status = Adopt(*registered); !status.ok()) {
    registered->store.reset();
    return status;
  }
  registered->family->ttl().Describe(spec);
  return result;
}

absl::StatusOr<ValueStore*> RocksKeyedBackend::RegisterValue(const StateSpec& spec) {
  return Register<RocksValueStore>(spec);
}
absl::StatusOr<ListStore*> RocksKeyedBackend::RegisterList(const StateSpec& spec) {
  return Register<RocksListStore>(spec);
}
absl::StatusOr<MapStore*> RocksKeyedBackend::RegisterMap(const StateSpec& spec) {
  return Register<RocksMapStore>(spec);
}

absl::Status RocksKeyedBackend::Adopt(Registered& registered) {
  RocksStore& store = *registered.store;
  const StateSpec& spec = store.spec();
  WEIR_ASSIGN_OR_RETURN(const StateMigration migration, ResolveState(spec, registered.meta));
  if (!registered.unchecked_from.empty() || !migration.is_identity()) {
    const auto adopt = [&]() -> absl::Status {
      struct Entry {
        std::string before, key, value;
      };
      std::vector<Entry> changed;
      ByteWriter key;
      std::string user_key;
      std::string value;
      FamilyIterator entries = registered.family->IterateAll();
      for (; entries.Valid(); entries.Next()) {
        WEIR_ASSIGN_OR_RETURN(const CompositeKey parsed,
                              ParseCompositeKey(entries.key(), store.layout(), key_type(), spec.name_space));
        WEIR_RETURN_IF_ERROR(migration.Apply(parsed.user_key, entries.value(), &user_key, &value));
        WEIR_RETURN_IF_ERROR(store.CheckEntry(user_key, value));
        if (migration.is_identity()) continue;
        key.Clear();
        AppendCompositeKey(key, store.layout(), parsed.key_group, parsed.key, parsed.name_space);
        key.Raw(user_key);
        changed.push_back({std::string(entries.key()), std::string(key.bytes()), value});
      }
      WEIR_RETURN_IF_ERROR(entries.status());
      // All old keys go first: a new one may be spelled like another old one.
      for (const Entry& entry : changed) {
        if (entry.before != entry.key) WEIR_RETURN_IF_ERROR(registered.family->Delete(entry.before));
      }
      for (const Entry& entry : changed) {
        WEIR_RETURN_IF_ERROR(registered.family->Put(entry.key, entry.value));
      }
      return absl::OkStatus();
    };
    WEIR_RETURN_IF_ERROR(WithContext(adopt(), registered.Describe()));
  }
  registered.unchecked_from.clear();
  registered.meta = spec.ToMeta();
  return absl::OkStatus();
}

std::string RocksKeyedBackend::Registered::Describe() const {
  return absl::StrCat("state ", meta.name, unchecked_from.empty() ? "" : " in ",
                      absl::StrJoin(unchecked_from, ", "));
}

absl::StatusOr<TimerQueue*> RocksKeyedBackend::RegisterTimers(const std::string& name,
                                                              const TypeSerializer* name_space) {
  const StateMeta meta = TimerMeta(name, key_type(), name_space);
  WEIR_ASSIGN_OR_RETURN(Registered* const registered, FamilyOf(meta));
  if (registered->queue != nullptr) return registered->queue.get();
  WEIR_RETURN_IF_ERROR(CheckTimers(meta, registered->meta));
  const RocksTimerQueue::Layout layout{range(), max_parallelism(), &key_type(), name_space};
  const std::string who = absl::StrCat("state ", name);
  auto queue = std::make_unique<RocksTimerQueue>(
      *registered->family, layout,
      [this, who](const absl::Status& cause) { SetError(WithContext(cause, who)); });
  WEIR_RETURN_IF_ERROR(WithContext(queue->Load(!registered->unchecked_from.empty()), registered->Describe()));
  registered->unchecked_from.clear();
  registered->meta = meta;
  registered->queue = std::move(queue);
  return registered->queue.get();
}

// --- Looking over all keys

std::vector<KeyedStateBackend::KeyRef> RocksKeyedBackend::KeysOf(absl::string_view state,
                                                                 absl::string_view name_space) {
  std::vector<KeyRef> keys;
  const auto found = families_.find(state);
  if (found == families_.end() || found->second.store == nullptr) return keys;
  const RocksStore& store = *found->second.store;
  FamilyIterator entries = found->second.family->IterateAll();
  absl::Status status;
  for (; entries.Valid() && status.ok(); entries.Next()) {
    const absl::StatusOr<CompositeKey> parsed =
        ParseCompositeKey(entries.key(), store.layout(), key_type(), store.spec().name_space);
    status = parsed.status();
    if (!status.ok() || parsed->name_space != name_space) continue;
    // The entries of a map follow each other.
    if (!keys.empty() && keys.back().bytes == parsed->key) continue;
    keys.push_back({parsed->key_group, std::string(parsed->key)});
  }
  status.Update(entries.status());
  if (!status.ok()) SetError(WithContext(status, absl::StrCat("state ", state)));
  return keys;
}

size_t RocksKeyedBackend::entry_count() const {
  size_t count = 0;
  for (const auto& [name, registered] : families_) {
    if (registered.queue != nullptr) count += registered.queue->size();
    if (registered.store == nullptr) continue;
    const RocksStore& store = *registered.store;
    std::string before;
    for (FamilyIterator entries = registered.family->IterateAll(); entries.Valid(); entries.Next()) {
      const auto parsed =
          ParseCompositeKey(entries.key(), store.layout(), key_type(), store.spec().name_space);
      if (!parsed.ok()) continue;
      const absl::string_view whose = entries.key().substr(0, entries.key().size() - parsed->user_key.size());
      if (whose == before) continue;
      before = std::string(whose);
      ++count;
    }
  }
  return count;
}

// --- Snapshots

std::unique_ptr<KeyedSnapshotWriter> RocksKeyedBackend::Snapshot(const WitnessOf& witness) {
  return std::make_unique<RocksSnapshotWriter>(*this, witness);
}

std::unique_ptr<KeyedSnapshotWriter> RocksKeyedBackend::SnapshotForCheckpoint(
    const CheckpointRequest& request, const WitnessOf& witness) {
  if (!options_.is_incremental) return Snapshot(witness);
  return std::make_unique<NativeSnapshotWriter>(*this, request, witness);
}

// --- Restore from a canonical stream

absl::Status RocksKeyedBackend::CheckSameMeta(const StateMeta& found, const StateMeta& known) {
  if (found == known) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("state ", found.name, " is described differently in two parts of the snapshot"));
}

absl::Status RocksKeyedBackend::Restore(const KeyedHandle& handle, absl::string_view bytes,
                                        const RestoreWitness& witness) {
  const KeyGroupRange mine = range().Intersect(handle.range());
  if (mine.empty()) return absl::OkStatus();
  WEIR_ASSIGN_OR_RETURN(const KeyedStateReader reader,
                        KeyedStateReader::Open(bytes, handle.range(), handle.offsets, max_parallelism()));
  WEIR_RETURN_IF_ERROR(CheckKeyType(key_type(), reader.header().key));
  std::vector<ColumnFamily*> families;
  for (const StateMeta& meta : reader.header().states) {
    if (meta.name == kWitnessState) {
      families.push_back(nullptr);
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(Registered* const registered, FamilyOf(meta));
    WEIR_CHECK(registered->store == nullptr && registered->queue == nullptr,
               "state is restored before it is registered");
    WEIR_RETURN_IF_ERROR(CheckSameMeta(meta, registered->meta));
    registered->unchecked_from.push_back(handle.stream.Place());
    families.push_back(registered->family.get());
  }
  return reader.Visit(mine, [&](const KeyedStateEntry& entry) -> absl::Status {
    if (ColumnFamily* const family = families[entry.state_id]) return family->Put(entry.key, entry.value);
    if (witness == nullptr) return absl::OkStatus();
    ByteReader value(entry.value);
    const absl::string_view of_ledger = value.Bytes();
    WEIR_RETURN_IF_ERROR(value.Finish());
    return witness(of_ledger);
  });
}

}  // namespace weir
