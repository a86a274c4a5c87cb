// Licensed under the Apache License, Version 2.0.
//
// Takes the place of pthread_cond_wait and pthread_cond_timedwait in every program that links the RocksDB backend. On a
// thread that holds databases nobody else could ever signal: a wait there runs a queued job of RocksDB instead, with the
// waiter's mutex released, and returns (a spurious wake-up, which every caller must expect). On all other threads, and
// while a thread holds no database, waits are the C library's.
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_INTERPOSE_WAIT_HOOK_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_INTERPOSE_WAIT_HOOK_H_

#include <string>

namespace weir {

// One database. Belongs to the thread that made it.
class WaitHandler {
 public:
  // From now on, until destroyed, waits on this thread are not the C library's.
  WaitHandler();
  virtual ~WaitHandler();
  WaitHandler(const WaitHandler&) = delete;
  WaitHandler& operator=(const WaitHandler&) = delete;

  // Runs one queued job; false if there is none.
  virtual bool RunQueued() = 0;
  // RocksDB waited where it must not, outside of every WaitScope. Must not throw.
  virtual void OnStrayWait() = 0;
  // A wait with a time limit has nothing to run: the time passes.
  virtual void PassTime() = 0;
  // What RocksDB is to call the session that it opens.
  virtual std::string SessionId() const = 0;

 private:
  friend class StrayWait;
  WaitHandler* next_;  // of the same thread
};

// While it lives, waits run the jobs of this one. They nest.
class WaitScope {
 public:
  explicit WaitScope(WaitHandler& handler);
  ~WaitScope();
  WaitScope(const WaitScope&) = delete;
  WaitScope& operator=(const WaitScope&) = delete;
  // Of the innermost scope on this thread; nullptr outside of all.
  static WaitHandler* current();

 private:
  WaitHandler* const outer_;
};

// That the functions of this file are the ones which libraries of this process call.
bool IsWaitHookInPlace();

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_ROCKSDB_INTERPOSE_WAIT_HOOK_H_
