// Licensed under the Apache License, Version 2.0.
//
// watermark-monotonic: event time never goes back. Within one execution of a subtask every watermark that it handles is
// larger than the one before; a new execution begins again at the minimum, since watermarks are not part of a snapshot.
#ifndef WEIR_PROPERTIES_WATERMARK_MONOTONIC_H_
#define WEIR_PROPERTIES_WATERMARK_MONOTONIC_H_

#include <memory>

#include "properties/property.h"

namespace weir::properties {

std::unique_ptr<Property> MakeWatermarkMonotonic();

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_WATERMARK_MONOTONIC_H_
