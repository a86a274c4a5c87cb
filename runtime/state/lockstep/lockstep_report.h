// Licensed under the Apache License, Version 2.0.
//
// What the keyed backends of a job in lockstep were found to answer. Belongs to whoever runs the job and looks at it
// afterwards; it outlives every process, and no process reads it.
#ifndef WEIR_RUNTIME_STATE_LOCKSTEP_LOCKSTEP_REPORT_H_
#define WEIR_RUNTIME_STATE_LOCKSTEP_LOCKSTEP_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>

namespace weir {

struct LockstepReport {
  struct Difference {
    std::string operator_uid;
    std::string state;    // "" if it is of the backend as a whole
    std::string message;  // operator, state, key, operation and both answers, in one sentence
  };
  uint64_t compared = 0;  // answers, and entries of snapshots, that two backends gave and that were equal
  std::optional<Difference> first;  // of all subtasks and attempts
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_LOCKSTEP_LOCKSTEP_REPORT_H_
