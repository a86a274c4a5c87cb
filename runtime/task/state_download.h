// Licensed under the Apache License, Version 2.0.
//
// Reads every state file that a descriptor names, each once, trying again while the store is unavailable. What cannot be
// read is an answer as well: whose state that is, its reader says.
#ifndef WEIR_RUNTIME_TASK_STATE_DOWNLOAD_H_
#define WEIR_RUNTIME_TASK_STATE_DOWNLOAD_H_

#include <map>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "runtime/checkpoint/operator_snapshot.h"
#include "runtime/env/env.h"

namespace weir {

class StateDownload {
 public:
  using Files = std::map<std::string, absl::StatusOr<std::string>>;  // by path
  using Done = absl::AnyInvocable<void(Files)>;

  // `env` outlives it. The answer comes as an event of `actor`, or at once if there is nothing to read.
  StateDownload(Env& env, ActorId actor, Duration retry_delay)
      : env_(env), actor_(actor), retry_delay_(retry_delay) {}
  void Start(const std::vector<OperatorSnapshot>& state, Done done);
  void AppendWaits(const std::string& who, std::vector<Wait>* waits) const;

 private:
  void Get(const std::string& path);

  Env& env_;
  const ActorId actor_;
  const Duration retry_delay_;
  Files files_;
  size_t missing_ = 0;
  Done done_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_TASK_STATE_DOWNLOAD_H_
