// Licensed under the Apache License, Version 2.0.
//
// What the bundled scenarios should compute, one record after the other: nothing here knows of streams, state or time.
// Values and outputs are text, so that a verdict can show them.
#ifndef WEIR_SCENARIOS_REFERENCE_MODELS_H_
#define WEIR_SCENARIOS_REFERENCE_MODELS_H_

#include <memory>
#include <string>
#include <vector>

#include "properties/sequential_model.h"

namespace weir::scenarios {

// account-totals: a transaction emits how many there were on its account and what they add up to ("4 -120").
std::unique_ptr<properties::SequentialModel> MakeRunningTotalModel();

// count-window-average: every second reading of a sensor emits the average of the two, rounded toward zero ("17").
std::unique_ptr<properties::SequentialModel> MakeCountWindowModel();

// word-count: a word emits how often it was there ("3").
std::unique_ptr<properties::SequentialModel> MakeWordCountModel();

// The words of a line: runs of letters, digits, apostrophes and bytes beyond ASCII; ASCII letters in lower case.
std::vector<std::string> ReferenceWords(absl::string_view line);

}  // namespace weir::scenarios

#endif  // WEIR_SCENARIOS_REFERENCE_MODELS_H_
