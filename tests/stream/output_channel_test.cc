#include <catch2/catch.hpp>

#include "tests/stream/fake_line.h"

namespace weir {
namespace {

void Write(OutputChannel& channel, int64_t value, EventTime timestamp = EventTime::Min()) {
  REQUIRE(channel.WriteRecord(TypeOf<int64_t>::Serializer(), &value,
                              {timestamp, {1, static_cast<uint64_t>(value)}}));
}
using Strings = std::vector<std::string>;

TEST_CASE("output channel: keeps everything until a consumer connects", "[stream]") {
  FakeLine fake;
  OutputChannel channel(fake.line, 0);
  for (int i = 0; i < 3; ++i) Write(channel, i);
  channel.WriteEvent(EncodeCheckpointMessage(DataMessage::kBarrier, CheckpointId(4)));
  CHECK(fake.line.blocked == 1);
  channel.Attach(ConnectionId(1));
  CHECK(ReadAll(fake.sent(1)) == Strings{"ok", "0", "1", "2", "|4"});
  CHECK(fake.line.blocked == 0);
}

TEST_CASE("output channel: sends no buffer without credit, and goes on with it", "[stream]") {
  FakeLine fake;
  fake.line.buffer_bytes = 1;
  OutputChannel channel(fake.line, 0);
  channel.Attach(ConnectionId(1));
  for (int i = 0; i < 4; ++i) Write(channel, i);
  CHECK(ReadAll(fake.sent(1)) == Strings{"ok", "0", "1"});
  CHECK(channel.is_blocked());
  channel.AddCredits(1);
  CHECK(ReadAll(fake.sent(1)) == Strings{"ok", "0", "1", "2"});
  CHECK(fake.line.blocked == 1);
  channel.AddCredits(5);
  CHECK(ReadAll(fake.sent(1)) == Strings{"ok", "0", "1", "2", "3"});
  CHECK(fake.line.blocked == 0);
}

TEST_CASE("output channel: a barrier needs no credit, but never overtakes a record", "[stream]") {
  FakeLine fake;
  fake.line.credits = 1;
  OutputChannel channel(fake.line, 0);
  channel.Attach(ConnectionId(1));
  Write(channel, 1);
  channel.WriteEvent(
      EncodeCheckpointMessage(DataMessage::kBarrier, CheckpointId(1)));  // takes the one credit
  channel.WriteEvent(EncodeCheckpointMessage(DataMessage::kBarrier, CheckpointId(2)));
  CHECK(ReadAll(fake.sent(1)) == Strings{"ok", "1", "|1", "|2"});
  Write(channel, 2);
  channel.WriteEvent(EncodeCheckpointMessage(DataMessage::kCancelMarker, CheckpointId(3)));
  CHECK(ReadAll(fake.sent(1)) == Strings{"ok", "1", "|1", "|2"});
  channel.AddCredits(1);
  CHECK(ReadAll(fake.sent(1)) == Strings{"ok", "1", "|1", "|2", "2", "x3"});
}

TEST_CASE("output channel: fills buffers up to their size with whole elements", "[stream]") {
  FakeLine fake;  // 40 bytes: a kind and two records of 13 bytes, a third would not fit
  fake.line.credits = 10;
  OutputChannel channel(fake.line, 0);
  channel.Attach(ConnectionId(1));
  for (int i = 0; i < 6; ++i) Write(channel, i);
  channel.Flush();
  for (size_t i = 1; i < fake.sent(1).size(); ++i) {
    CHECK(fake.sent(1)[i].body.size() <= 40);
    CHECK(fake.sent(1)[i].lane.size() % kIdentityBytes == 0);
  }
  std::vector<Hash128> identities;
  CHECK(ReadAll(fake.sent(1), &identities) == Strings{"ok", "0", "1", "2", "3", "4", "5"});
  REQUIRE(identities.size() == 6);
  for (uint64_t i = 0; i < 6; ++i) CHECK(identities[i] == Hash128{1, i});
}

TEST_CASE("output channel: an element larger than a buffer travels alone", "[stream]") {
  FakeLine fake;
  fake.line.credits = 10;
  OutputChannel channel(fake.line, 0);
  channel.Attach(ConnectionId(1));
  Write(channel, 1);
  const std::string large(100, 'x');
  REQUIRE(channel.WriteRecord(TypeOf<std::string>::Serializer(), &large, {}));
  Write(channel, 2);
  channel.Flush();
  REQUIRE(fake.sent(1).size() == 4);
  CHECK(fake.sent(1)[2].body.size() > 100);
  CHECK(fake.sent(1)[2].lane.size() == kIdentityBytes);
}

TEST_CASE("output channel: a flush without credit happens when credit comes", "[stream]") {
  FakeLine fake;
  fake.line.credits = 0;
  OutputChannel channel(fake.line, 0);
  channel.Attach(ConnectionId(1));
  Write(channel, 1, EventTime{1000});
  channel.Flush();
  CHECK(fake.line.blocked == 0);  // a buffer that is not full blocks nobody
  CHECK(ReadAll(fake.sent(1)) == Strings{"ok"});
  Write(channel, 2);
  channel.AddCredits(1);
  CHECK(ReadAll(fake.sent(1)) == Strings{"ok", "1@1000", "2"});
}

TEST_CASE("output channel: a value that cannot be written leaves nothing behind", "[stream]") {
  FakeLine fake;
  OutputChannel channel(fake.line, 0);
  channel.Attach(ConnectionId(1));
  const std::string bad("\xff\xfe", 2);
  CHECK_FALSE(channel.WriteRecord(TypeOf<std::string>::Serializer(), &bad, {}));
  CHECK_FALSE(channel.has_partial());
  Write(channel, 1);
  CHECK_FALSE(channel.WriteRecord(TypeOf<std::string>::Serializer(), &bad, {}));
  channel.Flush();
  CHECK(ReadAll(fake.sent(1)) == Strings{"ok", "1"});
}

TEST_CASE("buffer reader: damage is found, wherever a buffer is cut", "[stream]") {
  FakeLine fake;
  OutputChannel channel(fake.line, 0);
  channel.Attach(ConnectionId(1));
  Write(channel, 1, EventTime{7});
  Write(channel, 2);
  channel.Flush();
  const Message whole = fake.sent(1)[1];
  for (size_t size = 1; size < whole.body.size(); ++size) {
    BufferReader reader;
    reader.Open({whole.body.substr(0, size), whole.lane});
    bool ok = true;
    while (!reader.AtEnd() && ok) {
      BufferReader::Element element;
      ok = reader.Next(&element);
    }
    const bool cut_between = size == 1 || size == 22;
    CHECK(ok == cut_between);
    if (!ok) CHECK(absl::IsDataLoss(reader.status()));
  }
}

}  // namespace
}  // namespace weir
