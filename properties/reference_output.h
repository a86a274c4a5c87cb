// Licensed under the Apache License, Version 2.0.
//
// committed-output-equals-reference: what was committed for each key is what a sequential reference computes for *some*
// legal interleaving of the splits. Which one the job chose is its freedom; a value that no order gives is not.
#ifndef WEIR_PROPERTIES_REFERENCE_OUTPUT_H_
#define WEIR_PROPERTIES_REFERENCE_OUTPUT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "properties/property.h"
#include "properties/sequential_model.h"

namespace weir::properties {

struct ReferenceOutputOptions {
  std::function<std::unique_ptr<SequentialModel>()> model;
  std::vector<std::string> source_topics;
  std::string sink_topic;
  std::string sink_uid;
  // Of the search, over all keys of a run. Past it the verdict is "not judged", with the key.
  uint64_t steps_max = 2'000'000;
};
PropertyFactory MakeReferenceOutput(ReferenceOutputOptions options);

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_REFERENCE_OUTPUT_H_
