// Licensed under the Apache License, Version 2.0.
//
// What a state of a user's function may be called.
#ifndef WEIR_RUNTIME_STATE_STATE_NAME_H_
#define WEIR_RUNTIME_STATE_STATE_NAME_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace weir {

// kInvalidArgument, with the name (escaped, if it is no text): it is empty, no text in UTF-8, too long for a snapshot's
// header, or begins like the names of what the engine keeps beside (timers, as in Flink, and the ledger of the oracle).
absl::Status CheckStateName(absl::string_view name);

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_STATE_NAME_H_
