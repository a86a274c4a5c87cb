#include "runtime/env/log_records.h"

#include <utility>

#include "runtime/base/status.h"

namespace weir {
namespace {

constexpr size_t kIdentityBytes = 2 * sizeof(uint64_t);

// Room that is taken at once: most batches need about that, and would grow to it in several steps.
constexpr size_t kUsualRecords = 50;
constexpr size_t kUsualValueBytes = 2000;

absl::string_view ValueAt(const char* at) {
  const uint32_t size = ByteReader({at, sizeof(uint32_t)}).U32();
  return {at + sizeof(uint32_t), size};
}

}  // namespace

LogRecord LogRecords::Iterator::operator*() const {
  ByteReader identity({lane_, kIdentityBytes});
  const uint64_t high = identity.U64();
  return {ValueAt(value_), {high, identity.U64()}};
}

LogRecords::Iterator& LogRecords::Iterator::operator++() {
  const absl::string_view value = ValueAt(value_);
  value_ = value.data() + value.size();
  lane_ += kIdentityBytes;
  return *this;
}

LogRecords::LogRecords(std::initializer_list<LogRecord> records) {
  LogRecordsWriter writer;
  for (const LogRecord& record : records) writer.Add(record);
  *this = writer.Take();
}

absl::StatusOr<LogRecords> LogRecords::From(uint32_t count, std::string values, std::string lane) {
  ByteReader reader(values);
  for (uint32_t left = count; left > 0 && reader.ok(); --left) (void)reader.Bytes();
  WEIR_RETURN_IF_ERROR(reader.Finish());
  if (lane.size() != count * kIdentityBytes) {
    return absl::DataLossError(absl::StrCat(count, " records, and a lane of ", lane.size(), " bytes"));
  }
  LogRecords records;
  records.count_ = count;
  records.values_ = std::move(values);
  records.lane_ = std::move(lane);
  return records;
}

void LogRecordsView::Add(const LogRecords& records) {
  if (!records.empty()) parts_.push_back(&records);
  size_ += records.size();
}

void LogRecordsView::Add(const LogRecordsView& others) {
  parts_.insert(parts_.end(), others.parts_.begin(), others.parts_.end());
  size_ += others.size_;
}

void LogRecordsWriter::Add(const LogRecord& record) {
  Begin().Raw(record.value);
  End(record.identity);
}

ByteWriter& LogRecordsWriter::Begin() {
  if (count_ == 0) {
    values_.Reserve(kUsualValueBytes);
    lane_.Reserve(kUsualRecords * kIdentityBytes);
  }
  begin_ = values_.size();
  values_.U32(0);
  return values_;
}

void LogRecordsWriter::End(const Hash128& identity) {
  values_.PatchU32(begin_, static_cast<uint32_t>(values_.size() - begin_ - sizeof(uint32_t)));
  lane_.U64(identity.high);
  lane_.U64(identity.low);
  ++count_;
}

LogRecords LogRecordsWriter::Take() {
  LogRecords records;
  records.count_ = std::exchange(count_, 0);
  records.values_ = values_.Take();
  records.lane_ = lane_.Take();
  return records;
}

}  // namespace weir
