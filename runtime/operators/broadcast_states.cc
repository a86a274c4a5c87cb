#include "runtime/operators/broadcast_states.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "runtime/base/status.h"
#include "runtime/state/state_name.h"

namespace weir {
namespace {

std::string Describe(absl::string_view name, const TypeSerializer& key, const TypeSerializer& value) {
  return absl::StrCat(name, " (", key.TypeName(), " to ", value.TypeName(), ")");
}

}  // namespace

absl::Status BroadcastStates::Open(OperatorStateBackend& backend) {
  backend_ = &backend;
  for (const BroadcastDeclaration& declared : declared_) {
    WEIR_RETURN_IF_ERROR(CheckStateName(declared.name));
    WEIR_ASSIGN_OR_RETURN(void* const state, declared.obtain(backend, declared.name));
    states_.push_back(state);
  }
  return absl::OkStatus();
}

absl::Status BroadcastStates::NotDeclared(absl::string_view name, const TypeSerializer& key,
                                          const TypeSerializer& value) const {
  std::string known;
  for (const BroadcastDeclaration& declared : declared_) {
    absl::StrAppend(&known, known.empty() ? "" : ", ",
                    Describe(declared.name, *declared.key, *declared.value));
  }
  return absl::FailedPreconditionError(absl::StrCat("broadcast state ", Describe(name, key, value),
                                                    " was not declared: the stream was broadcast with ",
                                                    known, "; add it to Broadcast(...)"));
}

}  // namespace weir
