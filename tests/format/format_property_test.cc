// Snapshot files that are damaged: a status, never a crash, a hang or a huge allocation.
#include "runtime/format/keyed_state.h"
#include "runtime/format/metadata.h"
#include "runtime/format/operator_state.h"
#include "runtime/types/operator_id.h"
#include "runtime/types/type_of.h"
#include "tests/check_property.h"
#include "tests/types/fixtures.h"

namespace {

using weir::CheckProperty;
using weir::TypeOf;

std::string Damage(std::string bytes) {
  const int changes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < changes && !bytes.empty(); ++i) {
    const size_t at = *rc::gen::inRange<size_t>(0, bytes.size());
    const int kind = *rc::gen::inRange(0, 6);
    if (kind <= 2) bytes[at] = static_cast<char>(*rc::gen::arbitrary<uint8_t>());
    if (kind == 3) bytes.resize(at);
    if (kind == 4) bytes.erase(at, *rc::gen::inRange<size_t>(1, 40));
    if (kind == 5) bytes.insert(at, bytes.substr(at, *rc::gen::inRange<size_t>(1, 40)));
  }
  return bytes;
}

weir::KeyedStateHeader Header() {
  weir::KeyedStateHeader header;
  header.key = TypeOf<std::string>::Serializer().Snapshot();
  header.states = {
      weir::StateMeta::Keyed("a", weir::KeyedStateType::kValue, TypeOf<int64_t>::Serializer().Snapshot()),
      weir::StateMeta::Keyed("b", weir::KeyedStateType::kValue,
                             TypeOf<std::string>::Serializer().Snapshot())};
  return header;
}

using Rows = std::map<std::tuple<uint32_t, size_t, std::string>, std::string>;

Rows AnyRows(weir::KeyGroupRange range, uint32_t max_parallelism) {
  Rows rows;
  const auto layout = weir::CompositeKeyLayout::For(max_parallelism, -1);
  const int count = *rc::gen::inRange(0, 30);
  for (int i = 0; i < count; ++i) {
    const uint32_t group = *rc::gen::inRange(range.first, range.last + 1);
    const size_t state = *rc::gen::inRange<size_t>(0, 2);
    const std::string raw = *rc::gen::arbitrary<std::string>();
    weir::ByteWriter key;
    weir::AppendCompositeKey(key, layout, weir::KeyGroup(static_cast<uint16_t>(group)), raw);
    rows[{group, state, key.Take()}] = *rc::gen::arbitrary<std::string>();
  }
  return rows;
}

weir::KeyedStateStream Write(const Rows& rows, weir::KeyGroupRange range, uint32_t max_parallelism) {
  auto writer = weir::KeyedStateWriter::Create(Header(), range, max_parallelism);
  int64_t current = -1;
  for (const auto& [where, value] : rows) {
    const auto& [group, state, key] = where;
    if (group != current) writer->BeginKeyGroup(weir::KeyGroup(static_cast<uint16_t>(group)));
    current = group;
    writer->Add(state, key, value);
  }
  return writer->Finish();
}

TEST_CASE("property: keyed state reads back, whole and split among any number of readers",
          "[format][property]") {
  CheckProperty("format: keyed state", [] {
    const uint32_t max_parallelism = *rc::gen::element<uint32_t>(1, 7, 128, 129, 1000);
    const weir::KeyGroupRange range{0, max_parallelism - 1};
    const Rows rows = AnyRows(range, max_parallelism);
    const weir::KeyedStateStream stream = Write(rows, range, max_parallelism);
    const auto reader = weir::KeyedStateReader::Open(stream.bytes, range, stream.offsets, max_parallelism);
    RC_ASSERT(reader.ok());
    Rows back;
    const uint32_t parallelism = *rc::gen::inRange<uint32_t>(1, max_parallelism + 1);
    for (uint32_t subtask = 0; subtask < parallelism; ++subtask) {
      const absl::Status status = reader->Visit(
          weir::RangeFor(subtask, max_parallelism, parallelism), [&](const weir::KeyedStateEntry& e) {
            const bool is_new =
                back.emplace(std::tuple(e.key_group.value, e.state_id, std::string(e.key)), e.value).second;
            return is_new ? absl::OkStatus() : absl::DataLossError("twice");
          });
      RC_ASSERT(status.ok());
    }
    RC_ASSERT(back == rows);
  });
}

TEST_CASE("property: damaged keyed and operator state never crashes a reader", "[format][property]") {
  CheckProperty("format: damaged state", [] {
    const weir::KeyGroupRange range{3, 9};
    const weir::KeyedStateStream stream = Write(AnyRows(range, 128), range, 128);
    const std::string bytes = Damage(stream.bytes);
    const auto reader = weir::KeyedStateReader::Open(bytes, range, stream.offsets, 128);
    if (reader.ok()) {
      (void)reader->VisitAll([](const weir::KeyedStateEntry& entry) {
        (void)weir::ParseCompositeKey(entry.key, weir::CompositeKeyLayout::For(128, -1),
                                      TypeOf<std::string>::Serializer());
        return absl::OkStatus();
      });
    }
    weir::OperatorStateContent content;
    content.lists.push_back({weir::StateMeta::OperatorList("l", weir::OperatorStateMode::kUnion,
                                                           TypeOf<std::string>::Serializer().Snapshot()),
                             {"\x02x"}});
    const auto written = weir::WriteOperatorState(content);
    RC_ASSERT(written.ok());
    const std::string damaged = Damage(written->bytes);
    const auto state = weir::OperatorStateReader::Open(damaged);
    if (state.ok()) (void)state->At(*rc::gen::arbitrary<int64_t>());
  });
}

std::string SomeMetadata() {
  weir::CheckpointMetadata metadata;
  metadata.checkpoint_id = 3;
  metadata.properties = weir::CheckpointProperties::ForSavepoint(true);
  weir::OperatorState& state = metadata.operators.emplace_back();
  state.id = weir::OperatorIdFromUid("x");
  state.parallelism = 2;
  for (const int32_t index : {0, 1}) {
    weir::SubtaskState& subtask = state.subtasks.emplace_back();
    subtask.index = index;
    subtask.managed_keyed =
        weir::KeyedHandle::Savepoint({0, 2}, {1, 0, 2}, weir::StreamHandle::RelativeFile("f", 10));
    subtask.managed_operator = weir::OperatorHandle::Partitionable(
        {{"s", weir::OperatorStateMode::kUnion, {5}}}, weir::StreamHandle::Inline("n", "bytes"));
  }
  return weir::WriteMetadata(metadata).value();
}

void ReadDamaged(const std::string& original) {
  const std::string bytes = Damage(original);
  const auto read = weir::ReadMetadata(bytes);
  if (!read.ok()) return;
  // What was accepted can be written, and then it is the same again.
  const auto written = weir::WriteMetadataVersion(read->metadata, read->version);
  RC_ASSERT(written.ok());
  const auto again = weir::ReadMetadata(*written);
  RC_ASSERT(again.ok());
  RC_ASSERT(again->metadata == read->metadata);
}

TEST_CASE("property: damaged metadata is refused or understood", "[format][property]") {
  const std::string ours = SomeMetadata();
  CheckProperty(
      "format: damaged metadata", [&] { ReadDamaged(ours); }, 1000);
  CheckProperty("format: random metadata", [] {
    const std::string bytes = *rc::gen::arbitrary<std::string>();
    RC_ASSERT(!weir::ReadMetadata(bytes).ok());
    RC_ASSERT(!weir::ReadMetadata(std::string("\x49\x60\x67\x2D\0\0\0\4", 8) + bytes).ok());
  });
}

TEST_CASE("property: damaged real metadata is refused or understood", "[format][property][fixtures]") {
  WEIR_NEEDS_FIXTURES();
  std::vector<std::string> files;
  for (const auto& path : weir::test::FixturesNamed("_metadata")) files.push_back(weir::test::ReadFile(path));
  CheckProperty(
      "format: damaged real metadata", [&] { ReadDamaged(*rc::gen::elementOf(files)); }, 1000);
}

}  // namespace
