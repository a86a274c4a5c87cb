#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "runtime/format/witness.h"
#include "runtime/state/keyed_state_backend.h"
#include "tests/state/keyed_harness.h"

namespace weir {
namespace {

constexpr KeyGroupRange kAll{0, 127};

struct Backend : TestBackend {
  using TestBackend::TestBackend;
  ValueState<std::string> Names() { return Value<std::string>("names"); }
  absl::StatusOr<KeyedSnapshot> Snapshot(const WitnessOf& witness = nullptr) {
    return SnapshotNow(**this, witness);
  }
};

TEST_CASE("value state: belongs to the current key", "[state]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  ValueState<std::string> names = backend.Names();
  backend.Use(1);
  CHECK(names.Find() == nullptr);
  CHECK_FALSE(names.Value().has_value());
  names.Update("one");
  backend.Use(2);
  CHECK(names.Find() == nullptr);
  names.Update("two");
  backend.Use(1);
  REQUIRE(names.Find() != nullptr);
  CHECK(*names.Find() == "one");
  names.Clear();
  CHECK(names.Find() == nullptr);
  backend.Use(2);
  CHECK(names.Value() == "two");
  CHECK(backend->entry_count() == 1);
  CHECK_FALSE(backend->failed());
}

TEST_CASE("value state: a default is given, never stored by reading", "[state]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  ValueState<int64_t> count(backend->RegisterValue(ValueState<int64_t>::Spec("count", false)).value(), 40);
  backend.Use(1);
  CHECK(count.Value() == 40);
  CHECK(count.Find() == nullptr);
  count.Mutate([](int64_t& value) { value += 2; });
  CHECK(*count.Find() == 42);
}

TEST_CASE("keyed backend: access without a current key is an error, registration is not", "[state]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  ValueState<std::string> names = backend.Names();
  CHECK_FALSE(backend->failed());
  CHECK(names.Find() == nullptr);
  REQUIRE(backend->failed());
  CHECK(absl::IsFailedPrecondition(backend->error()));
  CHECK(backend->error().message().find("no key is set") != std::string::npos);
}

// On the heap the visitor pulled the tree from under the visit, and RocksDB went on as if nothing had happened.
TEST_CASE("map state: a visitor that touches its own map is an error on every backend", "[state]") {
  const BackendKind kind = AnyBackend();
  const std::string touch = GENERATE("put", "remove", "clear", "find", "visit", "remove if", "is empty");
  INFO(touch);
  Backend backend(kind);
  auto map = backend.Map<std::string, int64_t>("counts");
  auto again = backend.Map<std::string, int64_t>("counts");  // another handle of the same state
  backend.Use(1);
  for (const char* key : {"a", "b", "c"}) map.Put(key, 1);
  int visited = 0;
  map.ForEach([&](const std::string& key, int64_t value) {
    ++visited;
    CHECK(value == 1);
    if (touch == "put") again.Put(key + "'", 2);
    if (touch == "remove") again.Remove(key);
    if (touch == "clear") again.Clear();
    if (touch == "find") CHECK(again.Find("b") == nullptr);
    if (touch == "visit") again.ForEach([](const std::string&, int64_t) { FAIL(); });
    if (touch == "remove if") again.RemoveIf([](const std::string&, int64_t) { return true; });
    if (touch == "is empty") CHECK(again.IsEmpty());
  });
  CHECK(visited == 3);
  REQUIRE(backend->failed());
  const std::string message(backend->error().message());
  CHECK(absl::StrContains(message, "state counts: accessed by the very function that it was lent to"));
  CHECK(map.Entries() == std::vector<std::pair<std::string, int64_t>>{{"a", 1}, {"b", 1}, {"c", 1}});
}

TEST_CASE("map state: a visitor may touch other states, and its own afterwards", "[state]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  auto map = backend.Map<std::string, int64_t>("counts");
  auto other = backend.Map<std::string, int64_t>("others");
  backend.Use(1);
  for (const char* key : {"a", "b", "c"}) map.Put(key, 1);
  map.ForEach([&](const std::string& key, int64_t value) { other.Put(key, value + 1); });
  CHECK_THROWS(map.ForEach([](const std::string&, int64_t) { throw std::runtime_error("of the function"); }));
  map.RemoveIf([](const std::string& key, int64_t) { return key != "b"; });
  map.Put("d", 4);
  CHECK(map.Keys() == std::vector<std::string>{"b", "d"});
  CHECK(other.Values() == std::vector<int64_t>{2, 2, 2});
  CHECK_FALSE(backend->failed());
}

TEST_CASE("value state: a change in place that touches its own state is an error on every backend",
          "[state]") {
  const BackendKind kind = AnyBackend();
  const bool is_stored = GENERATE(true, false);
  Backend backend(kind);
  ValueState<std::string> names = backend.Names();
  backend.Use(1);
  if (is_stored) names.Update("one");
  names.Mutate([&](std::string& name) {
    names.Clear();
    name += " more";
  });
  REQUIRE(backend->failed());
  CHECK(absl::StrContains(backend->error().message(), "state names: accessed by the very function"));
  CHECK(names.Value() == (is_stored ? "one more" : " more"));
}

TEST_CASE("keyed backend: a key group that belongs to another subtask is an error", "[state]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind, KeyGroupRange{0, 10});
  backend.Use(1);  // key group 86
  REQUIRE(backend->failed());
  CHECK(backend->error().message().find("key group 86 is outside") != std::string::npos);
}

TEST_CASE("keyed backend: one name has one type", "[state]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  const StateSpec number = ValueState<int64_t>::Spec("a", false);
  const auto first = backend->RegisterValue(number);
  REQUIRE(first.ok());
  CHECK(*backend->RegisterValue(number) == *first);
  CHECK(
      absl::IsFailedPrecondition(backend->RegisterValue(ValueState<std::string>::Spec("a", false)).status()));
  CHECK(absl::IsFailedPrecondition(backend->RegisterList(ListState<int64_t>::Spec("a", false)).status()));
}

TEST_CASE("keyed backend: what was restored must be asked for with the same type", "[state]") {
  const BackendKind kind = AnyBackend();
  Backend before(kind);
  ValueState<std::string> names = before.Names();
  before.Use(1);
  names.Update("one");
  const auto snapshot = before.Snapshot();
  REQUIRE(snapshot.ok());
  Backend after(kind);
  REQUIRE(after->Restore(HandleOf(*snapshot), snapshot->stream.bytes, nullptr).ok());
  const auto wrong = after->RegisterValue(ValueState<int64_t>::Spec("names", false));
  CHECK(absl::IsFailedPrecondition(wrong.status()));
  CHECK(wrong.status().message().find("names") != std::string::npos);
  after.Use(1);
  CHECK(after.Names().Value() == "one");

  FakeNode node;
  const auto other_key = node.Make(kind, TypeOf<std::string>::Serializer(), kAll, 128);
  CHECK(absl::IsFailedPrecondition(other_key->Restore(HandleOf(*snapshot), snapshot->stream.bytes, nullptr)));
}

TEST_CASE("keyed backend: restored state that nobody asks for is written again", "[state]") {
  const BackendKind kind = AnyBackend();
  Backend before(kind);
  ValueState<std::string> names = before.Names();
  for (int64_t key = 0; key < 20; ++key) {
    before.Use(key);
    names.Update(std::to_string(key));
  }
  const auto snapshot = before.Snapshot();
  REQUIRE(snapshot.ok());
  Backend after(kind);
  REQUIRE(after->Restore(HandleOf(*snapshot), snapshot->stream.bytes, nullptr).ok());
  const auto again = after.Snapshot();
  REQUIRE(again.ok());
  CHECK(again->stream.bytes == snapshot->stream.bytes);
}

TEST_CASE("keyed backend: a value that its serializer cannot read is named, with the file that it lies in",
          "[state]") {
  const BackendKind kind = AnyBackend();
  Backend before(kind);
  ValueState<std::optional<int64_t>> seen = before.Value<std::optional<int64_t>>("seen");
  before.Use(1);
  seen.Update(std::optional<int64_t>());
  KeyedSnapshot snapshot = before.Snapshot().value();
  // The only value is one byte, its null flag, before the end mark of its key group.
  std::string& bytes = snapshot.stream.bytes;
  REQUIRE(bytes.substr(bytes.size() - 3) == "\x01\xff\xff");
  bytes[bytes.size() - 3] = 2;
  Backend after(kind);
  REQUIRE(after->Restore(HandleOf(snapshot), bytes, nullptr).ok());
  const auto status = after->RegisterValue(ValueState<std::optional<int64_t>>::Spec("seen", false)).status();
  CHECK(absl::IsDataLoss(status));
  CHECK(absl::StartsWith(status.message(), "state seen in state file f: "));
}

TEST_CASE("keyed backend: equal state gives equal bytes, whatever its history", "[state]") {
  const BackendKind kind = AnyBackend();
  Backend a(kind);
  Backend b(kind);
  ValueState<std::string> in_a = a.Names();
  ValueState<std::string> in_b = b.Names();
  for (int64_t key = 0; key < 50; ++key) {
    a.Use(key);
    in_a.Update("x" + std::to_string(key));
  }
  for (int64_t key = 99; key >= 0; --key) {
    b.Use(key);
    in_b.Update("y");
    if (key % 7 == 0) REQUIRE(b.Snapshot().ok());
    if (key < 50) {
      in_b.Update("x" + std::to_string(key));
    } else {
      in_b.Clear();
    }
  }
  CHECK(a.Snapshot()->stream.bytes == b.Snapshot()->stream.bytes);
}

TEST_CASE("keyed backend: the ledger's entries come back by key group, and are not billed", "[state]") {
  const BackendKind kind = AnyBackend();
  for (const bool has_state : {false, true}) {
    Backend before(kind);
    ValueState<std::string> names = before.Names();
    if (has_state) {
      for (int64_t key = 0; key < 30; ++key) {
        before.Use(key);
        names.Update("v");
      }
    }
    const auto witness = [](KeyGroup group, ByteWriter& out) {
      if (group.value % 3 != 0) return;
      out.Raw(EncodeWitness({{WitnessRole::kApplied, 1, group.value, 5, {1, group.value}, {}}}));
    };
    const auto without = before.Snapshot();
    const auto with = before.Snapshot(witness);
    REQUIRE(without.ok());
    REQUIRE(with.ok());
    CHECK(with->stream.bytes.size() - with->unbilled == without->stream.bytes.size());
    Backend after(kind, KeyGroupRange{10, 20});
    std::vector<uint32_t> slots;
    REQUIRE(after
                ->Restore(HandleOf(*with), with->stream.bytes,
                          [&](absl::string_view bytes) {
                            const auto entries = DecodeWitness(bytes);
                            REQUIRE(entries.ok());
                            for (const WitnessEntry& entry : *entries) slots.push_back(entry.slot);
                            return absl::OkStatus();
                          })
                .ok());
    CHECK(slots == std::vector<uint32_t>{12, 15, 18});
    for (int64_t key = 0; key < 30; ++key) {
      const KeyGroup group = KeyGroupOf(key, 128);
      if (!after->range().Contains(group)) continue;
      after.Use(key);
      CHECK((after.Names().Find() != nullptr) == has_state);
    }
  }
}

TEST_CASE("keyed backend: truncated or damaged bytes are an error or other state, never a crash", "[state]") {
  const BackendKind kind = AnyBackend();
  Backend before(kind);
  ValueState<std::string> names = before.Names();
  ListState<int64_t> list = before.List<int64_t>("list");
  MapState<std::string, int64_t> map = before.Map<std::string, int64_t>("map");
  TimerQueue& timers = *before->RegisterTimers("_timer_state/event_t", nullptr).value();
  for (int64_t key = 0; key < 5; ++key) {
    before.Use(key);
    names.Update("name");
    list.Update({1, 2, 3});
    map.Put("k", key);
    timers.Add({key, before->current_key_group(), before->current_key(), std::string(1, '\0')});
  }
  const KeyedSnapshot snapshot = before.Snapshot().value();
  const auto restore = [&](const std::string& bytes) {
    Backend after(kind);
    absl::Status status = after->Restore(HandleOf(snapshot), bytes, nullptr);
    if (status.ok()) status = after->RegisterValue(ValueState<std::string>::Spec("names", false)).status();
    if (status.ok()) status = after->RegisterList(ListState<int64_t>::Spec("list", false)).status();
    if (status.ok()) status = after->RegisterMap(MapState<std::string, int64_t>::Spec("map", false)).status();
    if (status.ok()) status = after->RegisterTimers("_timer_state/event_t", nullptr).status();
    return status;
  };
  const std::string& whole = snapshot.stream.bytes;
  REQUIRE(restore(whole).ok());
  for (size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(restore(whole.substr(0, size)).ok());
  size_t found = 0;
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    found += restore(damaged).ok() ? 0 : 1;
  }
  CHECK(found > whole.size() / 2);
}

}  // namespace
}  // namespace weir
