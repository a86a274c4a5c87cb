#include "runtime/state/rocksdb/rocks_store.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "runtime/base/status.h"
#include "runtime/state/rocksdb/rocks_keyed_backend.h"

namespace weir {
namespace {

constexpr uint8_t kListDelimiter = ',';

absl::Status ReadWhole(const TypeSerializer& type, absl::string_view bytes, void* value) {
  ByteReader reader(bytes);
  type.Deserialize(reader, value);
  return reader.Finish();
}

}  // namespace

RocksStore::RocksStore(RocksKeyedBackend& backend, ColumnFamily& family, StateSpec spec)
    : backend_(backend), family_(family), spec_(std::move(spec)), layout_(backend.LayoutOf(spec_)) {}

void RocksStore::SetNamespaceBytes(absl::string_view name_space) {
  namespace_.assign(name_space.data(), name_space.size());
}

bool RocksStore::MakeKey() {
  if (!backend_.HasKeyForAccess()) return false;
  key_.Clear();
  AppendCompositeKey(key_, layout_, backend_.current_key_group(), backend_.current_key(), namespace_);
  return true;
}

void RocksStore::Fail(const absl::Status& cause) {
  backend_.SetError(WithContext(cause, absl::StrCat("state ", spec_.name)));
}

bool RocksStore::Get() {
  const absl::StatusOr<bool> found = family_.Get(key_.bytes(), &bytes_);
  if (!found.ok()) Fail(found.status());
  return found.ok() && *found;
}

void RocksStore::PutBytes(absl::string_view value) {
  if (absl::Status status = family_.Put(key_.bytes(), value); !status.ok()) Fail(status);
}

// --- Values

RocksValueStore::RocksValueStore(RocksKeyedBackend& backend, ColumnFamily& family, StateSpec spec)
    : RocksStoreOf(backend, family, std::move(spec)), value_(*spec_.value) {}

void* RocksValueStore::Edit() {
  if (!MakeKey() || !Get()) return nullptr;
  if (absl::Status status = ReadWhole(*spec_.value, bytes_, value_.get()); !status.ok()) {
    Fail(status);
    return nullptr;
  }
  return value_.get();
}

void RocksValueStore::Put(void* value) {
  if (!MakeKey()) return;
  value_bytes_.Clear();
  if (!spec_.value->Serialize(value, value_bytes_)) return Fail(UnwritableError());
  PutBytes(value_bytes_.bytes());
}

void RocksValueStore::Clear() {
  if (!MakeKey()) return;
  if (absl::Status status = family_.Delete(key_.bytes()); !status.ok()) Fail(status);
}

absl::Status RocksValueStore::CheckEntry(absl::string_view user_key, absl::string_view value) {
  if (!user_key.empty()) return absl::DataLossError("bytes behind the key");
  return ReadWhole(*spec_.value, value, value_.get());
}

// --- Lists

RocksListStore::RocksListStore(RocksKeyedBackend& backend, ColumnFamily& family, StateSpec spec)
    : RocksStoreOf(backend, family, std::move(spec)), list_(*spec_.list) {}

absl::Status RocksListStore::ReadList(absl::string_view bytes, void* list) const {
  const TypeShape& shape = spec_.list->shape();
  shape.clear(list);
  ByteReader reader(bytes);
  do {
    spec_.value->Deserialize(reader, shape.append(list));
    if (reader.ok() && reader.remaining() > 0 && reader.U8() != kListDelimiter) {
      reader.Invalidate("no ',' between the elements of a list");
    }
  } while (reader.ok() && reader.remaining() > 0);
  return reader.Finish();
}

const void* RocksListStore::Find() {
  if (!MakeKey() || !Get()) return nullptr;
  if (absl::Status status = ReadList(bytes_, list_.get()); !status.ok()) {
    Fail(status);
    return nullptr;
  }
  return list_.get();
}

void RocksListStore::Add(const void* element) {
  if (!MakeKey()) return;
  value_bytes_.Clear();
  if (!spec_.value->Serialize(element, value_bytes_)) return Fail(UnwritableError());
  if (absl::Status status = family_.Merge(key_.bytes(), value_bytes_.bytes()); !status.ok()) Fail(status);
}

void RocksListStore::Put(void* list) {
  const TypeShape& shape = spec_.list->shape();
  if (shape.size(list) == 0) return Clear();
  if (!MakeKey()) return;
  value_bytes_.Clear();
  bool is_writable = true;
  bool is_first = true;
  shape.visit(list, [&](const void* element, const void*) {
    if (!std::exchange(is_first, false)) value_bytes_.U8(kListDelimiter);
    is_writable = is_writable && spec_.value->Serialize(element, value_bytes_);
  });
  if (!is_writable) return Fail(UnwritableError());
  PutBytes(value_bytes_.bytes());
}

void RocksListStore::Clear() {
  if (!MakeKey()) return;
  if (absl::Status status = family_.Delete(key_.bytes()); !status.ok()) Fail(status);
}

absl::Status RocksListStore::CheckEntry(absl::string_view user_key, absl::string_view value) {
  if (!user_key.empty()) return absl::DataLossError("bytes behind the key");
  return ReadList(value, list_.get());
}

// --- Maps

RocksMapStore::RocksMapStore(RocksKeyedBackend& backend, ColumnFamily& family, StateSpec spec)
    : RocksStoreOf(backend, family, std::move(spec)),
      has_flag_(spec_.value->kind() != TypeKind::kNullable),
      value_(*spec_.value) {}

absl::StatusOr<absl::string_view> RocksMapStore::WithoutFlag(absl::string_view bytes) const {
  if (!has_flag_) return bytes;
  if (bytes.empty() || bytes[0] != 0) return absl::DataLossError("null as value of a map");
  return bytes.substr(1);
}

absl::Status RocksMapStore::ReadValue(absl::string_view bytes, void* value) const {
  WEIR_ASSIGN_OR_RETURN(const absl::string_view inner, WithoutFlag(bytes));
  return ReadWhole(*spec_.value, inner, value);
}

const void* RocksMapStore::Find(absl::string_view user_key) {
  if (!MakeKey()) return nullptr;
  key_.Raw(user_key);
  if (!Get()) return nullptr;
  if (absl::Status status = ReadValue(bytes_, value_.get()); !status.ok()) {
    Fail(status);
    return nullptr;
  }
  return value_.get();
}

void RocksMapStore::Put(absl::string_view user_key, void* value) {
  if (!MakeKey()) return;
  key_.Raw(user_key);
  value_bytes_.Clear();
  if (has_flag_) value_bytes_.Bool(false);
  if (!spec_.value->Serialize(value, value_bytes_)) return Fail(UnwritableError());
  PutBytes(value_bytes_.bytes());
}

void RocksMapStore::Remove(absl::string_view user_key) {
  if (!MakeKey()) return;
  key_.Raw(user_key);
  if (absl::Status status = family_.Delete(key_.bytes()); !status.ok()) Fail(status);
}

bool RocksMapStore::IsEmpty() {
  if (!MakeKey()) return true;
  FamilyIterator entries = family_.IteratePrefix(key_.bytes());
  if (!entries.status().ok()) Fail(entries.status());
  return !entries.Valid();
}

void RocksMapStore::Visit(Visitor visitor) {
  if (!MakeKey()) return;
  const size_t prefix = key_.size();
  FamilyIterator entries = family_.IteratePrefix(key_.bytes());
  for (; entries.Valid(); entries.Next()) {
    if (absl::Status status = ReadValue(entries.value(), value_.get()); !status.ok()) return Fail(status);
    visitor(entries.key().substr(prefix), value_.get());
  }
  if (!entries.status().ok()) Fail(entries.status());
}

void RocksMapStore::Clear() {
  if (!MakeKey()) return;
  std::vector<std::string> keys;
  FamilyIterator entries = family_.IteratePrefix(key_.bytes());
  for (; entries.Valid(); entries.Next()) keys.emplace_back(entries.key());
  absl::Status status = entries.status();
  for (const std::string& key : keys) status.Update(family_.Delete(key));
  if (!status.ok()) Fail(status);
}

absl::Status RocksMapStore::CheckEntry(absl::string_view user_key, absl::string_view value) {
  ErasedValue key(*spec_.user_key);
  WEIR_RETURN_IF_ERROR(ReadWhole(*spec_.user_key, user_key, key.get()));
  return ReadValue(value, value_.get());
}

}  // namespace weir
