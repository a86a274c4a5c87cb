// Licensed under the Apache License, Version 2.0.
//
// output-invariant: what a scenario computes in the end does not depend on backend, parallelism, buffers, schedule or
// faults. It needs no model of the job, only a way to reduce inputs and outputs to facts that order cannot change (the
// final total of each account), and compares the two. Judged when the run has drained; before that, outputs are pending.
#ifndef WEIR_PROPERTIES_OUTPUT_INVARIANT_H_
#define WEIR_PROPERTIES_OUTPUT_INVARIANT_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "properties/property.h"

namespace weir::properties {

// Facts by what they are about: "account 17" -> "count 4, total -120". Both functions must not depend on the order of
// records of different splits or partitions.
using Facts = std::map<std::string, std::string>;

struct OutputInvariantOptions {
  std::string where;                                      // uid of the sink or function that is judged
  std::function<Facts(const Outside& outside)> expected;  // from the source topics
  std::function<Facts(const Outside& outside)> observed;  // from the sink topics or the database
};
PropertyFactory MakeOutputInvariant(OutputInvariantOptions options);

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_OUTPUT_INVARIANT_H_
