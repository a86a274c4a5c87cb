// Licensed under the Apache License, Version 2.0.
//
// What travels on a data connection, and how it lies in a message body. The first byte says which:
//   kBuffer        elements, one after another: i32 length of the rest, u8 tag, then
//                    kTimestampedRecord  i64 timestamp, value      kRecord    value
//                    kWatermark          i64 timestamp             kStatus    i32 0 active | -1 idle
//   kBarrier       u64 checkpoint: everything before it belongs to the checkpoint, nothing after it does
//   kCancelMarker  u64 checkpoint: no barrier of it will come
//   kAccepted      from a producer to a consumer that asked for its output: the output is yours
//   kCredit        u32 buffers, from consumer to producer: so many more may be sent
// Element tags are Flink's. An element never spans two buffers. Only buffers need credit.
// The lane of a buffer has 16 bytes (high, low; big-endian) for each record in it, or none at all if the ledger is off.
#ifndef WEIR_RUNTIME_STREAM_ELEMENT_H_
#define WEIR_RUNTIME_STREAM_ELEMENT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "runtime/base/ids.h"
#include "runtime/base/stable_hash.h"
#include "runtime/base/time.h"

namespace weir {

// What rides with a record beside its value. EventTime::Min(): it has no timestamp.
struct RecordMeta {
  EventTime timestamp;
  Hash128 identity;
};

enum class DataMessage : uint8_t {
  kBuffer = 0,
  kBarrier = 1,
  kCancelMarker = 2,
  kAccepted = 3,
  kCredit = 4,
};

enum class ElementTag : uint8_t {
  kTimestampedRecord = 0,
  kRecord = 1,
  kWatermark = 2,
  kStatus = 4,
};

inline constexpr size_t kElementHeaderBytes = 5;
inline constexpr size_t kIdentityBytes = 16;

// kBarrier and kCancelMarker.
std::string EncodeCheckpointMessage(DataMessage kind, CheckpointId checkpoint);
std::string EncodeCredit(uint32_t buffers);
std::string EncodeAccepted();

}  // namespace weir

#endif  // WEIR_RUNTIME_STREAM_ELEMENT_H_
