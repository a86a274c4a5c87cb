// Licensed under the Apache License, Version 2.0.
//
// backends-agree: with keyed state in two backends at once (weir.state.lockstep), every access is answered alike, and every
// snapshot holds the same. The engine compares, since only there both answers meet; what it found lies outside of it
// (Outside::Backends). Of a job without keyed operators it says nothing.
#ifndef WEIR_PROPERTIES_BACKENDS_AGREE_H_
#define WEIR_PROPERTIES_BACKENDS_AGREE_H_

#include <memory>

#include "properties/property.h"

namespace weir::properties {

inline constexpr absl::string_view kBackendsAgree = "backends-agree";

std::unique_ptr<Property> MakeBackendsAgree();

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_BACKENDS_AGREE_H_
