// Licensed under the Apache License, Version 2.0.
//
// What the delivery ledger keeps: nothing, counts and sums of record identities, or every identity.
#ifndef WEIR_RUNTIME_STREAM_LEDGER_MODE_H_
#define WEIR_RUNTIME_STREAM_LEDGER_MODE_H_

#include <cstdint>

namespace weir {

enum class LedgerMode : uint8_t { kOff, kSums, kSets };

}  // namespace weir

#endif  // WEIR_RUNTIME_STREAM_LEDGER_MODE_H_
