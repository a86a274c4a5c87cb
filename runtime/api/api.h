// Licensed under the Apache License, Version 2.0.
//
// What the author of a job includes.
#ifndef WEIR_RUNTIME_API_API_H_
#define WEIR_RUNTIME_API_API_H_

#include "runtime/api/connected_streams.h"            // IWYU pragma: export
#include "runtime/api/connectors.h"                   // IWYU pragma: export
#include "runtime/api/data_stream.h"                  // IWYU pragma: export
#include "runtime/api/environment.h"                  // IWYU pragma: export
#include "runtime/operators/checkpointed_function.h"  // IWYU pragma: export
#include "runtime/operators/functions.h"              // IWYU pragma: export
#include "runtime/state/state_descriptor.h"           // IWYU pragma: export
#include "runtime/state/value_state.h"                // IWYU pragma: export
#include "runtime/types/date_time.h"                  // IWYU pragma: export
#include "runtime/types/type_of.h"                    // IWYU pragma: export

#endif  // WEIR_RUNTIME_API_API_H_
