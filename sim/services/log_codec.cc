#include "sim/services/log_codec.h"

#include "runtime/base/status.h"

namespace weir::sim {

std::string WriteLogRecords(const std::vector<LogRecord>& records, ByteWriter* body) {
  ByteWriter lane;
  body->U32(static_cast<uint32_t>(records.size()));
  for (const LogRecord& record : records) {
    body->Bytes(record.value);
    lane.U64(record.identity.high);
    lane.U64(record.identity.low);
  }
  return lane.Take();
}

absl::StatusOr<std::vector<LogRecord>> ReadLogRecords(ByteReader* body, absl::string_view lane) {
  ByteReader identities(lane);
  std::vector<LogRecord> records;
  for (uint32_t left = body->U32(); left > 0 && body->ok() && identities.ok(); --left) {
    LogRecord record;
    record.value = std::string(body->Bytes());
    record.identity.high = identities.U64();
    record.identity.low = identities.U64();
    records.push_back(std::move(record));
  }
  WEIR_RETURN_IF_ERROR(body->Finish());
  WEIR_RETURN_IF_ERROR(identities.Finish());
  return records;
}

}  // namespace weir::sim
