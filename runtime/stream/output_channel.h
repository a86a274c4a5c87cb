// Licensed under the Apache License, Version 2.0.
//
// One outgoing channel of an edge: the buffer being filled, what is finished and waits for credit, and the credit. The
// receiver grants credit when it has consumed a buffer; barriers and markers need none, but never overtake a buffer.
//
// Invariants:
//  1. Messages leave in the order in which they were finished.
//  2. Something waits only while the channel has no consumer or no credit for it.
//  3. A buffer holds whole elements. It is finished when it holds at least the configured number of bytes, or when the
//     next element would not fit; a larger element gets a buffer of its own, as long as it needs.
#ifndef WEIR_RUNTIME_STREAM_OUTPUT_CHANNEL_H_
#define WEIR_RUNTIME_STREAM_OUTPUT_CHANNEL_H_

#include <cstdint>
#include <deque>
#include <string>

#include "runtime/base/codec.h"
#include "runtime/env/tracer.h"
#include "runtime/env/transport.h"
#include "runtime/stream/element.h"
#include "runtime/types/type_serializer.h"

namespace weir {

// What the channels of one subtask share. Outlives them.
struct OutputLine {
  Transport* transport = nullptr;
  Tracer* tracer = nullptr;
  SubtaskId subtask;
  Attempt attempt;
  uint32_t buffer_bytes = 32768;
  uint32_t credits = 2;      // granted to begin with
  bool with_lane = true;     // the ledger is on
  uint32_t blocked = 0;      // channels in which something waits
  bool has_partial = false;  // some channel may hold a buffer that is not finished
};

class OutputChannel {
 public:
  // `number` names the channel in events: its place among all channels of the subtask.
  OutputChannel(OutputLine& line, uint32_t number) : line_(&line), number_(number), credits_(line.credits) {}

  // Appends a record. False: the value cannot be serialised; nothing was appended.
  [[nodiscard]] bool WriteRecord(const TypeSerializer& serializer, const void* value, const RecordMeta& meta);
  // Appends an element that was composed elsewhere (header included); `identity` only for records.
  void WriteElement(absl::string_view element, const Hash128* identity);
  // Finishes the buffer being filled and puts `message` behind it.
  void WriteEvent(std::string message);
  // Sends the buffer being filled if there is credit now; if not, as soon as there is.
  void Flush();

  // --- The consumer.
  bool is_attached() const { return connection_ != ConnectionId(); }
  bool was_attached() const { return was_attached_; }
  ConnectionId connection() const { return connection_; }
  void Attach(ConnectionId connection);
  void Detach() { connection_ = ConnectionId(); }
  void AddCredits(uint32_t credits);

  bool is_blocked() const { return !backlog_.empty(); }
  bool has_partial() const { return buffer_.size() != 0; }
  uint32_t credits() const { return credits_; }

 private:
  struct Finished {
    Message message;
    bool needs_credit = false;
  };
  void BeginBuffer();
  void EndElement(size_t start, const Hash128* identity);
  void FinishBuffer(size_t bytes, size_t lane_bytes);
  void Put(Message message, bool needs_credit);
  bool MaySend(bool needs_credit) const { return is_attached() && (!needs_credit || credits_ > 0); }
  void Send(Message message, bool needs_credit);
  void Drain();

  OutputLine* line_;
  uint32_t number_;
  ConnectionId connection_;
  bool was_attached_ = false;
  uint32_t credits_;
  ByteWriter buffer_;
  std::string lane_;
  bool flush_on_credit_ = false;  // the flush timer found no credit
  std::deque<Finished> backlog_;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STREAM_OUTPUT_CHANNEL_H_
