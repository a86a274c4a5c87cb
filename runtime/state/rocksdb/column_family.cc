#include "runtime/state/rocksdb/column_family.h"

#include <utility>

#include "absl/strings/match.h"

namespace weir {

FamilyIterator::FamilyIterator(RocksDatabase& database, std::unique_ptr<rocksdb::Iterator> entries,
                               std::string prefix)
    : database_(&database), entries_(std::move(entries)), prefix_(std::move(prefix)) {
  Seek(prefix_);
}

void FamilyIterator::Seek(absl::string_view key) {
  entries_->Seek(rocksdb::Slice(key.data(), key.size()));
  Look();
}

void FamilyIterator::Next() {
  entries_->Next();
  Look();
}

void FamilyIterator::Look() {
  is_valid_ = entries_->Valid() && absl::StartsWith(key(), prefix_);
  if (!entries_->Valid()) status_ = database_->Check(*entries_);
}

FamilyIterator ColumnFamily::IteratePrefix(absl::string_view prefix) {
  return FamilyIterator(database_, database_.NewIterator(handle_), std::string(prefix));
}

}  // namespace weir
