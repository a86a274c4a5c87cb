#include "sim/services/log_codec.h"

#include "runtime/base/status.h"

namespace weir::sim {

std::string WriteLogRecords(const std::vector<LogRecord>& records, ByteWriter* body) {
  size_t bytes = 0;
  for (const LogRecord& record : records) bytes += sizeof(uint32_t) + record.value.size();
  body->U32(static_cast<uint32_t>(records.size()));
  body->Reserve(bytes);
  ByteWriter lane;
  lane.Reserve(records.size() * 2 * sizeof(uint64_t));
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
  records.reserve(lane.size() / (2 * sizeof(uint64_t)));
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
