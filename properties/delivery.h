// Licensed under the Apache License, Version 2.0.
//
// The two promises about delivery, judged from one reading of the ledger (ledger.h).
//   exactly-once    every record of a source is applied once by every stateful operator and committed once by every
//                   transactional sink; a plain sink has it at least once
//   at-least-once   none is lost anywhere; duplicates are legal
// Both look at effects that survive, never at invocations. Records behind the newest completed checkpoint are pending.
#ifndef WEIR_PROPERTIES_DELIVERY_H_
#define WEIR_PROPERTIES_DELIVERY_H_

#include <memory>

#include "properties/property.h"

namespace weir::properties {

std::unique_ptr<Property> MakeExactlyOnce();
std::unique_ptr<Property> MakeAtLeastOnce();

}  // namespace weir::properties

#endif  // WEIR_PROPERTIES_DELIVERY_H_
