// Licensed under the Apache License, Version 2.0.
//
// Where does a value end whose C++ type is not known? State that a snapshot holds and the program no longer asks for is
// carried on as bytes: its serializer's snapshot says how the values lie.
#ifndef WEIR_RUNTIME_TYPES_VALUE_SKIPPER_H_
#define WEIR_RUNTIME_TYPES_VALUE_SKIPPER_H_

#include "absl/status/status.h"
#include "runtime/base/codec.h"
#include "runtime/types/serializer_snapshot.h"

namespace weir {

// Moves `reader` behind one value. kDataLoss for bytes that cannot be one; kUnimplemented, naming the serializer, where
// the layout is not known (Java serialisation, subclasses of a POJO).
absl::Status SkipValue(const SerializerSnapshot& snapshot, ByteReader& reader);

}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_VALUE_SKIPPER_H_
