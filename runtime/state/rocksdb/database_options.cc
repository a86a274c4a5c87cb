#include "runtime/state/rocksdb/database_options.h"

#include "rocksdb/table.h"
#include "runtime/state/rocksdb/rocksdb_compat.h"

namespace weir {
namespace {

// Never reached: flushes begin at our own count of bytes, and stalls are ours.
constexpr uint64_t kNever = 1ull << 40;
constexpr int kNeverCount = 1 << 20;
constexpr size_t kArenaBlockBytes = 4096;

class SilentLogger final : public rocksdb::Logger {
 public:
  SilentLogger() : rocksdb::Logger(rocksdb::InfoLogLevel::FATAL_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace

rocksdb::DBOptions MakeDatabaseOptions(rocksdb::Env* env) {
  rocksdb::DBOptions options;
  options.env = env;
  options.info_log = std::make_shared<SilentLogger>();
  options.info_log_level = rocksdb::InfoLogLevel::FATAL_LEVEL;
  options.max_background_jobs = 1;
  options.max_subcompactions = 1;
  options.max_open_files = -1;
  options.max_file_opening_threads = 1;
  options.table_cache_numshardbits = 0;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.skip_stats_update_on_db_open = true;
  options.avoid_flush_during_shutdown = true;
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  options.fail_if_options_file_error = false;  // the file system refuses them
  options.recycle_log_file_num = 0;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kAbsoluteConsistency;
  SwitchOffThreadsAndNames(&options);
  return options;
}

std::shared_ptr<rocksdb::Cache> MakeBlockCache() {
  return rocksdb::NewLRUCache(static_cast<size_t>(kNever), /*num_shard_bits=*/0);
}

rocksdb::ColumnFamilyOptions MakeFamilyOptions(
    const RocksOptions& options, absl::string_view family, const std::shared_ptr<rocksdb::Cache>& block_cache,
    const std::shared_ptr<rocksdb::MergeOperator>& merge_operator) {
  rocksdb::BlockBasedTableOptions table;
  table.format_version = 5;
  table.checksum = rocksdb::kCRC32c;
  table.block_size = static_cast<size_t>(options.block_bytes);
  table.block_cache = block_cache;

  rocksdb::ColumnFamilyOptions result;
  result.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  result.merge_operator = merge_operator;
  result.compression = rocksdb::kSnappyCompression;
  if (options.filter_of) result.compaction_filter = options.filter_of(family);
  result.write_buffer_size = static_cast<size_t>(kNever);
  result.arena_block_size = kArenaBlockBytes;
  result.max_write_buffer_number = kNeverCount;
  result.target_file_size_base = options.target_file_bytes;
  result.max_bytes_for_level_base = options.level_base_bytes;
  result.level0_file_num_compaction_trigger = static_cast<int>(options.level0_files_compaction);
  result.level0_slowdown_writes_trigger = static_cast<int>(options.level0_files_slowdown);
  result.level0_stop_writes_trigger = kNeverCount;
  result.soft_pending_compaction_bytes_limit = 0;
  result.hard_pending_compaction_bytes_limit = 0;
  result.disable_auto_compactions = !options.is_compacting;
  return result;
}

}  // namespace weir
