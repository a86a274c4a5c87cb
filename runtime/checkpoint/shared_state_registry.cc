#include "runtime/checkpoint/shared_state_registry.h"

#include <algorithm>
#include <utility>

namespace weir {

SharedStateRegistry::Keys SharedStateRegistry::KeysOf(const CheckpointMetadata& metadata) {
  Keys keys;
  for (const OperatorState& state : metadata.operators) {
    for (const SubtaskState& subtask : state.subtasks) {
      for (const NamedStream& file : subtask.managed_keyed.shared) {
        if (file.stream.kind == StreamHandle::Kind::kFile) keys.insert(file.stream.path);
      }
    }
  }
  return keys;
}

SharedStateRegistry::Keys SharedStateRegistry::Unregister(CheckpointId checkpoint) {
  const auto found = keys_.find(checkpoint);
  if (found == keys_.end()) return {};
  Keys keys = std::move(found->second);
  keys_.erase(found);
  return keys;
}

bool SharedStateRegistry::IsNamed(absl::string_view key) const {
  return std::any_of(keys_.begin(), keys_.end(),
                     [&](const auto& entry) { return entry.second.find(key) != entry.second.end(); });
}

}  // namespace weir
