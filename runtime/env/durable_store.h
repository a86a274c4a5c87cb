// Licensed under the Apache License, Version 2.0.
//
// The object store that checkpoints live in. Each request is atomic and, once applied, durable and seen by every later
// request (read after write). A failed request may have been applied: kUnavailable means "ask again", and a retried
// put-if-absent may meet its own first try as kAlreadyExists.
#ifndef WEIR_RUNTIME_ENV_DURABLE_STORE_H_
#define WEIR_RUNTIME_ENV_DURABLE_STORE_H_

#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "runtime/base/ids.h"

namespace weir {

// `unbilled` trailing bytes cost no bandwidth: the witness of the delivery ledger, so that judging a run does not
// change its timing.
struct Blob {
  std::string bytes;
  uint64_t unbilled = 0;
};

enum class PutMode { kOverwrite, kIfAbsent };

// Every callback runs once, as an event of `actor`, never inside the call; not at all if the process or actor is gone.
class DurableStore {
 public:
  virtual ~DurableStore() = default;
  using Done = absl::AnyInvocable<void(absl::Status)>;
  using Got = absl::AnyInvocable<void(absl::StatusOr<Blob>)>;
  using Listed = absl::AnyInvocable<void(absl::StatusOr<std::vector<std::string>>)>;

  // kAlreadyExists under kIfAbsent.
  virtual void Put(ActorId actor, std::string key, const Blob& blob, PutMode mode, Done done) = 0;
  // kNotFound; kDataLoss if what lies there is not what was put: the store keeps a checksum.
  virtual void Get(ActorId actor, std::string key, Got got) = 0;
  // OK if there was nothing.
  virtual void Delete(ActorId actor, std::string key, Done done) = 0;
  // The keys that begin with `prefix`, sorted.
  virtual void List(ActorId actor, std::string prefix, Listed listed) = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_ENV_DURABLE_STORE_H_
