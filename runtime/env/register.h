// Licensed under the Apache License, Version 2.0.
//
// The replicated register (a ZooKeeper node, an etcd key): small values with versions, changed by compare-and-set.
// High availability rests on it: leadership, and the pointer to the latest checkpoint. Linearizable; a lost response
// is kUnavailable and the swap may have been applied.
#ifndef WEIR_RUNTIME_ENV_REGISTER_H_
#define WEIR_RUNTIME_ENV_REGISTER_H_

#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "runtime/base/ids.h"

namespace weir {

struct Versioned {
  uint64_t version = 0;  // 0: the key was never set
  std::string value;
};

class Register {
 public:
  virtual ~Register() = default;
  using Got = absl::AnyInvocable<void(absl::StatusOr<Versioned>)>;
  // The current value; version 0 and an empty value if never set.
  virtual void Read(ActorId actor, std::string key, Got got) = 0;
  // Sets `value` if the version is still `expected`. Answers the new version and value, or kAborted if it was not.
  virtual void CompareAndSet(ActorId actor, std::string key, uint64_t expected, std::string value,
                             Got got) = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_ENV_REGISTER_H_
