#include <catch2/catch.hpp>

#include "runtime/types/key_hash.h"
#include "tests/stream/fake_line.h"

namespace weir {
namespace {

using Strings = std::vector<std::string>;

struct Fixture : FakeLine {
  explicit Fixture(Partitioner partitioner, uint32_t consumers = 3, uint32_t index = 1) {
    line.buffer_bytes = 1;
    line.credits = 1000;
    line.subtask.index = index;
    EdgeOutput edge;
    edge.edge = 5;
    edge.partitioner = partitioner;
    edge.serializer = &TypeOf<int64_t>::Serializer();
    edge.consumers = consumers;
    edge.key_hash = [](const void* value) {
      return TypeOf<int64_t>::Hash(*static_cast<const int64_t*>(value));
    };
    writer = std::make_unique<RecordWriter>(edge, line, witness, 0, false);
    for (size_t i = 0; i < writer->channels().size(); ++i) writer->channels()[i].Attach(ConnectionId(i + 1));
  }
  void Emit(int64_t value) {
    REQUIRE(writer->Emit(&value, {EventTime::Min(), {0, static_cast<uint64_t>(value)}}).ok());
  }
  Strings Sent(uint64_t connection) {
    Strings all = ReadAll(sent(connection));
    all.erase(all.begin());
    return all;
  }
  WitnessAccumulator witness{LedgerMode::kSets, 0, 1};
  std::unique_ptr<RecordWriter> writer;
};

TEST_CASE("record writer: forward has one channel, to the consumer of the same index", "[stream]") {
  Fixture f(Partitioner::kForward);
  REQUIRE(f.writer->channels().size() == 1);
  CHECK(f.writer->ChannelTo(1) == &f.writer->channels()[0]);
  CHECK(f.writer->ChannelTo(0) == nullptr);
  CHECK(f.writer->ConsumerOf(0) == 1);
  f.Emit(1);
  f.Emit(2);
  CHECK(f.Sent(1) == Strings{"1", "2"});
}

TEST_CASE("record writer: rebalance deals records out in turn, from its own index on", "[stream]") {
  Fixture f(Partitioner::kRebalance);
  for (int i = 0; i < 5; ++i) f.Emit(i);
  CHECK(f.Sent(1) == Strings{"2"});
  CHECK(f.Sent(2) == Strings{"0", "3"});
  CHECK(f.Sent(3) == Strings{"1", "4"});
}

TEST_CASE("record writer: hash sends a key to the owner of its key group", "[stream]") {
  Fixture f(Partitioner::kHash);
  for (int64_t key = 0; key < 100; ++key) f.Emit(key);
  size_t seen = 0;
  for (uint32_t channel = 0; channel < 3; ++channel) {
    for (const std::string& key : f.Sent(channel + 1)) {
      ++seen;
      const KeyGroup group = KeyGroupOf<int64_t>(std::stoll(key), 128);
      CHECK(SubtaskFor(group, 128, 3) == channel);
      CHECK(RangeFor(channel, 128, 3).Contains(group));
    }
  }
  CHECK(seen == 100);
}

TEST_CASE("record writer: broadcast reaches every channel, and counts once", "[stream]") {
  Fixture f(Partitioner::kBroadcast);
  f.Emit(7);
  for (uint64_t channel = 1; channel <= 3; ++channel) CHECK(f.Sent(channel) == Strings{"7"});
  const std::vector<WitnessEntry> entries = f.witness.EntriesOf(0);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].role == WitnessRole::kEmitted);
  CHECK(entries[0].edge == 5);
  CHECK(entries[0].count == 1);
  CHECK(entries[0].sum == Hash128{0, 7});
  CHECK(entries[0].identities.size() == 1);
}

TEST_CASE("record writer: watermarks, idleness and barriers go to every channel, in order", "[stream]") {
  Fixture f(Partitioner::kHash);
  f.writer->EmitWatermark(EventTime{9});
  f.writer->EmitIdle(true);
  f.writer->EmitCheckpointMessage(DataMessage::kBarrier, CheckpointId(3));
  f.writer->EmitIdle(false);
  for (uint64_t channel = 1; channel <= 3; ++channel)
    CHECK(f.Sent(channel) == Strings{"W9", "idle", "|3", "active"});
}

TEST_CASE("record writer: a barrier flushes what waits in a buffer before it", "[stream]") {
  Fixture f(Partitioner::kForward);
  f.line.buffer_bytes = 1000;
  f.Emit(1);
  CHECK(f.Sent(1).empty());
  f.writer->EmitCheckpointMessage(DataMessage::kBarrier, CheckpointId(1));
  CHECK(f.Sent(1) == Strings{"1", "|1"});
}

TEST_CASE("witness accumulator: a copy of a broadcast edge is taken over whole, whatever its slot",
          "[stream]") {
  WitnessAccumulator before(LedgerMode::kSums, 1, 1);
  before.AddRow(WitnessRole::kApplied, 2);
  const uint32_t copy = before.AddCopyRow(7);
  before.AddCopy(copy, {1, 1});
  before.AddCopy(copy, {2, 2});
  CHECK(before.EntriesOf(1).empty());
  const std::vector<WitnessEntry> entries = before.CopyEntries(1);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].role == WitnessRole::kApplied);
  CHECK(entries[0].edge == 7);
  CHECK(entries[0].count == 2);

  WitnessAccumulator after(LedgerMode::kSums, 0, 1);
  after.AddCopyRow(7);
  CHECK(after.CopyEntries(0)[0].count == 0);  // written, too: every subtask has a copy
  after.RestoreCopy(entries[0]);
  after.AddCopy(0, {3, 3});
  CHECK(after.CopyEntries(0)[0].sum == Hash128{6, 6});
  CHECK(after.CopyEntries(0)[0].slot == 0);
}

TEST_CASE("witness accumulator: what is restored adds up with what comes, by slot", "[stream]") {
  WitnessAccumulator before(LedgerMode::kSets, 10, 3);
  const uint32_t row = before.AddRow(WitnessRole::kApplied, 2);
  before.SetSlot(11);
  before.Add(row, {1, 1});
  before.SetSlot(12);
  before.Add(row, {2, 2});
  before.AddAt(WitnessRole::kSource, kNoEdge, 4, {3, 3});
  CHECK(before.EntriesOf(10).empty());

  WitnessAccumulator after(LedgerMode::kSets, 11, 1);  // another range: slot 12 is not its own
  after.AddRow(WitnessRole::kApplied, 2);
  for (const uint32_t slot : {10u, 11u, 12u}) {
    for (const WitnessEntry& entry : before.EntriesOf(slot)) after.Restore(entry);
    ByteWriter encoded;
    before.EncodeEntriesOf(slot, encoded);
    CHECK(encoded.bytes() == (before.EntriesOf(slot).empty() ? "" : EncodeWitness(before.EntriesOf(slot))));
  }
  for (const WitnessEntry& entry : before.OtherEntries()) after.Restore(entry);
  after.SetSlot(11);
  after.Add(0, {4, 4});
  const std::vector<WitnessEntry> own = after.EntriesOf(11);
  REQUIRE(own.size() == 1);
  CHECK(own[0].count == 2);
  CHECK(own[0].sum == Hash128{5, 5});
  CHECK(own[0].identities == std::vector<Hash128>{{1, 1}, {4, 4}});
  const std::vector<WitnessEntry> others = after.OtherEntries();
  REQUIRE(others.size() == 2);
  CHECK(others[0].slot == 12);
  CHECK(others[0].sum == Hash128{2, 2});
  CHECK(others[1].role == WitnessRole::kSource);
}

}  // namespace
}  // namespace weir
