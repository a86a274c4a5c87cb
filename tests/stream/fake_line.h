// Licensed under the Apache License, Version 2.0.
//
// A transport that keeps what is sent, and an output line on it.
#ifndef WEIR_TESTS_STREAM_FAKE_LINE_H_
#define WEIR_TESTS_STREAM_FAKE_LINE_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/stream/buffer_reader.h"
#include "runtime/stream/record_writer.h"
#include "runtime/types/type_of.h"

namespace weir {

class FakeTransport : public Transport {
 public:
  void Listen(ActorId, PortId, Acceptor) override {}
  ConnectionId Connect(ActorId, NodeId, PortId, ConnectionHandler*) override { return ConnectionId(1); }
  void Send(ConnectionId connection, Message message) override {
    sent[connection].push_back(std::move(message));
  }
  void Close(ConnectionId) override {}
  NodeId node() const override { return NodeId(0); }
  std::map<ConnectionId, std::vector<Message>> sent;
};

class FakeTracer : public Tracer {
 public:
  absl::Status Reach(const Event&) override { return absl::OkStatus(); }
  void Note(const Event&) override { ++notes; }
  uint32_t Choose(const Event&, uint32_t) override { return 0; }
  int notes = 0;
};

// What a consumer would read from the messages of a connection: "5", "5@1000", "W7", "idle", "active", "|3" for a
// barrier, "x3" for a marker, "ok" for the acceptance.
inline std::vector<std::string> ReadAll(const std::vector<Message>& messages,
                                        std::vector<Hash128>* identities = nullptr) {
  std::vector<std::string> read;
  for (const Message& message : messages) {
    ByteReader body(message.body);
    switch (static_cast<DataMessage>(body.U8())) {
      case DataMessage::kAccepted:
        read.push_back("ok");
        continue;
      case DataMessage::kBarrier:
        read.push_back("|" + std::to_string(body.U64()));
        continue;
      case DataMessage::kCancelMarker:
        read.push_back("x" + std::to_string(body.U64()));
        continue;
      case DataMessage::kCredit:
        read.push_back("credit");
        continue;
      case DataMessage::kBuffer:
        break;
    }
    BufferReader reader;
    reader.Open(message);
    while (!reader.AtEnd()) {
      BufferReader::Element element;
      if (!reader.Next(&element)) return read.push_back("damaged"), read;
      if (element.tag == ElementTag::kWatermark) {
        read.push_back("W" + std::to_string(element.watermark.millis));
      } else if (element.tag == ElementTag::kStatus) {
        read.push_back(element.is_idle ? "idle" : "active");
      } else {
        ByteReader value(element.value);
        int64_t number = 0;
        TypeOf<int64_t>::Read(value, number);
        std::string text = std::to_string(number);
        if (element.meta.timestamp != EventTime::Min())
          text += "@" + std::to_string(element.meta.timestamp.millis);
        read.push_back(text);
        if (identities != nullptr) identities->push_back(element.meta.identity);
      }
    }
  }
  return read;
}

struct FakeLine {
  FakeLine() {
    line.transport = &transport;
    line.tracer = &tracer;
    line.buffer_bytes = 40;
    line.credits = 2;
  }
  const std::vector<Message>& sent(uint64_t connection) { return transport.sent[ConnectionId(connection)]; }
  FakeTransport transport;
  FakeTracer tracer;
  OutputLine line;
};

}  // namespace weir

#endif  // WEIR_TESTS_STREAM_FAKE_LINE_H_
