// Namespaced::Merge: what windows that merge do with their state.
#include <catch2/catch.hpp>
#include <limits>

#include "absl/strings/str_cat.h"
#include "tests/state/keyed_harness.h"

namespace weir {

// Remembers in which order it was given what.
struct Joined {
  using InputType = std::string;
  using AccumulatorType = std::string;
  using OutputType = std::string;
  static std::string CreateAccumulator() { return "|"; }
  static void Add(const std::string& value, std::string& text) { text += value; }
  static std::string GetResult(const std::string& text) { return text; }
  static void Merge(const std::string& other, std::string& into) { into += other; }
};

namespace {

using Windows = std::vector<int64_t>;
using Texts = std::vector<std::string>;

constexpr ReducingStateDescriptor<std::string> kText{
    "text",
    [](const std::string& older, const std::string& newer) { return absl::StrCat("(", older, newer, ")"); }};
constexpr AggregatingStateDescriptor<Joined> kJoined{"joined"};

// States by key and window.
struct Backend : TestBackend {
  explicit Backend(BackendKind kind) : TestBackend(kind) { Use(1); }

  template <typename State>
  StateSpec ByWindow(absl::string_view name, bool has_ttl = false) {
    StateSpec spec = State::Spec(name, has_ttl);
    spec.name_space = &TypeOf<int64_t>::Serializer();
    return spec;
  }
  Namespaced<int64_t, ListState<std::string>> Lists() {
    using State = ListState<std::string>;
    return Namespaced<int64_t, State>(State((*this)->RegisterList(ByWindow<State>("list")).value()));
  }
  Namespaced<int64_t, ReducingState<std::string>> Reduced() {
    using State = ReducingState<std::string>;
    return Namespaced<int64_t, State>(
        State(kText, ValueState<std::string>((*this)->RegisterValue(ByWindow<State>("text")).value())));
  }
  Namespaced<int64_t, AggregatingState<Joined>> Aggregated() {
    using State = AggregatingState<Joined>;
    return Namespaced<int64_t, State>(
        State(ValueState<std::string>((*this)->RegisterValue(ByWindow<State>("joined")).value())));
  }
};

TEST_CASE("merge: the target first, then the sources in their order, which are gone then", "[state][merge]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  auto lists = backend.Lists();
  auto reduced = backend.Reduced();
  auto aggregated = backend.Aggregated();
  const std::pair<int64_t, const char*> content[] = {{3, "c"}, {1, "a"}, {2, "b"}, {9, "t"}, {4, "x"}};
  for (const auto& [window, text] : content) {
    lists.In(window)->Add(text);
    reduced.In(window)->Add(text);
    aggregated.In(window)->Add(text);
  }
  backend.Use(2);
  lists.In(1)->Add("other key");
  backend.Use(1);
  // 7 has nothing, and the second 1 has nothing any more.
  const Windows sources{2, 7, 1, 3, 1};
  lists.Merge(9, sources);
  reduced.Merge(9, sources);
  aggregated.Merge(9, sources);
  CHECK(lists.In(9)->Get() == Texts{"t", "b", "a", "c"});
  CHECK(reduced.In(9)->Get() == "(t((ba)c))");
  CHECK(aggregated.In(9)->Get() == "|t|b|a|c");
  for (const int64_t source : sources) {
    CHECK(lists.In(source)->Get().empty());
    CHECK(reduced.In(source)->Find() == nullptr);
    CHECK_FALSE(aggregated.In(source)->Get().has_value());
  }
  CHECK(lists.In(4)->Get() == Texts{"x"});
  backend.Use(2);
  CHECK(lists.In(1)->Get() == Texts{"other key"});
  CHECK(backend->entry_count() == 7);
  CHECK_FALSE(backend->failed());
}

TEST_CASE("merge: a target that has nothing gets what the sources have, or stays absent", "[state][merge]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  auto lists = backend.Lists();
  auto reduced = backend.Reduced();
  lists.In(1)->Add("a");
  lists.In(2)->Add("b");
  reduced.In(2)->Add("b");
  lists.Merge(9, {1, 2});
  reduced.Merge(9, {1, 2});
  CHECK(lists.In(9)->Get() == Texts{"a", "b"});
  CHECK(reduced.In(9)->Get() == "b");
  lists.Merge(8, {5, 6});
  reduced.Merge(8, {5, 6});
  CHECK(lists.In(8)->Get().empty());
  CHECK(reduced.In(8)->Find() == nullptr);
  CHECK(backend->entry_count() == 2);
}

TEST_CASE("merge: without sources nothing happens, and the target keeps what it has", "[state][merge]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  auto lists = backend.Lists();
  lists.In(9)->Add("t");
  lists.Merge(9, {});
  lists.Merge(9, {1, 2});
  CHECK(lists.In(9)->Get() == Texts{"t"});
  lists.Merge(8, {});
  CHECK(backend->entry_count() == 1);
}

TEST_CASE("merge: the target may be a source, then it comes where it stands among them", "[state][merge]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  auto lists = backend.Lists();
  auto reduced = backend.Reduced();
  for (const int64_t window : {1, 2, 9}) {
    lists.In(window)->Add(absl::StrCat(window));
    reduced.In(window)->Add(absl::StrCat(window));
  }
  lists.Merge(9, {1, 9, 2});
  reduced.Merge(9, {1, 9, 2});
  CHECK(lists.In(9)->Get() == Texts{"1", "9", "2"});
  CHECK(reduced.In(9)->Get() == "((19)2)");
  lists.Merge(9, {9});
  CHECK(lists.In(9)->Get() == Texts{"1", "9", "2"});
  CHECK(backend->entry_count() == 2);
}

TEST_CASE("namespaces: two that are held at once do not stand for one another", "[state][merge]") {
  Backend backend(AnyBackend());
  auto lists = backend.Lists();
  auto reduced = backend.Reduced();
  const auto one = lists.In(1);
  const auto two = lists.In(2);
  one->Add("a");
  two->Add("b");
  one->Add("c");
  CHECK(one->Get() == Texts{"a", "c"});
  CHECK((*two).Get() == Texts{"b"});
  const auto sum = reduced.In(1);
  reduced.In(2)->Add("x");
  CHECK(sum->Find() == nullptr);
}

TEST_CASE("merge: access means what it meant, and a snapshot under way sees the state before",
          "[state][merge]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  auto lists = backend.Lists();
  lists.In(2)->Add("b");
  lists.In(9)->Add("t");
  ListState<std::string>& of_two = *lists.In(2);  // without saying the namespace again
  const auto writer = backend->Snapshot(nullptr);
  lists.Merge(9, {2});
  CHECK(of_two.Get().empty());
  of_two.Add("new");
  CHECK(lists.In(2)->Get() == Texts{"new"});
  CHECK(lists.In(9)->Get() == Texts{"t", "b"});
  REQUIRE(writer->Write(std::numeric_limits<uint64_t>::max()).value());
  const KeyedSnapshot snapshot = writer->Take();
  Backend after(kind);
  REQUIRE(after->Restore(HandleOf(snapshot), snapshot.stream.bytes, nullptr).ok());
  auto restored = after.Lists();
  CHECK(restored.In(2)->Get() == Texts{"b"});
  CHECK(restored.In(9)->Get() == Texts{"t"});
}

TEST_CASE("merge: without a current key it is an error", "[state][merge]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  auto lists = backend.Lists();
  backend->ClearCurrentKey();
  lists.Merge(9, {1});
  CHECK(backend->failed());
}

TEST_CASE("merge: what has expired is left out, what was combined is new, elements keep their time",
          "[state][merge]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  WallClock clock;
  const StateTtl ttl = StateTtl(absl::Milliseconds(100)).DisableCleanupInBackground();
  using List = ListState<std::string>;
  using Reducing = ReducingState<std::string>;
  Namespaced<int64_t, List> lists(
      List(backend->RegisterList(backend.ByWindow<List>("list", true)).value(), ttl, clock));
  Namespaced<int64_t, Reducing> reduced(Reducing(
      kText, ValueState<std::string>(backend->RegisterValue(backend.ByWindow<Reducing>("text", true)).value(),
                                     ttl, clock)));
  for (const int64_t window : {1, 2, 3, 9}) {
    lists.In(window)->Add(absl::StrCat(window));
    reduced.In(window)->Add(absl::StrCat(window));
    clock.millis += 40;
  }
  // 1 and 2 have expired: they are of 160 and 120 ms ago, 3 and 9 of 80 and 40.
  lists.Merge(9, {1, 2, 3});
  reduced.Merge(9, {1, 2, 3});
  CHECK(lists.In(9)->Get() == Texts{"9", "3"});
  CHECK(reduced.In(9)->Get() == "(93)");
  clock.millis += 30;
  CHECK(lists.In(9)->Get() == Texts{"9"});
  clock.millis += 69;
  CHECK(lists.In(9)->Get().empty());
  CHECK(reduced.In(9)->Get() == "(93)");
  clock.millis += 1;
  CHECK(reduced.In(9)->Find() == nullptr);
}

}  // namespace
}  // namespace weir
