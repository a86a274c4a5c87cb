#include "runtime/state/heap_store.h"

#include "absl/strings/str_cat.h"
#include "runtime/base/status.h"
#include "runtime/state/heap_keyed_backend.h"
#include "runtime/state/key_index.h"

namespace weir {
namespace {

constexpr uint8_t kListDelimiter = ',';

// In a map value's place Flink writes a null flag itself; an optional's own flag is the same byte.
bool WritesNullFlag(const TypeSerializer& value) { return value.kind() == TypeKind::kNullable; }

}  // namespace

HeapStore::HeapStore(HeapKeyedBackend& backend, SnapshotEpochs& epochs, StateSpec spec)
    : backend_(backend),
      spec_(std::move(spec)),
      meta_(spec_.ToMeta()),
      epochs_(epochs),
      table_(epochs, *this) {}

uint32_t HeapStore::EntryOf(uint32_t key, absl::string_view name_space) const {
  if (spec_.name_space == nullptr) return key;
  const auto found = namespaces_.find({key, std::string(name_space)});
  return found == namespaces_.end() ? kNoKey : found->second;
}

uint32_t HeapStore::KeyOf(uint32_t entry) const {
  return spec_.name_space == nullptr ? entry : by_entry_[entry]->first.first;
}

uint32_t HeapStore::Current() {
  const uint32_t key = backend_.CurrentKey();
  if (key == kNoKey) return kNoKey;
  const uint32_t entry = EntryOf(key, namespace_);
  return entry == kNoKey || table_.Find(entry) == nullptr ? kNoKey : entry;
}

uint32_t HeapStore::CurrentForWrite() {
  const uint32_t key = backend_.CurrentKeyForWrite();
  return key == kNoKey ? kNoKey : Intern(key, namespace_);
}

uint32_t HeapStore::Intern(uint32_t key, absl::string_view name_space) {
  if (spec_.name_space == nullptr) return key;
  const auto [at, is_new] = namespaces_.try_emplace({key, std::string(name_space)}, 0);
  if (!is_new) return at->second;
  if (free_.empty()) {
    at->second = static_cast<uint32_t>(by_entry_.size());
    by_entry_.push_back(at);
  } else {
    at->second = free_.back();
    free_.pop_back();
    by_entry_[at->second] = at;
  }
  return at->second;
}

void HeapStore::SetTtl(const TtlPolicy& policy) {
  ttl_ = policy;
  if (policy.sweeps_every_record && policy.swept_entries > 0) backend_.SweepEachRecord(this);
}

void HeapStore::ReportError(const absl::Status& cause) {
  backend_.SetError(WithContext(cause, absl::StrCat("state ", spec_.name)));
}

void HeapStore::PutObject(uint32_t entry, void* object) {
  if (table_.Put(entry, object)) backend_.AddUse(KeyOf(entry));
}

void HeapStore::EraseObject(uint32_t entry) {
  if (entry == kNoKey || !table_.Erase(entry)) return;
  const uint32_t key = KeyOf(entry);
  if (spec_.name_space != nullptr) {
    namespaces_.erase(by_entry_[entry]);
    free_.push_back(entry);
  }
  backend_.DropUse(key);
}

void HeapStore::Merge(absl::string_view target, absl::Span<const std::string> sources,
                      StateStore::Fold fold) {
  const uint32_t key = backend_.CurrentKey();
  if (key == kNoKey) return;
  void* merged = nullptr;
  for (const std::string& source : sources) {
    const uint32_t entry = EntryOf(key, source);
    const void* const object = entry == kNoKey ? nullptr : table_.Find(entry);
    if (object == nullptr) continue;
    if (merged == nullptr) {
      merged = CloneObject(object);
    } else {
      fold(merged, object);
    }
    EraseObject(entry);
  }
  if (merged == nullptr) return;
  const uint32_t entry = Intern(key, target);
  if (void* const object = table_.Edit(entry)) {
    fold(object, merged);
    DeleteObject(merged);
  } else {
    PutObject(entry, merged);
  }
}

void HeapStore::SweepEntries(uint32_t entries) {
  if (!ttl_.has_value() || table_.size() == 0) return;
  const int64_t now = ttl_->Now();
  const uint32_t capacity = table_.capacity();
  // Empty slots are passed over, but not more than once around.
  for (uint32_t passed = 0; entries > 0 && passed < capacity; ++passed) {
    if (sweep_at_ >= capacity) sweep_at_ = 0;
    const uint32_t entry = sweep_at_++;
    if (table_.Find(entry) == nullptr) continue;
    --entries;
    if (DropExpired(entry, now)) EraseObject(entry);
  }
}

// --- Values

const void* HeapValueStore::Find() {
  const uint32_t key = backend_.CurrentKey();
  if (key == kNoKey) return nullptr;
  const uint32_t entry = EntryOf(key, name_space());
  return entry == kNoKey ? nullptr : table_.Find(entry);
}

void HeapValueStore::Put(void* value) {
  const uint32_t entry = CurrentForWrite();
  if (entry == kNoKey) return;
  void* object = table_.FindOwn(entry);
  const bool is_new = object == nullptr;
  if (is_new) object = spec_.value->New();
  spec_.value->Move(value, object);
  if (is_new) PutObject(entry, object);
}

void* HeapValueStore::Edit() {
  const uint32_t entry = Current();
  return entry == kNoKey ? nullptr : table_.Edit(entry);
}

void* HeapValueStore::CloneObject(const void* object) const {
  void* const clone = spec_.value->New();
  spec_.value->Copy(object, clone);
  return clone;
}

absl::Status HeapValueStore::WriteObject(const void* object, const TtlPolicy* ttl, int64_t now,
                                         Emit emit) const {
  if (ttl != nullptr && ttl->IsExpired(object, now)) return absl::OkStatus();
  ByteWriter value;
  if (!spec_.value->Serialize(object, value)) return UnwritableError();
  emit({}, value.bytes());
  return absl::OkStatus();
}

absl::Status HeapValueStore::ReadEntry(uint32_t key, absl::string_view name_space, absl::string_view user_key,
                                       absl::string_view value) {
  if (!user_key.empty()) return absl::DataLossError("bytes behind the key");
  ByteReader reader(value);
  ErasedValue object(*spec_.value);
  spec_.value->Deserialize(reader, object.get());
  WEIR_RETURN_IF_ERROR(reader.Finish());
  PutObject(Intern(key, name_space), object.Release());
  return absl::OkStatus();
}

bool HeapValueStore::DropExpired(uint32_t entry, int64_t now) {
  return ttl()->IsExpired(table_.Find(entry), now);
}

// --- Lists

const void* HeapListStore::Find() {
  const uint32_t entry = Current();
  return entry == kNoKey ? nullptr : table_.Find(entry);
}

void HeapListStore::Add(const void* element) {
  const uint32_t entry = CurrentForWrite();
  if (entry == kNoKey) return;
  void* list = table_.Edit(entry);
  if (list == nullptr) PutObject(entry, list = spec_.list->New());
  spec_.value->Copy(element, spec_.list->shape().append(list));
}

void HeapListStore::Put(void* list) {
  if (spec_.list->shape().size(list) == 0) return Clear();
  const uint32_t entry = CurrentForWrite();
  if (entry == kNoKey) return;
  void* const object = spec_.list->New();
  spec_.list->Move(list, object);
  PutObject(entry, object);
}

void* HeapListStore::CloneObject(const void* object) const {
  void* const clone = spec_.list->New();
  spec_.list->Copy(object, clone);
  return clone;
}

absl::Status HeapListStore::WriteObject(const void* object, const TtlPolicy* ttl, int64_t now,
                                        Emit emit) const {
  ByteWriter value;
  bool is_writable = true;
  spec_.list->shape().visit(object, [&](const void* element, const void*) {
    if (ttl != nullptr && ttl->IsExpired(element, now)) return;
    if (value.size() > 0) value.U8(kListDelimiter);
    is_writable = is_writable && spec_.value->Serialize(element, value);
  });
  if (!is_writable) return UnwritableError();
  if (value.size() > 0) emit({}, value.bytes());
  return absl::OkStatus();
}

absl::Status HeapListStore::ReadEntry(uint32_t key, absl::string_view name_space, absl::string_view user_key,
                                      absl::string_view value) {
  if (!user_key.empty()) return absl::DataLossError("bytes behind the key");
  ErasedValue list(*spec_.list);
  ByteReader reader(value);
  do {
    spec_.value->Deserialize(reader, spec_.list->shape().append(list.get()));
    if (reader.ok() && reader.remaining() > 0 && reader.U8() != kListDelimiter) {
      reader.Invalidate("no ',' between the elements of a list");
    }
  } while (reader.ok() && reader.remaining() > 0);
  WEIR_RETURN_IF_ERROR(reader.Finish());
  PutObject(Intern(key, name_space), list.Release());
  return absl::OkStatus();
}

bool HeapListStore::DropExpired(uint32_t entry, int64_t now) {
  const TypeShape& shape = spec_.list->shape();
  size_t live = 0;
  size_t all = 0;
  shape.visit(table_.Find(entry), [&](const void* element, const void*) {
    ++all;
    live += ttl()->IsExpired(element, now) ? 0 : 1;
  });
  if (live == 0 || live == all) return live == 0;
  void* const kept = spec_.list->New();
  shape.visit(table_.Find(entry), [&](const void* element, const void*) {
    if (!ttl()->IsExpired(element, now)) spec_.value->Copy(element, shape.append(kept));
  });
  PutObject(entry, kept);
  return false;
}

// --- Maps

const void* HeapMapStore::Find(absl::string_view user_key) {
  const uint32_t entry = Current();
  if (entry == kNoKey) return nullptr;
  const Map& map = MapOf(table_.Find(entry));
  const auto found = map.find(user_key);
  return found == map.end() ? nullptr : found->second;
}

void HeapMapStore::PutInto(uint32_t entry, absl::string_view user_key, void* value) {
  auto* map = static_cast<Map*>(table_.Edit(entry));
  if (map == nullptr) PutObject(entry, map = new Map);
  const auto [at, is_new] = map->try_emplace(std::string(user_key), nullptr);
  if (is_new) at->second = spec_.value->New();
  spec_.value->Move(value, at->second);
}

void HeapMapStore::Put(absl::string_view user_key, void* value) {
  const uint32_t entry = CurrentForWrite();
  if (entry != kNoKey) PutInto(entry, user_key, value);
}

void HeapMapStore::RemoveFrom(uint32_t entry, absl::string_view user_key) {
  if (MapOf(table_.Find(entry)).count(user_key) == 0) return;
  auto* const map = static_cast<Map*>(table_.Edit(entry));
  const auto found = map->find(user_key);
  spec_.value->Delete(found->second);
  map->erase(found);
  if (map->empty()) EraseObject(entry);
}

void HeapMapStore::Remove(absl::string_view user_key) {
  const uint32_t entry = Current();
  if (entry != kNoKey) RemoveFrom(entry, user_key);
}

bool HeapMapStore::IsEmpty() { return Current() == kNoKey; }

void HeapMapStore::Visit(Visitor visitor) {
  const uint32_t entry = Current();
  if (entry == kNoKey) return;
  for (const auto& [user_key, value] : MapOf(table_.Find(entry))) visitor(user_key, value);
}

void* HeapMapStore::CloneObject(const void* object) const {
  auto* const clone = new Map;
  for (const auto& [user_key, value] : MapOf(object)) {
    void* const copy = spec_.value->New();
    spec_.value->Copy(value, copy);
    clone->emplace(user_key, copy);
  }
  return clone;
}

void HeapMapStore::DeleteObject(void* object) const {
  for (const auto& [user_key, value] : MapOf(object)) spec_.value->Delete(value);
  delete static_cast<Map*>(object);
}

absl::Status HeapMapStore::WriteObject(const void* object, const TtlPolicy* ttl, int64_t now,
                                       Emit emit) const {
  ByteWriter bytes;
  for (const auto& [user_key, value] : MapOf(object)) {
    if (ttl != nullptr && ttl->IsExpired(value, now)) continue;
    bytes.Clear();
    if (!WritesNullFlag(*spec_.value)) bytes.Bool(false);
    if (!spec_.value->Serialize(value, bytes)) return UnwritableError();
    emit(user_key, bytes.bytes());
  }
  return absl::OkStatus();
}

absl::Status HeapMapStore::ReadEntry(uint32_t key, absl::string_view name_space, absl::string_view user_key,
                                     absl::string_view value) {
  ByteReader key_reader(user_key);
  ErasedValue key_value(*spec_.user_key);
  spec_.user_key->Deserialize(key_reader, key_value.get());
  WEIR_RETURN_IF_ERROR(key_reader.Finish());
  ByteReader reader(value);
  if (!WritesNullFlag(*spec_.value) && reader.U8() != 0) reader.Invalidate("null as value of a map");
  ErasedValue object(*spec_.value);
  spec_.value->Deserialize(reader, object.get());
  WEIR_RETURN_IF_ERROR(reader.Finish());
  PutInto(Intern(key, name_space), user_key, object.get());
  return absl::OkStatus();
}

bool HeapMapStore::DropExpired(uint32_t entry, int64_t now) {
  std::vector<std::string> expired;
  const Map& map = MapOf(table_.Find(entry));
  for (const auto& [user_key, value] : map) {
    if (ttl()->IsExpired(value, now)) expired.push_back(user_key);
  }
  if (expired.size() == map.size()) return true;
  for (const std::string& user_key : expired) RemoveFrom(entry, user_key);
  return false;
}

}  // namespace weir
