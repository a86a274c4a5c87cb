#include "sim/digest.h"

#include <catch2/catch.hpp>

namespace weir::sim {
namespace {

Event EventAt(uint64_t i) {
  switch (i % 4) {
    case 0:
      return events::MessageSent(i % 7, i, i * 3, StableHash64(std::to_string(i)));
    case 1:
      return events::PhaseLiveness();
    case 2:
      return events::BarrierReceived(i, 1, 2, 3, ~uint64_t{0});
    default:
      return events::EventDispatched(1, 2, 3);
  }
}

TraceRecord RecordAt(uint64_t i) {
  return {Instant::FromNanos(static_cast<int64_t>(i * i)), NodeId(static_cast<uint32_t>(i % 5)), EventAt(i)};
}

bool IsSame(const TraceRecord& a, const TraceRecord& b) {
  return a.instant == b.instant && a.node == b.node && a.event.id == b.event.id &&
         a.event.fields == b.event.fields;
}

void Fill(Digest& digest, uint64_t from, uint64_t to) {
  for (uint64_t i = from; i < to; ++i) {
    const TraceRecord record = RecordAt(i);
    digest.Add(record.instant, record.node, record.event);
  }
}

TEST_CASE("Digest: depends on every field, the instant, the emitter and the order, not on keeping", "[sim]") {
  Digest base;
  Fill(base, 0, 1000);
  CHECK(base.count() == 1000);
  CHECK(!base.checkpoints().empty());
  Digest kept(true);
  Fill(kept, 0, 1000);
  CHECK(base.Value() == kept.Value());
  CHECK(base.checkpoints() == kept.checkpoints());
  for (int change = 0; change < 5; ++change) {
    CAPTURE(change);
    Digest other;
    Fill(other, 0, 500);
    TraceRecord record = RecordAt(500);
    if (change == 0) record.event.fields[3] ^= 1;
    if (change == 1) record.instant = record.instant + Duration::Nanos(1);
    if (change == 2) record.node = NodeId(record.node.value + 1);
    if (change == 3) record.event.id = EventId::kMessageDelivered;
    if (change == 4) record = RecordAt(501);
    other.Add(record.instant, record.node, record.event);
    if (change == 4) other.Add(RecordAt(500).instant, RecordAt(500).node, RecordAt(500).event);
    Fill(other, change == 4 ? 502 : 501, 1000);
    CHECK(other.Value() != base.Value());
  }
}

TEST_CASE("Digest: its value does not disturb what follows", "[sim]") {
  Digest asked;
  Digest silent;
  for (uint64_t i = 0; i < 700; ++i) {
    Fill(asked, i, i + 1);
    Fill(silent, i, i + 1);
    (void)asked.Value();
  }
  CHECK(asked.Value() == silent.Value());
}

TEST_CASE("Digest: is the same for ever", "[sim]") {
  Digest digest;
  Fill(digest, 0, 1000);
  // The encoding is a format: a change of it, or of the catalogue's order, is seen here.
  Digest empty;
  CHECK(empty.Value() == StableHash128(std::string(16, '\0')));
  digest.Add(Instant::Max(), NodeId(~0u), events::PhaseLiveness());
  CHECK(digest.count() == 1001);
  std::string one;
  Digest first;
  first.Add(Instant::FromNanos(0x0102), NodeId(7), events::LinkChanged(1, 2, 3));
  one.assign(16, '\0');
  const uint16_t id = static_cast<uint16_t>(EventId::kLinkChanged);
  one += static_cast<char>(id & 0xFF);
  one += static_cast<char>(id >> 8);
  one += std::string("\0\0\7\0\0\0\2\1\0\0\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0", 26);
  CHECK(first.Value() == StableHash128(one));
}

TEST_CASE("Digest: a block begins with the whole digest of what went before", "[sim]") {
  Digest digest;
  for (uint64_t i = 0; digest.checkpoints().empty(); ++i) Fill(digest, i, i + 1);
  const Hash128 before = digest.checkpoints()[0];
  std::string block(16, '\0');
  for (size_t i = 0; i < 8; ++i) {
    block[i] = static_cast<char>(before.high >> (8 * i));
    block[8 + i] = static_cast<char>(before.low >> (8 * i));
  }
  CHECK(digest.Value() == StableHash128(block));
}

TEST_CASE("Digest: a kept trace can be read back", "[sim]") {
  Digest digest(true);
  Fill(digest, 0, 2000);
  const std::vector<TraceRecord> records = digest.Decode();
  REQUIRE(records.size() == 2000);
  for (uint64_t i = 0; i < 2000; ++i) REQUIRE(IsSame(records[i], RecordAt(i)));
}

TEST_CASE("FindDivergence: the first difference, with both versions (first, middle, last, missing)",
          "[sim]") {
  Digest left(true);
  Fill(left, 0, 3000);
  Digest same(true);
  Fill(same, 0, 3000);
  CHECK(!FindDivergence(left, same).has_value());
  for (const uint64_t at : {0u, 1u, 137u, 1500u, 2998u, 2999u}) {
    CAPTURE(at);
    Digest right(true);
    Fill(right, 0, at);
    right.Add(Instant::FromNanos(5), NodeId(1), events::PhaseLiveness());
    Fill(right, at + 1, 3000);
    const std::optional<Divergence> divergence = FindDivergence(left, right);
    REQUIRE(divergence.has_value());
    CHECK(divergence->index == at);
    REQUIRE(divergence->left.has_value());
    CHECK(IsSame(*divergence->left, RecordAt(at)));
    REQUIRE(divergence->right.has_value());
    CHECK(divergence->right->event.id == EventId::kPhaseLiveness);
  }
  for (uint64_t length = 0; length < 3000; length += 73) {
    CAPTURE(length);
    Digest shorter(true);
    Fill(shorter, 0, length);
    const std::optional<Divergence> divergence = FindDivergence(left, shorter);
    REQUIRE(divergence.has_value());
    CHECK(divergence->index == length);
    REQUIRE(divergence->left.has_value());
    CHECK(IsSame(*divergence->left, RecordAt(length)));
    CHECK(!divergence->right.has_value());
    CHECK(!FindDivergence(shorter, left)->left.has_value());
  }
}

}  // namespace
}  // namespace weir::sim
