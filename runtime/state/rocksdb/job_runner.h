// Licensed under the Apache License, Version 2.0.
//
// Runs the jobs of one database as events of an actor of their own, so that a flush delays the next flush and not the
// records of the subtask. Each job begins after a drawn delay (DrawSite::kStateJobDelay, keyed by the identity).
//
//   JobRunner runner(env, options.identity);
//   auto database = RocksDatabase::Create(env, options, runner.OnJob());
//   runner.Serve(database->get());   // jobs queued while it was opened are run from here on
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_JOB_RUNNER_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_JOB_RUNNER_H_

#include <string>

#include "absl/functional/any_invocable.h"
#include "runtime/env/env.h"

namespace weir {

class RocksDatabase;

class JobRunner : public Actor {
 public:
  // `env` outlives it. `identity` is the database's.
  JobRunner(Env& env, std::string identity);
  // Ends nothing by itself: call Stop first unless the process is dead.
  ~JobRunner() override = default;
  JobRunner(const JobRunner&) = delete;
  JobRunner& operator=(const JobRunner&) = delete;

  // The callback for the database. The runner outlives the database.
  absl::AnyInvocable<void()> OnJob();
  void Serve(RocksDatabase* database);
  // No job runs any more. Before the database goes, while the process lives.
  void Stop();

  std::string Describe() const override;

 private:
  void Post();

  Env& env_;
  const std::string identity_;
  const uint64_t key_;
  ActorId actor_;
  RocksDatabase* database_ = nullptr;
  uint64_t posted_ = 0;
  uint64_t waiting_ = 0;  // queued before Serve
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_ROCKSDB_JOB_RUNNER_H_
