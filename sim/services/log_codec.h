// Licensed under the Apache License, Version 2.0.
//
// How log records travel: values in the body, identities in the lane, 16 bytes each, in the same
// order.
#ifndef WEIR_SIM_SERVICES_LOG_CODEC_H_
#define WEIR_SIM_SERVICES_LOG_CODEC_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/base/codec.h"
#include "runtime/env/log.h"

namespace weir::sim {

// Appends u32 count and the values to `body`, record by record; nothing else is written to it meanwhile.
class LogRecordsWriter {
 public:
  explicit LogRecordsWriter(ByteWriter& body);
  void Add(const LogRecord& record);
  // Once, after the last record: the lane.
  std::string Finish();

 private:
  ByteWriter& body_;
  const size_t begin_;
  uint32_t count_ = 0;
  ByteWriter lane_;
};
// All of them; returns the lane.
std::string WriteLogRecords(const std::vector<LogRecord>& records, ByteWriter* body);

// Reads them back. kDataLoss if body or lane is damaged or if they do not fit each other.
absl::StatusOr<std::vector<LogRecord>> ReadLogRecords(ByteReader* body, absl::string_view lane);

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVICES_LOG_CODEC_H_
