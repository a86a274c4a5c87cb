// Licensed under the Apache License, Version 2.0.
//
// Names a side output and the type of what it carries, as a constant of the program:
//
//   inline constexpr weir::OutputTag<Payment> kLate{"late"};
//
// A process function emits with context.Output(kLate, payment), and stream.GetSideOutput(kLate) reads it. What nobody
// reads is dropped.
#ifndef WEIR_RUNTIME_OPERATORS_OUTPUT_TAG_H_
#define WEIR_RUNTIME_OPERATORS_OUTPUT_TAG_H_

#include "absl/strings/string_view.h"

namespace weir {

template <typename T>
struct OutputTag {
  using ElementType = T;
  absl::string_view name;  // must outlive the job: a literal
  constexpr explicit OutputTag(absl::string_view n) : name(n) {}
};

}  // namespace weir

#endif  // WEIR_RUNTIME_OPERATORS_OUTPUT_TAG_H_
