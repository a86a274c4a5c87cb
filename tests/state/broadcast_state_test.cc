#include "runtime/state/broadcast_state.h"

#include <catch2/catch.hpp>

#include "runtime/state/operator_list.h"
#include "runtime/state/operator_state_backend.h"

namespace weir {

struct Rule {
  int64_t id = 0;
  std::string text;
  std::optional<int64_t> limit;
  std::vector<std::string> words;
  bool operator==(const Rule&) const = default;
};
WEIR_FIELDS(Rule, id, text, limit, words);

namespace {

// What needs the write face cannot be had from the read face.
template <typename State>
concept Writable = requires(State& state) {
  state.Put(int64_t{1}, std::string("x"));
};
template <typename State>
concept Clearable = requires(State& state) {
  state.Clear();
};
template <typename State>
concept Removable = requires(State& state) {
  state.Remove(int64_t{1});
};
using ReadOnly = const ReadOnlyBroadcastState<int64_t, std::string>;
static_assert(Writable<BroadcastState<int64_t, std::string>>);
static_assert(!Writable<ReadOnly> && !Clearable<ReadOnly> && !Removable<ReadOnly>);
static_assert(!std::is_copy_constructible_v<BroadcastState<int64_t, std::string>>);

OperatorHandle HandleOf(const OperatorStateSnapshot& snapshot) {
  return OperatorHandle::Partitionable(snapshot.stream.states, StreamHandle::File("f", 1));
}

TEST_CASE("broadcast state: a map in the order of serialised keys", "[state]") {
  absl::Status error;
  BroadcastState<int64_t, std::string> state("s", error);
  ReadOnly& read = state;
  CHECK(read.empty());
  CHECK(read.Find(1) == nullptr);
  state.PutAll(std::map<int64_t, std::string>{{2, "two"}, {-1, "minus"}, {1, "one"}});
  state.Put(2, "zwei");
  CHECK(read.size() == 3);
  CHECK(read.Get(2) == "zwei");
  CHECK(read.Contains(-1));
  std::vector<int64_t> keys;
  for (const auto& [key, value] : read) {
    keys.push_back(key);
    CHECK(&value == read.Find(key));
  }
  CHECK(keys == std::vector<int64_t>{1, 2, -1});  // big-endian: the sign bit sorts last
  state.Remove(1);
  state.Remove(77);
  CHECK(read.size() == 2);
  state.Clear();
  CHECK(read.empty());
  CHECK(error.ok());
}

TEST_CASE("broadcast state: a key that cannot be written is an error, and changes nothing", "[state]") {
  OperatorStateBackend backend;
  auto state = backend.RegisterBroadcast<std::string, int64_t>("s");
  REQUIRE(state.ok());
  (*state)->Put("\xff", 1);
  CHECK(backend.failed());
  CHECK((*state)->empty());
  OperatorStateBackend other;
  auto values = other.RegisterBroadcast<int64_t, std::string>("v");
  (*values)->Put(1, "\xff");
  CHECK_FALSE(other.failed());
  const auto snapshot = other.Snapshot({});
  CHECK(snapshot.status().message().substr(0, 18) == "operator state v: ");
}

TEST_CASE("operator state: a broadcast map comes back, whole, whoever wrote it", "[state]") {
  OperatorStateBackend before;
  auto rules = before.RegisterBroadcast<int64_t, Rule>("rules");
  REQUIRE(rules.ok());
  (*rules)->Put(7, {7, "seven", 70, {"a", "b"}});
  (*rules)->Put(3, {3, "three", std::nullopt, {}});
  REQUIRE(before.RegisterBroadcast<std::string, std::string>("empty").ok());
  CHECK(*before.RegisterBroadcast<int64_t, Rule>("rules") == *rules);
  const auto snapshot = before.Snapshot({});
  REQUIRE(snapshot.ok());
  REQUIRE(snapshot->stream.states.size() == 2);
  CHECK(snapshot->stream.states[0].mode == OperatorStateMode::kBroadcast);
  CHECK(snapshot->stream.states[0].offsets.size() == 1);

  OperatorStateBackend after;
  REQUIRE(after.Restore(HandleOf(*snapshot), snapshot->stream.bytes, nullptr).ok());
  // Nobody has asked yet: carried on as it is, also through a struct of which only the layout is known.
  CHECK(after.Snapshot({})->stream.bytes == snapshot->stream.bytes);
  auto restored = after.RegisterBroadcast<int64_t, Rule>("rules");
  REQUIRE(restored.ok());
  CHECK((*restored)->size() == 2);
  CHECK(*(*restored)->Find(7) == Rule{7, "seven", 70, {"a", "b"}});
  CHECK(after.Snapshot({})->stream.bytes == snapshot->stream.bytes);
}

TEST_CASE("operator state: names of lists and of broadcast maps are apart, and other types are refused",
          "[state]") {
  OperatorStateBackend backend;
  REQUIRE(backend.RegisterList("a", OperatorStateMode::kUnion, TypeOf<int64_t>::Serializer()).ok());
  REQUIRE(backend.RegisterBroadcast<int64_t, std::string>("a").ok());
  const auto other = backend.RegisterBroadcast<int64_t, int64_t>("a");
  CHECK(absl::IsFailedPrecondition(other.status()));
  CHECK(other.status().message() ==
        "operator state a was written as Long to String and is now asked for as Long to Long");
  auto snapshot = backend.Snapshot({});
  OperatorStateBackend after;
  REQUIRE(after.Restore(HandleOf(*snapshot), snapshot->stream.bytes, nullptr).ok());
  CHECK(absl::IsFailedPrecondition(after.RegisterBroadcast<std::string, std::string>("a").status()));
}

TEST_CASE("operator state: damaged state is found at the restore, and named", "[state]") {
  OperatorStateBackend before;
  auto rules = before.RegisterBroadcast<int64_t, std::string>("rules");
  (*rules)->Put(7, "seven");
  const auto snapshot = before.Snapshot({});
  std::string cut = snapshot->stream.bytes;
  cut.resize(cut.size() - 2);
  OperatorStateBackend after;
  const absl::Status status = after.Restore(HandleOf(*snapshot), cut, nullptr);
  CHECK(absl::IsDataLoss(status));
  CHECK(status.message().find("operator state rules") != std::string::npos);
}

TEST_CASE("operator state: lists of structs that nobody asks for are carried on", "[state]") {
  OperatorStateBackend before;
  auto elements =
      before.RegisterList("rules", OperatorStateMode::kSplitDistribute, TypeOf<Rule>::Serializer());
  OperatorList<Rule> list(*elements);
  REQUIRE(list.AddAll({{1, "a", std::nullopt, {"x"}}, {2, "b", 9, {}}, {3, "c", 1, {"y", "z"}}}).ok());
  const auto snapshot = before.Snapshot({});
  OperatorHandle handle = HandleOf(*snapshot);
  handle.states[0].offsets.erase(handle.states[0].offsets.begin() + 1);
  OperatorStateBackend after;
  REQUIRE(after.Restore(handle, snapshot->stream.bytes, nullptr).ok());
  const auto carried = after.Snapshot({});
  REQUIRE(carried.ok());
  OperatorStateBackend last;
  REQUIRE(last.Restore(HandleOf(*carried), carried->stream.bytes, nullptr).ok());
  auto found = last.RegisterList("rules", OperatorStateMode::kSplitDistribute, TypeOf<Rule>::Serializer());
  REQUIRE(found.ok());
  CHECK(*OperatorList<Rule>(*found).Get() ==
        std::vector<Rule>{{1, "a", std::nullopt, {"x"}}, {3, "c", 1, {"y", "z"}}});
}

TEST_CASE("operator list: update replaces all or nothing", "[state]") {
  OperatorStateBackend backend;
  auto elements =
      backend.RegisterList("a", OperatorStateMode::kSplitDistribute, TypeOf<std::string>::Serializer());
  OperatorList<std::string> list(*elements);
  REQUIRE(list.Update({"a", "b"}).ok());
  REQUIRE(list.AddAll({"c"}).ok());
  CHECK_FALSE(list.Update({"d", "\xff"}).ok());
  CHECK(*list.Get() == std::vector<std::string>{"a", "b", "c"});
  REQUIRE(list.Update({}).ok());
  CHECK(list.size() == 0);
  OperatorList<std::string> nothing;
  CHECK_THROWS_AS(nothing.Get(), StateNotObtained);
  CHECK_THROWS_AS(nothing.Add("x"), StateNotObtained);
}

TEST_CASE("operator state: the ledger's lists are not billed, nor is a stream of nothing else", "[state]") {
  const bool has_state = GENERATE(false, true);
  OperatorStateBackend backend;
  if (has_state) {
    auto words = backend.RegisterList("words", OperatorStateMode::kUnion, TypeOf<std::string>::Serializer());
    REQUIRE(words.ok());
    REQUIRE(OperatorList<std::string>(*words).Add("word").ok());
  }
  ByteWriter entry;
  entry.Bytes("entries");
  const std::string element = entry.Take();
  const auto without = backend.Snapshot({});
  const auto with = backend.Snapshot({{element, element}, false, {}});
  REQUIRE(with.ok());
  CHECK(with->unbilled > 2 * element.size());
  CHECK(with->stream.bytes.size() - with->unbilled == without->stream.bytes.size());
}

TEST_CASE("operator state: the ledger's copies are kept apart and not billed", "[state]") {
  OperatorStateBackend before;
  auto rules = before.RegisterBroadcast<int64_t, std::string>("rules");
  (*rules)->Put(7, "seven");
  ByteWriter edge;
  edge.U32(3);
  ByteWriter entry;
  entry.Bytes("entries");
  const OperatorWitness witness{{}, true, {{edge.Take(), entry.Take()}}};
  const auto without = before.Snapshot({});
  const auto with = before.Snapshot(witness);
  REQUIRE(with.ok());
  CHECK(with->stream.bytes.size() - with->unbilled == without->stream.bytes.size());
  OperatorStateBackend after;
  OperatorWitness restored;
  REQUIRE(after.Restore(HandleOf(*with), with->stream.bytes, &restored).ok());
  CHECK(restored.has_broadcast);
  CHECK(restored.broadcast == witness.broadcast);
  CHECK(after.Snapshot({})->stream.bytes == without->stream.bytes);
}

}  // namespace
}  // namespace weir
