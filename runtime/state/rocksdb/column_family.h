// Licensed under the Apache License, Version 2.0.
//
// One registered state in the database: its column family, its description, and what filters it when files are compacted.
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_COLUMN_FAMILY_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_COLUMN_FAMILY_H_

#include <rocksdb/iterator.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/state/rocksdb/database.h"
#include "runtime/state/rocksdb/ttl_filter.h"

namespace weir {

// Entries in the order of their keys, those that begin with a prefix. Sees the state of the moment it was made.
class FamilyIterator {
 public:
  FamilyIterator(RocksDatabase& database, std::unique_ptr<rocksdb::Iterator> entries, std::string prefix);

  bool Valid() const { return is_valid_; }
  void Next();
  // To the first entry whose key is not below `key`.
  void Seek(absl::string_view key);
  // Valid until the next step.
  absl::string_view key() const { return {entries_->key().data(), entries_->key().size()}; }
  absl::string_view value() const { return {entries_->value().data(), entries_->value().size()}; }
  // Why it is not Valid() any more, if not because it is at its end.
  const absl::Status& status() const { return status_; }

 private:
  void Look();

  RocksDatabase* database_;
  std::unique_ptr<rocksdb::Iterator> entries_;
  std::string prefix_;
  bool is_valid_ = false;
  absl::Status status_;
};

class ColumnFamily {
 public:
  // `database` and `ttl` outlive it.
  ColumnFamily(RocksDatabase& database, rocksdb::ColumnFamilyHandle* handle, TtlFilter& ttl)
      : database_(database), handle_(handle), ttl_(ttl) {}
  ColumnFamily(const ColumnFamily&) = delete;
  ColumnFamily& operator=(const ColumnFamily&) = delete;

  absl::StatusOr<bool> Get(absl::string_view key, std::string* value) {
    return database_.Get(handle_, key, value);
  }
  absl::Status Put(absl::string_view key, absl::string_view value) {
    return database_.Put(handle_, key, value);
  }
  absl::Status Merge(absl::string_view key, absl::string_view value) {
    return database_.Merge(handle_, key, value);
  }
  absl::Status Delete(absl::string_view key) { return database_.Delete(handle_, key); }
  FamilyIterator IteratePrefix(absl::string_view prefix);
  FamilyIterator IterateAll() { return IteratePrefix({}); }
  TtlFilter& ttl() { return ttl_; }
  rocksdb::ColumnFamilyHandle* handle() { return handle_; }

 private:
  RocksDatabase& database_;
  rocksdb::ColumnFamilyHandle* const handle_;
  TtlFilter& ttl_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_ROCKSDB_COLUMN_FAMILY_H_
