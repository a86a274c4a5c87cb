// Licensed under the Apache License, Version 2.0.
//
// Which files that several checkpoints may name are named by the retained ones. A set, not a count: a checkpoint may be
// registered as often as one likes, so a leader that took over registers what is retained and goes on. Pure.
//
// Who may delete such a file is decided by MayDeleteSharedFile (decisions.h).
#ifndef WEIR_RUNTIME_CHECKPOINT_SHARED_STATE_REGISTRY_H_
#define WEIR_RUNTIME_CHECKPOINT_SHARED_STATE_REGISTRY_H_

#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "runtime/base/ids.h"
#include "runtime/format/metadata.h"

namespace weir {

class SharedStateRegistry {
 public:
  using Keys = std::set<std::string, std::less<>>;  // in the object store

  // The files that a checkpoint names besides those in its own folder.
  static Keys KeysOf(const CheckpointMetadata& metadata);

  void Register(CheckpointId checkpoint, Keys keys) { keys_[checkpoint] = std::move(keys); }
  // What it named; empty if it was not registered.
  Keys Unregister(CheckpointId checkpoint);
  bool IsRegistered(CheckpointId checkpoint) const { return keys_.count(checkpoint) != 0; }
  bool IsNamed(absl::string_view key) const;

 private:
  std::map<CheckpointId, Keys> keys_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_CHECKPOINT_SHARED_STATE_REGISTRY_H_
