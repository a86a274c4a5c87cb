// Licensed under the Apache License, Version 2.0.
//
// What is not in RocksDB's installed headers, or differs between its releases. Debian builds it with its own test points
// compiled in, and those are how it is made deterministic:
//   * the name of a session, random by default, which is written into every table;
//   * the periodic task scheduler, a thread of its own;
//   * the random generator of the thread, seeded by the thread's address.
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_ROCKSDB_COMPAT_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_ROCKSDB_COMPAT_H_

#include <memory>
#include <string>

#include "rocksdb/merge_operator.h"
#include "rocksdb/options.h"
#include "rocksdb/status.h"

namespace weir {

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
