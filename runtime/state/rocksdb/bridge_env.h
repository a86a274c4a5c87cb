// Licensed under the Apache License, Version 2.0.
//
// RocksDB's environment: the file system and clock of the bridge, and a queue instead of threads. Schedule is called with
// the database's mutex held, so it can only queue; jobs run where RunOne is called.
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_BRIDGE_ENV_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_BRIDGE_ENV_H_

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/env.h"
#include "runtime/state/rocksdb/bridge_clock.h"
#include "runtime/state/rocksdb/bridge_file_system.h"
#include "runtime/state/rocksdb/env_gate.h"
#include "runtime/state/rocksdb/rocksdb_compat.h"

namespace weir {

class BridgeEnv final : public RocksEnv {
 public:
  // `identity` names the opening of the database.
  BridgeEnv(EnvGate& gate, std::shared_ptr<BridgeFileSystem> files, std::string identity);

  size_t queued() const { return jobs_.size(); }
  // Ever.
  uint64_t scheduled() const { return scheduled_; }
  // A flush is queued.
  bool HasFlush() const;
  enum class Pick { kOldest, kFlush };
  // Runs one job to its end, as a flush or compaction of the trace; false if there is none.
  bool RunOne(Pick pick);

  const char* Name() const override { return "WeirEnv"; }
  void Schedule(void (*function)(void*), void* argument, Priority priority, void* tag,
                void (*unschedule)(void*)) override;
  int UnSchedule(void* tag, Priority priority) override;
  void StartThread(void (*function)(void*), void* argument) override;
  void WaitForJoin() override {}
  unsigned int GetThreadPoolQueueLen(Priority priority) const override;
  int ReserveThreads(int, Priority) override { return 0; }
  int ReleaseThreads(int, Priority) override { return 0; }
  void SetBackgroundThreads(int, Priority) override {}
  int GetBackgroundThreads(Priority priority) override { return priority == BOTTOM ? 0 : 1; }
  void IncBackgroundThreadsIfNeeded(int, Priority) override {}
  void LowerThreadPoolIOPriority(Priority) override {}
  void LowerThreadPoolCPUPriority(Priority) override {}
  rocksdb::Status LowerThreadPoolCPUPriority(Priority, rocksdb::CpuPriority) override {
    return rocksdb::Status::OK();
  }
  rocksdb::Status GetHostName(char* name, uint64_t length) override;
  std::string GenerateUniqueId() override;
  uint64_t GetThreadID() const override { return 1; }
  rocksdb::Status GetThreadList(std::vector<rocksdb::ThreadStatus>*) override {
    return rocksdb::Status::NotSupported("there is one thread");
  }
  rocksdb::ThreadStatusUpdater* GetThreadStatusUpdater() const override { return nullptr; }
  uint64_t NowMicros() override { return clock().NowMicros(); }
  uint64_t NowNanos() override { return clock().NowNanos(); }
  uint64_t NowCPUNanos() override { return 0; }
  void SleepForMicroseconds(int micros) override { clock().SleepForMicroseconds(micros); }
  rocksdb::Status GetCurrentTime(int64_t* seconds) override { return clock().GetCurrentTime(seconds); }
  std::string TimeToString(uint64_t seconds) override { return clock().TimeToString(seconds); }

 private:
  struct Job {
    void (*function)(void*) = nullptr;
    void* argument = nullptr;
    Priority priority = LOW;
    void* tag = nullptr;
    void (*unschedule)(void*) = nullptr;
  };

  EnvGate& gate_;
  const std::shared_ptr<BridgeFileSystem> files_;
  const std::string identity_;
  const uint64_t key_;
  std::deque<Job> jobs_;
  uint64_t scheduled_ = 0;
  uint64_t run_ = 0;
  uint64_t unique_ids_ = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_ROCKSDB_BRIDGE_ENV_H_
