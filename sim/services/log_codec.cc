#include "sim/services/log_codec.h"

#include "runtime/base/status.h"

namespace weir::sim {

LogRecordsWriter::LogRecordsWriter(ByteWriter& body) : body_(body), begin_(body.size()) { body_.U32(0); }

void LogRecordsWriter::Add(const LogRecord& record) {
  ++count_;
  body_.Bytes(record.value);
  lane_.U64(record.identity.high);
  lane_.U64(record.identity.low);
}

std::string LogRecordsWriter::Finish() {
  body_.PatchU32(begin_, count_);
  return lane_.Take();
}

std::string WriteLogRecords(const std::vector<LogRecord>& records, ByteWriter* body) {
  LogRecordsWriter writer(*body);
  for (const LogRecord& record : records) writer.Add(record);
  return writer.Finish();
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
