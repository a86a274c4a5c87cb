// Licensed under the Apache License, Version 2.0.
//
// RocksDB's file system: files of a LocalStore. What RocksDB appends is hashed on the way, so that there is a record of
// what each file must be, whatever the disk makes of it.
//
// Fault model: that of LocalStore. Every error is a plain I/O error for RocksDB; of a full disk too, since RocksDB answers
// that one with a thread. Locks are not files, and the OPTIONS files are refused: nobody reads them, and opening a
// database without takes a fifth of the time.
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_BRIDGE_FILE_SYSTEM_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_BRIDGE_FILE_SYSTEM_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "rocksdb/file_system.h"
#include "runtime/base/stable_hash.h"
#include "runtime/state/rocksdb/env_gate.h"

namespace weir {

class BridgeFileSystem final : public rocksdb::FileSystem {
 public:
  // What was written to a file.
  struct Content {
    uint64_t size = 0;
    uint64_t hash = 0;
  };

  // `gate` outlives it.
  explicit BridgeFileSystem(EnvGate& gate) : gate_(gate) {}

  // nullopt: not written here, nor told of by SetContent, or deleted.
  std::optional<Content> ContentOf(const std::string& path) const;
  void SetContent(const std::string& path, Content content);
  // Appended so far, by all files.
  uint64_t written() const { return written_; }
  // The file that was opened last to be read, or "": where RocksDB stood when opening a database failed.
  const std::string& last_opened() const { return last_opened_; }

  const char* Name() const override { return "WeirFileSystem"; }
  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus FileExists(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetChildren(const std::string& path, const rocksdb::IOOptions& options,
                                std::vector<std::string>* result, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFileSize(const std::string& path, const rocksdb::IOOptions& options, uint64_t* size,
                                rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFileModificationTime(const std::string& path, const rocksdb::IOOptions& options,
                                            uint64_t* seconds, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                             const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LockFile(const std::string& path, const rocksdb::IOOptions& options,
                             rocksdb::FileLock** lock, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus UnlockFile(rocksdb::FileLock* lock, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetAbsolutePath(const std::string& path, const rocksdb::IOOptions& options,
                                    std::string* result, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetTestDirectory(const rocksdb::IOOptions& options, std::string* path,
                                     rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewLogger(const std::string& path, const rocksdb::IOOptions& options,
                              std::shared_ptr<rocksdb::Logger>* result,
                              rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus IsDirectory(const std::string& path, const rocksdb::IOOptions& options, bool* result,
                                rocksdb::IODebugContext* debug) override;
  // Folders need not be made.
  rocksdb::IOStatus CreateDir(const std::string&, const rocksdb::IOOptions&,
                              rocksdb::IODebugContext*) override {
    return rocksdb::IOStatus::OK();
  }
  rocksdb::IOStatus CreateDirIfMissing(const std::string&, const rocksdb::IOOptions&,
                                       rocksdb::IODebugContext*) override {
    return rocksdb::IOStatus::OK();
  }
  rocksdb::IOStatus DeleteDir(const std::string&, const rocksdb::IOOptions&,
                              rocksdb::IODebugContext*) override {
    return rocksdb::IOStatus::OK();
  }

 private:
  class SequentialFile;
  class RandomAccessFile;
  class WritableFile;
  class Directory;
  struct Written {
    Content content;
    std::optional<StableHasher64> hasher;  // while it is open
  };

  EnvGate& gate_;
  std::map<std::string, Written> files_;  // by path
  uint64_t written_ = 0;
  std::string last_opened_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_ROCKSDB_BRIDGE_FILE_SYSTEM_H_
