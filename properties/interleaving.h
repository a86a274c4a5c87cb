// Licensed under the Apache License, Version 2.0.
//
// Is there a legal order that explains what one key's output was? Records of one split keep their order; how the splits
// interleave is free. A search over merges that tries orders depth first, remembers dead ends, and gives up at a bound
// instead of guessing.
#ifndef WEIR_PROPERTIES_INTERLEAVING_H_
#define WEIR_PROPERTIES_INTERLEAVING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "properties/sequential_model.h"

namespace weir::properties {

struct KeyHistory {
  std::vector<std::vector<std::string>> inputs;  // by split: the values of this key, in their order
  std::vector<std::string> outputs;              // as committed, in the order of the topic
};

enum class Explanation : uint8_t { kExplained, kImpossible, kGaveUp };

// `complete`: every input took effect and every output is there. Otherwise the outputs of an unknown suffix of the
// inputs are pending. `steps` bounds the search and is reduced by what it took.
//
// First in the order in which the outputs were committed; then, since transactions may be committed out of order, as a
// multiset.
Explanation Explain(const SequentialModel& model, const KeyHistory& history, bool complete, uint64_t* steps);

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_INTERLEAVING_H_
