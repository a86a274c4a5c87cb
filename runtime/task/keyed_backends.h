// Licensed under the Apache License, Version 2.0.
//
// The keyed backend of a subtask, as the job is configured: of one kind, or of two in lockstep (weir.state.lockstep).
#ifndef WEIR_RUNTIME_TASK_KEYED_BACKENDS_H_
#define WEIR_RUNTIME_TASK_KEYED_BACKENDS_H_

#include <memory>

#include "runtime/operators/operator_context.h"
#include "runtime/task/job_config.h"
#include "runtime/task/job_graph.h"

namespace weir {

// REQUIRES: `head` is keyed. `head`, `config` and what `context` points to outlive the backend.
std::unique_ptr<KeyedStateBackend> MakeKeyedBackend(const OperatorNode& head, const JobConfig& config,
                                                    const OperatorContext& context);

}  // namespace weir

#endif  // WEIR_RUNTIME_TASK_KEYED_BACKENDS_H_
