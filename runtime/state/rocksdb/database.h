// Licensed under the Apache License, Version 2.0.
//
// One RocksDB database in one folder of a node's disk, driven by one thread. It sees the world through Env alone: files
// are the LocalStore's, time is the Clock's, a sleep is a charge. No thread is ever started.
//
// Who calls what, when
//   * The owner (a keyed backend) makes it by Create (nothing is there) or Restore (files of a checkpoint are there), asks
//     for families, and reads and writes through the calls below. They may also be made on db() itself; then tell
//     NoteWritten of what was written, and turn each rocksdb::Status into ours by ToStatus.
//   * Flushes begin when a family was given write_buffer_bytes (keys and values, counted here: RocksDB's own count depends
//     on the allocator), and at Flush and Checkpoint.
//   * Flushes and compactions are *jobs*. RocksDB queues them; `on_job` is called once for each that was queued, never
//     inside a frame of RocksDB, and the owner calls RunJob some time later, as an event of its own choice (JobRunner,
//     job_runner.h, does so with a drawn delay). Jobs left over when the database goes are dropped.
//   * If write_buffers_max flushes of a family are waiting when another one should begin, the writer runs them itself, and
//     is charged for it: that is what a write stall is here. RocksDB's own slowing down of writers (too many files at
//     level 0) is a charge too.
//   * Close ends it on a working disk. The destructor alone is a crash: the disk is cut off first, so that nothing is
//     read, written, charged or traced, and then the database is destroyed.
//   * There is no write-ahead log: a folder is never opened again after a crash, but deleted (DeleteFolder) and filled from
//     a checkpoint. Nor can RocksDB be trusted to see that a file is missing, short or another database's: Restore
//     compares every file with the size and hash that were recorded when it was made.
//
// Errors: kDataLoss what is on the disk is not what was written; kAborted this process is dead; kResourceExhausted the
// disk is full; kUnavailable the disk fails. Each names the folder and, where it is one file, the file. After a job or a
// flush has failed RocksDB refuses all writes: the owner fails its task, and a new database is made from a checkpoint.
// A failed check inside of an environment call does not unwind RocksDB's frames: it is kept, the call fails, and the check
// fails again when RocksDB has returned.
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_DATABASE_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_DATABASE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/env/env.h"

namespace rocksdb {
class ColumnFamilyHandle;
class CompactionFilter;
class DB;
class Iterator;
class Status;
class WriteBatch;
}  // namespace rocksdb

namespace weir {

struct RocksOptions {
  // In the LocalStore: "rocksdb/attempt-3/sum-0". No other database is at, below or above it.
  std::string folder;
  // Names this opening among all of the run: "job attempt operator subtask". Its files carry a hash of it, by which the
  // block cache tells files apart, those restored from another database too.
  std::string identity;

  uint64_t write_buffer_bytes = 64ull << 20;  // of each family
  uint32_t write_buffers_max = 2;             // flushes of a family that may wait
  uint64_t block_bytes = 4096;
  uint64_t target_file_bytes = 64ull << 20;
  uint64_t level_base_bytes = 256ull << 20;
  uint32_t level0_files_compaction = 4;
  uint32_t level0_files_slowdown = 20;  // from so many on, writers are slowed down
  bool is_compacting = true;
  // The filter of a family (also of "default"), asked when the family is opened; null for none. It outlives the database,
  // and fails no check: that would unwind RocksDB's frames.
  std::function<const rocksdb::CompactionFilter*(absl::string_view family)> filter_of;
};

// A file of a database as it was when it was made.
struct RocksFile {
  std::string name;  // within the folder: "000012.sst"
  uint64_t size = 0;
  uint64_t hash = 0;  // StableHash64 of the content
  bool operator==(const RocksFile&) const = default;
};

class RocksDatabase {
 public:
  using OnJob = absl::AnyInvocable<void()>;

  // kAlreadyExists: the folder holds files.
  static absl::StatusOr<std::unique_ptr<RocksDatabase>> Create(Env& env, RocksOptions options, OnJob on_job);
  // `files` are what Checkpoint returned; the owner has written their content into the folder. kDataLoss: the folder does
  // not hold exactly these. All families that they contain are open afterwards.
  static absl::StatusOr<std::unique_ptr<RocksDatabase>> Restore(Env& env, RocksOptions options,
                                                                const std::vector<RocksFile>& files,
                                                                OnJob on_job);
  // REQUIRES: every iterator and snapshot of it is gone.
  ~RocksDatabase();
  RocksDatabase(const RocksDatabase&) = delete;
  RocksDatabase& operator=(const RocksDatabase&) = delete;

  // Ends the database, running or dropping its jobs; what is not flushed is lost. Once; afterwards only the destructor
  // may be called. REQUIRES: as the destructor.
  absl::Status Close();
  // Deletes every file of a folder.
  static absl::Status DeleteFolder(LocalStore& disk, absl::string_view folder);

  // --- Families. A handle lives as long as the database.
  // Creates it if there is none. "default" always exists.
  absl::StatusOr<rocksdb::ColumnFamilyHandle*> Family(const std::string& name);
  std::vector<std::string> FamilyNames() const;  // sorted

  // --- Access.
  absl::Status Put(rocksdb::ColumnFamilyHandle* family, absl::string_view key, absl::string_view value);
  // Appends: existing + ',' + value.
  absl::Status Merge(rocksdb::ColumnFamilyHandle* family, absl::string_view key, absl::string_view value);
  absl::Status Delete(rocksdb::ColumnFamilyHandle* family, absl::string_view key);
  // All or nothing.
  absl::Status Write(rocksdb::WriteBatch* batch);
  // False if there is no such key; *value is then unchanged.
  absl::StatusOr<bool> Get(rocksdb::ColumnFamilyHandle* family, absl::string_view key, std::string* value);
  // Sees the state of this moment as long as it lives. After each step that is not Valid(), ask Check(*iterator).
  std::unique_ptr<rocksdb::Iterator> NewIterator(rocksdb::ColumnFamilyHandle* family);
  absl::Status Check(const rocksdb::Iterator& iterator);

  // For what the calls above lack. A write with its log (WriteOptions::disableWAL false) is not allowed.
  rocksdb::DB* db();
  // So many bytes of keys and values were written on db(). May begin a flush.
  absl::Status NoteWritten(rocksdb::ColumnFamilyHandle* family, uint64_t bytes);
  // What a call on db() returned, as ours. OK and NotFound: OK and kNotFound.
  absl::Status ToStatus(const rocksdb::Status& status);

  // --- Jobs.
  size_t jobs() const;
  // Runs the oldest job to its end; no effect if there is none (a stall or Close was faster). Whether the job failed is
  // seen by the next write or flush.
  void RunJob();
  // Begins and ends the flush of everything, and runs flushes that were waiting. Compactions stay queued.
  absl::Status Flush();

  // --- Files.
  // Flushes, then makes links to all files that make up the database of this moment in `folder` (of the same disk, not
  // within the database's own), which the owner deletes when it has read them. Sorted by name.
  absl::StatusOr<std::vector<RocksFile>> Checkpoint(const std::string& folder);
  // The tables (*.sst) of this moment, sorted by name.
  absl::StatusOr<std::vector<RocksFile>> LiveTables();
  // Reads a file of such a folder. kDataLoss: it is not what was recorded.
  static absl::StatusOr<std::string> ReadFile(LocalStore& disk, absl::string_view folder,
                                              const RocksFile& file);

 private:
  struct State;
  explicit RocksDatabase(std::unique_ptr<State> state);
  absl::Status Open(bool is_new);
  absl::StatusOr<rocksdb::ColumnFamilyHandle*> CreateFamily(const std::string& name);
  absl::Status BeginFlush(rocksdb::ColumnFamilyHandle* family);
  // Outside of RocksDB's frames again: fails a check that was kept, tells the owner of new jobs.
  void Settle();
  // The end of each call.
  absl::Status Finish(const rocksdb::Status& status);

  std::unique_ptr<State> state_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_ROCKSDB_DATABASE_H_
