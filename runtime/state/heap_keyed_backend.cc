#include "runtime/state/heap_keyed_backend.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/format/witness.h"
#include "runtime/state/heap_snapshot.h"
#include "runtime/state/state_schema.h"

namespace weir {
namespace {

constexpr size_t kStatesMax = 32767;  // state ids are shorts

int FixedLengthOfNamespace(const TypeSerializer* name_space) {
  return name_space == nullptr ? 0 : name_space->fixed_length();
}

void FreeRestored(void*, void* restored) { delete static_cast<RestoredState*>(restored); }
void FreeKey(void* index, void* number) {
  static_cast<KeyIndex*>(index)->Recycle(static_cast<uint32_t>(reinterpret_cast<uintptr_t>(number)));
}

}  // namespace

HeapKeyedBackend::HeapKeyedBackend(const TypeSerializer& key_type, KeyGroupRange range,
                                   uint32_t max_parallelism)
    : KeyedStateBackend(key_type, range, max_parallelism) {}

HeapKeyedBackend::~HeapKeyedBackend() = default;

// --- Keys

void HeapKeyedBackend::OnKeyLeft() {
  if (is_looked_up_ && current_ != kNoKey && index_.uses(current_) == 0) ReleaseKey(current_);
  is_looked_up_ = false;
  current_ = kNoKey;
}

void HeapKeyedBackend::OnKeyEntered() {
  for (const auto& [name, store] : swept_each_record_) store->SweepEntries(store->ttl()->swept_entries);
}

uint32_t HeapKeyedBackend::LookUpCurrentKey() {
  if (!HasKeyForAccess()) return kNoKey;
  current_ = index_.Find(current_key());
  is_looked_up_ = true;
  return current_;
}

uint32_t HeapKeyedBackend::CurrentKeyForWrite() {
  if (CurrentKey() == kNoKey && has_current_key())
    current_ = index_.Intern(current_key(), current_key_group());
  return current_;
}

void HeapKeyedBackend::DropUse(uint32_t key) {
  if (--index_.uses(key) == 0 && key != current_) ReleaseKey(key);
}

// A snapshot that is being written may still need the key's bytes.
void HeapKeyedBackend::ReleaseKey(uint32_t key) {
  index_.Remove(key);
  // A number in a pointer's place: nobody follows it.
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  epochs_.Retire(FreeKey, &index_, reinterpret_cast<void*>(uintptr_t{key}));
}

std::vector<KeyedStateBackend::KeyRef> HeapKeyedBackend::KeysOf(absl::string_view state,
                                                                absl::string_view name_space) {
  std::vector<KeyRef> keys;
  const auto found = stores_.find(state);
  if (found == stores_.end()) return keys;
  for (const uint32_t key : index_.Sorted()) {
    const uint32_t entry = found->second->EntryOf(key, name_space);
    if (entry == kNoKey || found->second->table().Find(entry) == nullptr) continue;
    keys.push_back({index_.key_group(key), std::string(index_.key(key))});
  }
  return keys;
}

size_t HeapKeyedBackend::entry_count() const {
  size_t count = 0;
  for (const auto& [name, store] : stores_) count += store->table().size();
  for (const auto& [name, queue] : queues_) count += queue->timers.size();
  return count;
}

// --- Registration

template <typename Store>
absl::StatusOr<Store*> HeapKeyedBackend::Register(const StateSpec& spec) {
  const auto found = stores_.find(spec.name);
  if (found != stores_.end()) {
    HeapStore& store = *found->second;
    WEIR_RETURN_IF_ERROR(CheckSameState(spec, store.spec()));
    return static_cast<Store*>(&store);
  }
  if (queues_.count(spec.name) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("state ", spec.name, " is a queue of timers"));
  }
  if (stores_.size() + queues_.size() + restored_.size() >= kStatesMax) {
    return absl::ResourceExhaustedError(
        absl::StrCat("an operator has at most ", kStatesMax, " keyed states"));
  }
  auto store = std::make_unique<Store>(*this, epochs_, spec);
  WEIR_RETURN_IF_ERROR(Adopt(*store));
  Store* const result = store.get();
  stores_[spec.name] = std::move(store);
  return result;
}

absl::StatusOr<ValueStore*> HeapKeyedBackend::RegisterValue(const StateSpec& spec) {
  return Register<HeapValueStore>(spec);
}
absl::StatusOr<ListStore*> HeapKeyedBackend::RegisterList(const StateSpec& spec) {
  return Register<HeapListStore>(spec);
}
absl::StatusOr<MapStore*> HeapKeyedBackend::RegisterMap(const StateSpec& spec) {
  return Register<HeapMapStore>(spec);
}

absl::Status HeapKeyedBackend::Adopt(HeapStore& store) {
  const StateSpec& spec = store.spec();
  const auto found = restored_.find(spec.name);
  if (found == restored_.end()) return absl::OkStatus();
  WEIR_ASSIGN_OR_RETURN(const StateMigration migration, ResolveState(spec, found->second->meta));
  const CompositeKeyLayout layout = CompositeKeyLayout::For(max_parallelism(), key_type().fixed_length(),
                                                            FixedLengthOfNamespace(spec.name_space));
  std::string user_key;
  std::string value;
  const auto read = [&](const std::string& key, const std::string& bytes) -> absl::Status {
    WEIR_ASSIGN_OR_RETURN(const CompositeKey parsed,
                          ParseCompositeKey(key, layout, key_type(), spec.name_space));
    WEIR_RETURN_IF_ERROR(migration.Apply(parsed.user_key, bytes, &user_key, &value));
    return store.ReadEntry(index_.Intern(parsed.key, parsed.key_group), parsed.name_space, user_key, value);
  };
  if (absl::Status status = found->second->ForEach(read); !status.ok()) return status;
  // A snapshot that is being written may still write it as it was.
  epochs_.Retire(FreeRestored, nullptr, found->second.release());
  restored_.erase(found);
  return absl::OkStatus();
}

absl::StatusOr<TimerQueue*> HeapKeyedBackend::RegisterTimers(const std::string& name,
                                                             const TypeSerializer* name_space) {
  std::unique_ptr<Queue>& slot = queues_[name];
  if (slot == nullptr) {
    auto queue = std::make_unique<Queue>();
    queue->meta = TimerMeta(name, key_type(), name_space);
    queue->name_space = name_space;
    if (absl::Status status = AdoptTimers(*queue); !status.ok()) {
      queues_.erase(name);
      return status;
    }
    slot = std::move(queue);
  }
  return &slot->timers;
}

absl::Status HeapKeyedBackend::AdoptTimers(Queue& queue) {
  const auto found = restored_.find(queue.meta.name);
  if (found == restored_.end()) return absl::OkStatus();
  WEIR_RETURN_IF_ERROR(CheckTimers(queue.meta, found->second->meta));
  const auto read = [&](const std::string& key, const std::string&) -> absl::Status {
    ByteReader reader(key);
    const KeyGroup group = ReadKeyGroup(reader, max_parallelism());
    WEIR_ASSIGN_OR_RETURN(Timer timer, ParseTimerElement(reader.Rest(), group, key_type(), queue.name_space));
    queue.timers.Add(std::move(timer));
    return absl::OkStatus();
  };
  if (absl::Status status = found->second->ForEach(read); !status.ok()) return status;
  epochs_.Retire(FreeRestored, nullptr, found->second.release());
  restored_.erase(found);
  return absl::OkStatus();
}

// --- Snapshots

std::unique_ptr<KeyedSnapshotWriter> HeapKeyedBackend::Snapshot(const WitnessOf& witness) {
  return std::make_unique<HeapSnapshotWriter>(*this, witness);
}

absl::Status HeapKeyedBackend::Restore(const KeyedHandle& handle, absl::string_view bytes,
                                       const RestoreWitness& witness) {
  WEIR_CHECK(stores_.empty() && queues_.empty(), "state is restored before it is registered");
  const KeyGroupRange mine = range().Intersect(handle.range());
  if (mine.empty()) return absl::OkStatus();
  WEIR_ASSIGN_OR_RETURN(const KeyedStateReader reader,
                        KeyedStateReader::Open(bytes, handle.range(), handle.offsets, max_parallelism()));
  WEIR_RETURN_IF_ERROR(CheckKeyType(key_type(), reader.header().key));
  std::vector<RestoredState*> states;
  for (const StateMeta& meta : reader.header().states) {
    if (meta.name == kWitnessState) {
      states.push_back(nullptr);
      continue;
    }
    std::unique_ptr<RestoredState>& slot = restored_[meta.name];
    if (slot == nullptr) slot = std::make_unique<RestoredState>(RestoredState{meta, {}});
    slot->parts.push_back({handle.stream.Place(), {}});
    if (slot->meta != meta) {
      return absl::FailedPreconditionError(
          absl::StrCat("state ", meta.name, " is described differently in two parts of the snapshot"));
    }
    states.push_back(slot.get());
  }
  return reader.Visit(mine, [&](const KeyedStateEntry& entry) -> absl::Status {
    if (RestoredState* const state = states[entry.state_id]) {
      state->parts.back().entries.emplace_back(entry.key, entry.value);
      return absl::OkStatus();
    }
    if (witness == nullptr) return absl::OkStatus();
    ByteReader value(entry.value);
    const absl::string_view of_ledger = value.Bytes();
    WEIR_RETURN_IF_ERROR(value.Finish());
    return witness(of_ledger);
  });
}

}  // namespace weir
