// Licensed under the Apache License, Version 2.0.
//
// RocksDB's options for a database of ours. What Flink reads back is fixed: table format 5 with CRC32c (every release
// since 6.11 reads it), snappy, the merge operator. The rest makes files a function of what was written: no size is
// decided by what the allocator says, nothing is evicted from the block cache, no statistics, no threads.
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_DATABASE_OPTIONS_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_DATABASE_OPTIONS_H_

#include <memory>

#include "rocksdb/cache.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/options.h"
#include "runtime/state/rocksdb/database.h"

namespace weir {

// `env` outlives the database.
rocksdb::DBOptions MakeDatabaseOptions(rocksdb::Env* env);

// A cache that is large enough for everything. One a database.
std::shared_ptr<rocksdb::Cache> MakeBlockCache();

rocksdb::ColumnFamilyOptions MakeFamilyOptions(const RocksOptions& options, absl::string_view family,
                                               const std::shared_ptr<rocksdb::Cache>& block_cache,
                                               const std::shared_ptr<rocksdb::MergeOperator>& merge_operator);

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_ROCKSDB_DATABASE_OPTIONS_H_
