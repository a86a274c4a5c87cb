// Licensed under the Apache License, Version 2.0.
//
// Records of the log in a row, as they travel and as they are kept: all values in one piece of memory, all identities in
// another. A run handles each record five times on its way; with memory of its own for each, it would wait for that more
// than for anything else.
//
//   values   for each record u32 length and the bytes
//   lane     for each record its identity, 16 bytes: the oracle's, costs nothing, decides nothing
#ifndef WEIR_RUNTIME_ENV_LOG_RECORDS_H_
#define WEIR_RUNTIME_ENV_LOG_RECORDS_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/base/codec.h"
#include "runtime/base/stable_hash.h"

namespace weir {

// One of them. The value lies in the LogRecords, or wherever it was made from.
struct LogRecord {
  absl::string_view value;
  Hash128 identity{};
};

class LogRecords {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = LogRecord;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = LogRecord;

    Iterator() = default;  // at nothing
    LogRecord operator*() const;
    Iterator& operator++();
    bool operator==(const Iterator& other) const { return lane_ == other.lane_; }

   private:
    friend class LogRecords;
    Iterator(const char* value, const char* lane) : value_(value), lane_(lane) {}
    const char* value_ = nullptr;  // where its length stands
    const char* lane_ = nullptr;
  };

  LogRecords() = default;
  LogRecords(std::initializer_list<LogRecord> records);
  // kDataLoss: the values are not `count` whole ones, or the lane has not as many identities.
  static absl::StatusOr<LogRecords> From(uint32_t count, std::string values, std::string lane);

  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  // Valid until the records are assigned to, or moved.
  Iterator begin() const { return {values_.data(), lane_.data()}; }
  Iterator end() const { return {nullptr, lane_.data() + lane_.size()}; }

  const std::string& values() const { return values_; }
  const std::string& lane() const { return lane_; }

 private:
  friend class LogRecordsWriter;
  size_t count_ = 0;
  std::string values_;
  std::string lane_;
};

// Those of several, one after the other. Refers to them, so it is valid as long as they are.
class LogRecordsView {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = LogRecord;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = LogRecord;

    LogRecord operator*() const { return *at_; }
    Iterator& operator++() {
      if (++at_ == (*part_)->end()) ++part_, Enter();
      return *this;
    }
    bool operator==(const Iterator& other) const { return part_ == other.part_ && at_ == other.at_; }

   private:
    friend class LogRecordsView;
    using Part = std::vector<const LogRecords*>::const_iterator;
    Iterator(Part part, Part end) : part_(part), end_(end) { Enter(); }
    void Enter() { at_ = part_ == end_ ? LogRecords::Iterator() : (*part_)->begin(); }
    Part part_, end_;
    LogRecords::Iterator at_;
  };

  void Add(const LogRecords& records);
  void Add(const LogRecordsView& others);
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Iterator begin() const { return {parts_.begin(), parts_.end()}; }
  Iterator end() const { return {parts_.end(), parts_.end()}; }

 private:
  std::vector<const LogRecords*> parts_;  // none of them empty
  size_t size_ = 0;
};

class LogRecordsWriter {
 public:
  void Add(const LogRecord& record);
  // The same for a value that is serialised in place: its bytes go behind what Begin returns, then End.
  ByteWriter& Begin();
  void End(const Hash128& identity);

  size_t size() const { return count_; }
  // All since the last call.
  LogRecords Take();

 private:
  size_t count_ = 0;
  size_t begin_ = 0;  // of the value that is being written
  ByteWriter values_;
  ByteWriter lane_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_ENV_LOG_RECORDS_H_
