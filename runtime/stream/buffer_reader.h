// Licensed under the Apache License, Version 2.0.
//
// Reads the elements of one received buffer, in order, where it left off.
#ifndef WEIR_RUNTIME_STREAM_BUFFER_READER_H_
#define WEIR_RUNTIME_STREAM_BUFFER_READER_H_

#include "absl/status/status.h"
#include "runtime/base/codec.h"
#include "runtime/env/transport.h"
#include "runtime/stream/element.h"

namespace weir {

class BufferReader {
 public:
  struct Element {
    ElementTag tag = ElementTag::kRecord;
    RecordMeta meta;          // records
    EventTime watermark;      // kWatermark
    bool is_idle = false;     // kStatus
    absl::string_view value;  // records: the bytes of the value, valid until the next Open
  };

  // Takes over a message of kind kBuffer.
  void Open(Message message);
  bool AtEnd() const { return offset_ >= message_.body.size(); }
  // False: the buffer is damaged, see status().
  [[nodiscard]] bool Next(Element* element);
  const absl::Status& status() const { return status_; }

 private:
  bool Damaged(absl::string_view what);

  Message message_;
  size_t offset_ = 0;
  size_t lane_offset_ = 0;
  absl::Status status_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STREAM_BUFFER_READER_H_
