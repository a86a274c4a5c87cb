// Licensed under the Apache License, Version 2.0.
//
// What is not in RocksDB's installed headers, or differs between its releases. Debian builds it with its own test points
// compiled in, and those are how it is made deterministic:
//   * the name of a session, random by default, which is written into every table;
//   * the periodic task scheduler, a thread of its own;
//   * the random generator of the thread, seeded by the thread's address.
//
// 7.8 and 9.10 differ in nothing that we use. 6.11 has neither test points nor what they are needed for, and lacks the
// virtual functions that are declared here for it, so that the bridge is written once; it is built without run-time type
// information, which whoever derives from its classes must be too.
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_ROCKSDB_COMPAT_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_ROCKSDB_COMPAT_H_

#include <memory>
#include <string>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/options.h"
#include "rocksdb/status.h"
#include "rocksdb/version.h"
#if ROCKSDB_MAJOR >= 7
#include "rocksdb/system_clock.h"
#endif

namespace weir {

#if ROCKSDB_MAJOR >= 7
using RocksClock = rocksdb::SystemClock;
using RocksDirectory = rocksdb::FSDirectory;
#else
class RocksClock {
 public:
  virtual ~RocksClock() = default;
  virtual const char* Name() const = 0;
  virtual uint64_t NowMicros() = 0;
  virtual uint64_t NowNanos() = 0;
  virtual void SleepForMicroseconds(int micros) = 0;
  virtual rocksdb::Status GetCurrentTime(int64_t* seconds) = 0;
  virtual std::string TimeToString(uint64_t seconds) = 0;
};
class RocksDirectory : public rocksdb::FSDirectory {
 public:
  virtual rocksdb::IOStatus Close(const rocksdb::IOOptions&, rocksdb::IODebugContext*) = 0;
};
#endif

// An environment on this file system and clock.
class RocksEnv : public rocksdb::EnvWrapper {
 public:
  RocksEnv(const std::shared_ptr<rocksdb::FileSystem>& files, const std::shared_ptr<RocksClock>& clock);
  ~RocksEnv() override;
#if ROCKSDB_MAJOR < 7
  virtual const char* Name() const = 0;
  virtual int ReserveThreads(int count, Priority priority) = 0;
  virtual int ReleaseThreads(int count, Priority priority) = 0;
  virtual rocksdb::Status LowerThreadPoolCPUPriority(Priority priority, rocksdb::CpuPriority to) = 0;
#endif

 protected:
  RocksClock& clock() const { return *clock_; }

 private:
#if ROCKSDB_MAJOR < 7
  RocksEnv(std::unique_ptr<rocksdb::Env> target, const std::shared_ptr<RocksClock>& clock);
  const std::unique_ptr<rocksdb::Env> target_;
#endif
  const std::shared_ptr<RocksClock> clock_;
};

// Switches off what would start a thread or write the machine's name into tables.
void SwitchOffThreadsAndNames(rocksdb::DBOptions* options);

// While it lives, on the thread that made it, a database that is opened takes its session's name from
// WaitScope::current() and starts no thread. Its random draws begin anew from `seed`.
class DeterministicOpening {
 public:
  explicit DeterministicOpening(uint32_t seed);
  ~DeterministicOpening();
  DeterministicOpening(const DeterministicOpening&) = delete;
  DeterministicOpening& operator=(const DeterministicOpening&) = delete;
};

// The session name that stands for `identity`: 20 digits in base 36, as RocksDB reads them.
std::string SessionIdOf(const std::string& identity);

// The operator under the name that Flink's databases carry: existing + ',' + value.
std::shared_ptr<rocksdb::MergeOperator> MakeAppendOperator();

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_ROCKSDB_ROCKSDB_COMPAT_H_
