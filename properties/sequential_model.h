// Licensed under the Apache License, Version 2.0.
//
// What a keyed job should compute, written for one record after the other: the reference against which its output is
// held. It shares no code with the engine. Pure: the same arguments give the same results.
#ifndef WEIR_PROPERTIES_SEQUENTIAL_MODEL_H_
#define WEIR_PROPERTIES_SEQUENTIAL_MODEL_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace weir::properties {

struct KeyedValue {
  std::string key;
  std::string value;
};

class SequentialModel {
 public:
  virtual ~SequentialModel() = default;

  // What one source record means: the keyed values that it becomes, in order. Records that the job drops give none.
  virtual std::vector<KeyedValue> Read(absl::string_view topic, absl::string_view record) const = 0;

  // One keyed value meets the state of its key ("" at first): appends what is emitted, returns the state after it.
  virtual std::string Step(absl::string_view state, absl::string_view value,
                           std::vector<std::string>* outputs) const = 0;

  // One committed record, taken apart into its key and the rest, as Step would have emitted it.
  virtual KeyedValue ReadOutput(absl::string_view record) const = 0;
};

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_SEQUENTIAL_MODEL_H_
