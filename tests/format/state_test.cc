// Keyed and operator state, ours and that of real releases.
#include <catch2/catch.hpp>
#include <set>

#include "runtime/format/keyed_state.h"
#include "runtime/format/metadata.h"
#include "runtime/format/operator_state.h"
#include "runtime/types/operator_id.h"
#include "runtime/types/type_of.h"
#include "tests/types/fixtures.h"

namespace {

using weir::KeyedStateType;
using weir::KeyGroup;
using weir::StateMeta;
using weir::TypeOf;

template <typename T>
std::string BytesOf(const T& value) {
  weir::ByteWriter writer;
  REQUIRE(TypeOf<T>::Write(writer, value));
  return writer.Take();
}

template <typename T>
T ValueOf(absl::string_view bytes) {
  weir::ByteReader reader(bytes);
  T value{};
  TypeOf<T>::Read(reader, value);
  REQUIRE(reader.Finish() == absl::OkStatus());
  return value;
}

// The bytes behind a handle of the snapshot in `directory`; nothing if the file is not among the fixtures.
std::string Load(const weir::StreamHandle& handle, const std::filesystem::path& directory) {
  if (handle.kind == weir::StreamHandle::Kind::kInline) return handle.bytes;
  if (handle.kind != weir::StreamHandle::Kind::kRelativeFile) return "";
  return weir::test::ReadFile(directory / handle.path);
}

std::string Rewrite(const weir::KeyedStateReader& reader, const weir::KeyedHandle& handle,
                    uint32_t max_parallelism, int* entries) {
  auto writer = weir::KeyedStateWriter::Create(reader.header(), handle.range(), max_parallelism);
  REQUIRE(writer.status() == absl::OkStatus());
  int64_t current = -1;
  const absl::Status status = reader.VisitAll([&](const weir::KeyedStateEntry& entry) {
    if (entry.key_group.value != current) writer->BeginKeyGroup(entry.key_group);
    current = entry.key_group.value;
    writer->Add(entry.state_id, entry.key, entry.value);
    ++*entries;
    return absl::OkStatus();
  });
  REQUIRE(status == absl::OkStatus());
  const weir::KeyedStateStream stream = writer->Finish();
  CHECK(stream.offsets == handle.offsets);
  return stream.bytes;
}

TEST_CASE("keyed state: each real canonical stream is written again byte for byte", "[format][fixtures]") {
  WEIR_NEEDS_FIXTURES();
  int streams = 0;
  int entries = 0;
  for (const auto& path : weir::test::FixturesNamed("_metadata")) {
    INFO(path);
    const auto metadata = weir::ReadMetadata(weir::test::ReadFile(path));
    REQUIRE(metadata.ok());
    for (const weir::OperatorState& state : metadata->metadata.operators) {
      for (const weir::SubtaskState& subtask : state.subtasks) {
        const weir::KeyedHandle& handle = subtask.managed_keyed;
        if (handle.kind != weir::KeyedHandle::Kind::kKeyGroupsSavepoint) continue;
        const std::string bytes = Load(handle.stream, path.parent_path());
        REQUIRE(static_cast<int64_t>(bytes.size()) == handle.stream.byte_size());
        const uint32_t max_parallelism = static_cast<uint32_t>(state.max_parallelism);
        const auto reader =
            weir::KeyedStateReader::Open(bytes, handle.range(), handle.offsets, max_parallelism);
        if (absl::IsUnimplemented(reader.status())) continue;  // snappy, or a user's own serializer
        REQUIRE(reader.status() == absl::OkStatus());
        CHECK(Rewrite(*reader, handle, max_parallelism, &entries) == bytes);
        ++streams;
      }
    }
  }
  CHECK(streams >= 100);
  CHECK(entries >= 400);
}

// (operator uid, state) -> keys and values of the VALUE states in the void namespace.
TEST_CASE("keyed state: a real savepoint holds what its writer put in", "[format][fixtures]") {
  WEIR_NEEDS_FIXTURES();
  const auto directory = weir::test::FixtureRoot() / "flink-tests/src/test/resources" /
                         "new-stateful-udf-migration-itcase-flink2.0-rocksdb-savepoint";
  const auto metadata = weir::ReadMetadata(weir::test::ReadFile(directory / "_metadata"));
  REQUIRE(metadata.ok());
  const auto layout = weir::CompositeKeyLayout::For(4, TypeOf<std::tuple<int64_t>>::kFixedLength);
  std::map<int64_t, int64_t> values;
  for (const weir::OperatorState& state : metadata->metadata.operators) {
    if (state.id != weir::OperatorIdFromUid("CheckpointingKeyedStateFlatMap1")) continue;
    for (const weir::SubtaskState& subtask : state.subtasks) {
      const weir::KeyedHandle& handle = subtask.managed_keyed;
      if (handle.is_null()) continue;
      const std::string bytes = Load(handle.stream, directory);
      const auto reader = weir::KeyedStateReader::Open(bytes, handle.range(), handle.offsets, 4);
      REQUIRE(reader.status() == absl::OkStatus());
      CHECK(reader->header().states[0].name == "state-name");
      CHECK(reader->header().key == TypeOf<std::tuple<int64_t>>::Serializer().Snapshot());
      const StateMeta ours =
          StateMeta::Keyed("state-name", KeyedStateType::kValue, TypeOf<int64_t>::Serializer().Snapshot());
      CHECK(reader->header().states[0] == ours);
      REQUIRE(reader
                  ->VisitAll([&](const weir::KeyedStateEntry& entry) {
                    const auto key =
                        weir::ParseCompositeKey(entry.key, layout, TypeOf<std::tuple<int64_t>>::Serializer());
                    REQUIRE(key.status() == absl::OkStatus());
                    const int64_t number = std::get<0>(ValueOf<std::tuple<int64_t>>(key->key));
                    CHECK(weir::KeyGroupOf(number, 4) == entry.key_group);
                    values[number] = ValueOf<int64_t>(entry.value);
                    return absl::OkStatus();
                  })
                  .ok());
    }
  }
  CHECK(values == std::map<int64_t, int64_t>{{0, 0}, {1, 1}, {2, 2}, {3, 3}});
}

// Elements by the gaps between offsets: every subtask of a snapshot holds all offsets of its own stream.
weir::OperatorStateContent ContentOf(const weir::OperatorStateReader& reader,
                                     const weir::OperatorHandle& handle, const std::string& bytes) {
  std::set<int64_t> bounds{static_cast<int64_t>(bytes.size())};
  for (const auto& state : handle.states) bounds.insert(state.offsets.begin(), state.offsets.end());
  const auto at = [&](int64_t offset) {
    return bytes.substr(static_cast<size_t>(offset),
                        static_cast<size_t>(*bounds.upper_bound(offset) - offset));
  };
  weir::OperatorStateContent content;
  for (const StateMeta& meta : reader.lists()) {
    auto& list = content.lists.emplace_back(weir::OperatorListState{meta, {}});
    for (const auto& state : handle.states) {
      if (state.name != meta.name) continue;
      for (const int64_t offset : state.offsets) list.elements.push_back(at(offset));
    }
  }
  for (const StateMeta& meta : reader.broadcasts()) {
    auto& broadcast = content.broadcasts.emplace_back(weir::OperatorBroadcastState{meta, {}});
    for (const auto& state : handle.states) {
      if (state.name != meta.name || state.mode != weir::OperatorStateMode::kBroadcast) continue;
      const std::string block = at(state.offsets[0]);
      weir::ByteReader count(block);
      const int32_t n = count.I32();
      // Which bytes are key and which value does not matter for writing them again.
      for (int32_t i = 0; i + 1 < n; ++i) broadcast.entries.emplace_back("", "");
      if (n > 0) broadcast.entries.emplace_back(block.substr(4), "");
    }
  }
  return content;
}

TEST_CASE("operator state: each real stream is written again byte for byte", "[format][fixtures]") {
  WEIR_NEEDS_FIXTURES();
  int streams = 0;
  int rewritten = 0;
  for (const auto& path : weir::test::FixturesNamed("_metadata")) {
    INFO(path);
    const auto metadata = weir::ReadMetadata(weir::test::ReadFile(path));
    REQUIRE(metadata.ok());
    for (const weir::OperatorState& state : metadata->metadata.operators) {
      for (const weir::SubtaskState& subtask : state.subtasks) {
        const weir::OperatorHandle& handle = subtask.managed_operator;
        if (handle.is_null()) continue;
        const std::string bytes = Load(handle.stream, path.parent_path());
        const auto reader = weir::OperatorStateReader::Open(bytes);
        if (absl::IsUnimplemented(reader.status())) continue;
        REQUIRE(reader.status() == absl::OkStatus());
        ++streams;
        for (const auto& offsets : handle.states) {
          CHECK(reader->Find(offsets.name, offsets.mode) != nullptr);
          for (const int64_t offset : offsets.offsets) CHECK(reader->At(offset).ok());
        }
        if (bytes.substr(0, 4) != std::string("\0\0\0\6", 4)) continue;  // version 5 of older releases
        const auto written = weir::WriteOperatorState(ContentOf(*reader, handle, bytes));
        REQUIRE(written.status() == absl::OkStatus());
        CHECK(written->bytes == bytes);
        ++rewritten;
      }
    }
  }
  CHECK(streams >= 200);
  CHECK(rewritten >= 80);
}

TEST_CASE("operator state: what is written reads back by its offsets", "[format]") {
  weir::OperatorStateContent content;
  content.lists.push_back({StateMeta::OperatorList("offsets", weir::OperatorStateMode::kSplitDistribute,
                                                   TypeOf<int64_t>::Serializer().Snapshot()),
                           {BytesOf(int64_t{5}), BytesOf(int64_t{6})}});
  content.lists.push_back({StateMeta::OperatorList("names", weir::OperatorStateMode::kUnion,
                                                   TypeOf<std::string>::Serializer().Snapshot()),
                           {BytesOf(std::string("x"))}});
  content.broadcasts.push_back({StateMeta::Broadcast("rules", TypeOf<int64_t>::Serializer().Snapshot(),
                                                     TypeOf<std::string>::Serializer().Snapshot()),
                                {{BytesOf(int64_t{1}), BytesOf(std::string("one"))}}});
  const auto stream = weir::WriteOperatorState(content);
  REQUIRE(stream.status() == absl::OkStatus());
  REQUIRE(stream->states.size() == 3);
  CHECK(stream->states[1].mode == weir::OperatorStateMode::kUnion);
  const auto reader = weir::OperatorStateReader::Open(stream->bytes);
  REQUIRE(reader.status() == absl::OkStatus());
  CHECK(*reader->Find("offsets", weir::OperatorStateMode::kSplitDistribute) == content.lists[0].meta);
  CHECK(reader->Find("offsets", weir::OperatorStateMode::kUnion) == nullptr);
  CHECK(*reader->Find("rules", weir::OperatorStateMode::kBroadcast) == content.broadcasts[0].meta);
  auto second = reader->At(stream->states[0].offsets[1]);
  REQUIRE(second.ok());
  int64_t value = 0;
  TypeOf<int64_t>::Read(*second, value);
  CHECK(value == 6);
  auto rules = reader->At(stream->states[2].offsets[0]);
  REQUIRE(rules.ok());
  CHECK(rules->I32() == 1);
  CHECK(reader->At(3).status().code() == absl::StatusCode::kDataLoss);
  CHECK(reader->At(static_cast<int64_t>(stream->bytes.size()) + 1).status().code() ==
        absl::StatusCode::kDataLoss);
  content.lists.push_back(content.lists[0]);
  CHECK(weir::WriteOperatorState(content).status().message() == "operator state offsets twice");
}

weir::KeyedStateHeader SampleHeader() {
  weir::KeyedStateHeader header;
  header.key = TypeOf<std::string>::Serializer().Snapshot();
  header.states = {
      StateMeta::Keyed("sum", KeyedStateType::kValue, TypeOf<int64_t>::Serializer().Snapshot()),
      StateMeta::Keyed("seen", KeyedStateType::kMap,
                       TypeOf<std::map<int64_t, std::string>>::Serializer().Snapshot()),
  };
  return header;
}

struct Row {
  uint32_t group = 0;
  size_t state = 0;
  std::string key;
  std::string value;
  bool operator==(const Row&) const = default;
};

std::vector<Row> Rows(const weir::KeyedStateReader& reader, weir::KeyGroupRange range) {
  std::vector<Row> rows;
  REQUIRE(reader
              .Visit(range,
                     [&](const weir::KeyedStateEntry& entry) {
                       rows.push_back({entry.key_group.value, entry.state_id, std::string(entry.key),
                                       std::string(entry.value)});
                       return absl::OkStatus();
                     })
              .ok());
  return rows;
}

TEST_CASE("operator state: a reader for one stream after another knows a header only if it is the same",
          "[format]") {
  const auto stream_of = [](const std::string& name, const std::string& element) {
    weir::OperatorStateContent content;
    content.lists.push_back({weir::StateMeta::OperatorList(name, weir::OperatorStateMode::kUnion,
                                                           TypeOf<std::string>::Serializer().Snapshot()),
                             {element}});
    return weir::WriteOperatorState(content).value();
  };
  weir::OperatorStateReader reader;
  const auto read = [&reader](const weir::OperatorStateStream& stream) -> std::string {
    if (!reader.Reopen(stream.bytes).ok()) return "damaged";
    if (reader.Find(stream.states[0].name, weir::OperatorStateMode::kUnion) == nullptr) return "unknown";
    return std::string(reader.At(stream.states[0].offsets[0])->Rest());
  };
  const weir::OperatorStateStream first = stream_of("list", "one");
  const weir::OperatorStateStream second = stream_of("list", "two");
  const weir::OperatorStateStream other = stream_of("tsil", "three");
  weir::OperatorStateStream damaged = stream_of("list", "four");
  damaged.bytes[10] = static_cast<char>(damaged.bytes[10] ^ 0x55);
  CHECK(read(first) == "one");
  CHECK(read(second) == "two");
  CHECK(read(other) == "three");
  CHECK(read(damaged) != "four");
  CHECK(read(second) == "two");
  weir::OperatorStateStream cut = first;
  cut.bytes.resize(12);
  CHECK(read(cut) == "damaged");
  CHECK(read(first) == "one");
}

TEST_CASE("keyed state: what is written reads back, whole or a part (1 and 2 byte prefix)", "[format]") {
  for (const uint32_t max_parallelism : {128u, 129u, 32768u}) {
    const weir::KeyGroupRange range{10, max_parallelism - 1};
    const auto layout = weir::CompositeKeyLayout::For(max_parallelism, -1);
    CHECK(layout.prefix_bytes == (max_parallelism == 128 ? 1 : 2));
    auto writer = weir::KeyedStateWriter::Create(SampleHeader(), range, max_parallelism);
    REQUIRE(writer.status() == absl::OkStatus());
    std::vector<Row> rows;
    for (const uint32_t group : {10u, 12u, 13u, 127u, max_parallelism - 1}) {
      if (!rows.empty() && rows.back().group >= group) continue;
      writer->BeginKeyGroup(KeyGroup(static_cast<uint16_t>(group)));
      if (group == 13) continue;  // a key group without entries
      for (const size_t state : {size_t{0}, size_t{0}, size_t{1}}) {
        if (group == 12 && state == 0) continue;
        weir::ByteWriter key;
        weir::AppendCompositeKey(key, layout, KeyGroup(static_cast<uint16_t>(group)),
                                 BytesOf(std::string("k") + std::to_string(rows.size())));
        rows.push_back({group, state, key.Take(), BytesOf(static_cast<int64_t>(rows.size()))});
        writer->Add(state, rows.back().key, rows.back().value);
      }
    }
    const weir::KeyedStateStream stream = writer->Finish();
    CHECK(stream.offsets[0] > 0);
    CHECK(stream.offsets[1] == 0);
    CHECK(stream.offsets[3] == 0);
    const auto reader =
        weir::KeyedStateReader::Open(stream.bytes, stream.range, stream.offsets, max_parallelism);
    REQUIRE(reader.status() == absl::OkStatus());
    CHECK(reader->header() == SampleHeader());
    CHECK(Rows(*reader, {0, max_parallelism}) == rows);
    CHECK(Rows(*reader, {12, 12}) == std::vector<Row>{rows[3]});
    CHECK(Rows(*reader, {0, 9}).empty());
  }
}

TEST_CASE("keyed state: damage is found, with key group and offset", "[format]") {
  auto writer = weir::KeyedStateWriter::Create(SampleHeader(), {5, 5}, 128);
  REQUIRE(writer.ok());
  writer->BeginKeyGroup(KeyGroup(5));
  const std::string key = std::string("\x05") + BytesOf(std::string("a")) + std::string(1, '\0');
  writer->Add(0, key, BytesOf(int64_t{1}));
  const weir::KeyedStateStream good = writer->Finish();
  const size_t at = static_cast<size_t>(good.offsets[0]);
  const auto visit = [&](std::string bytes) {
    auto reader = weir::KeyedStateReader::Open(bytes, {5, 5}, good.offsets, 128);
    if (!reader.ok()) return reader.status();
    return reader->VisitAll([](const weir::KeyedStateEntry&) { return absl::OkStatus(); });
  };
  CHECK(visit(good.bytes).ok());
  for (size_t size = 0; size < good.bytes.size(); ++size) {
    CHECK(visit(good.bytes.substr(0, size)).code() == absl::StatusCode::kDataLoss);
  }
  std::string bad = good.bytes;
  bad[at + 1] = 9;
  CHECK(visit(bad).message() == absl::StrCat("key group 5: state id 9 of 2 before offset ", at + 2));
  bad = good.bytes;
  bad[at + 6] = static_cast<char>(0x86);
  CHECK(visit(bad).message() ==
        absl::StrCat("state sum: key group 5: key of key group 6 before offset ", at + 22));
  bad = good.bytes;
  bad[at + 2] = 0x7F;
  CHECK(visit(bad).code() == absl::StatusCode::kDataLoss);
  bad = good.bytes;
  bad[4] = 1;
  CHECK(visit(bad).message() == "compressed keyed state cannot be read");
  bad = good.bytes;
  bad[3] = 5;
  CHECK(visit(bad).code() == absl::StatusCode::kUnimplemented);
  CHECK(weir::KeyedStateReader::Open(good.bytes, {5, 5}, {int64_t{3}}, 128).status().code() ==
        absl::StatusCode::kDataLoss);
}

TEST_CASE("composite key: lengths stand only where both parts are of variable length", "[format]") {
  const auto fixed = weir::CompositeKeyLayout::For(128, 8, -1);
  CHECK_FALSE(fixed.has_lengths);
  const auto ambiguous = weir::CompositeKeyLayout::For(1000, -1, -1);
  CHECK(ambiguous.has_lengths);
  CHECK(ambiguous.prefix_bytes == 2);
  const std::string key = BytesOf(std::string(300, 'k'));
  const std::string name_space = BytesOf(std::string("ns"));
  weir::ByteWriter writer;
  weir::AppendCompositeKey(writer, ambiguous, KeyGroup(513), key, name_space);
  writer.Raw("user");
  // 300 characters take 302 bytes = 0x12E, written low byte first.
  CHECK(writer.bytes() == "\x02\x01" + key + "\x2E\x01" + name_space + "\x03" + "user");
  const auto& string_type = TypeOf<std::string>::Serializer();
  const auto parsed = weir::ParseCompositeKey(writer.bytes(), ambiguous, string_type, &string_type);
  REQUIRE(parsed.status() == absl::OkStatus());
  CHECK(parsed->key_group == KeyGroup(513));
  CHECK(parsed->key == key);
  CHECK(parsed->name_space == name_space);
  CHECK(parsed->user_key == "user");
  std::string bad = writer.Take();
  bad[2 + key.size()] = 0x2F;
  CHECK(weir::ParseCompositeKey(bad, ambiguous, string_type, &string_type).status().code() ==
        absl::StatusCode::kDataLoss);
}

}  // namespace
