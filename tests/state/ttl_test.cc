#include "runtime/state/ttl.h"

#include <catch2/catch.hpp>

#include "tests/state/keyed_harness.h"

namespace weir {

struct SumFromThousand {
  using InputType = int64_t;
  using AccumulatorType = int64_t;
  using OutputType = int64_t;
  // Not what a number is at first: whoever forgets to create an accumulator is seen.
  static int64_t CreateAccumulator() { return 1'000; }
  static void Add(const int64_t& value, int64_t& sum) { sum += value; }
  static int64_t GetResult(const int64_t& sum) { return sum; }
};

namespace {

constexpr ReducingStateDescriptor<int64_t> kSum{"sum",
                                                [](const int64_t& a, const int64_t& b) { return a + b; }};

// States with a time to live of 100 ms, unless said otherwise.
struct Backend : TestBackend {
  using TestBackend::TestBackend;
  WallClock clock;

  static StateTtl Ttl() { return StateTtl(absl::Milliseconds(100)).DisableCleanupInBackground(); }

  ValueState<int64_t> ExpiringValue(const StateTtl& ttl) {
    return {(*this)->RegisterValue(ValueState<int64_t>::Spec("value", true)).value(), ttl, clock};
  }
  ListState<int64_t> ExpiringList(const StateTtl& ttl) {
    return {(*this)->RegisterList(ListState<int64_t>::Spec("list", true)).value(), ttl, clock};
  }
  MapState<int64_t, int64_t> ExpiringMap(const StateTtl& ttl) {
    return {(*this)->RegisterMap(MapState<int64_t, int64_t>::Spec("map", true)).value(), ttl, clock};
  }
  ReducingState<int64_t> ExpiringSum(const StateTtl& ttl) {
    return {kSum, ValueState<int64_t>(
                      (*this)->RegisterValue(ReducingState<int64_t>::Spec("sum", true)).value(), ttl, clock)};
  }
  AggregatingState<SumFromThousand> ExpiringAggregate(const StateTtl& ttl) {
    return AggregatingState<SumFromThousand>(ValueState<int64_t>(
        (*this)->RegisterValue(AggregatingState<SumFromThousand>::Spec("aggregate", true)).value(), ttl,
        clock));
  }
  KeyedSnapshot Snapshot() { return SnapshotNow(**this, nullptr).value(); }
};

void RestoreInto(Backend& backend, const KeyedSnapshot& snapshot) {
  REQUIRE(backend->Restore(HandleOf(snapshot), snapshot.stream.bytes, nullptr).ok());
}

using Numbers = std::vector<int64_t>;
using Pairs = std::vector<std::pair<int64_t, int64_t>>;

}  // namespace

TEST_CASE("ttl: a value is gone from its last millisecond on, and its entry with the read", "[state][ttl]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  auto value = backend.ExpiringValue(Backend::Ttl());
  backend.Use(1);
  value.Update(7);
  backend.clock.millis += 99;
  CHECK(value.Value() == 7);
  CHECK(backend->entry_count() == 1);
  backend.clock.millis += 1;
  CHECK_FALSE(value.Value().has_value());
  CHECK(backend->entry_count() == 0);
}

TEST_CASE("ttl: a long one does not overflow", "[state][ttl]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  auto value = backend.ExpiringValue(StateTtl(absl::Milliseconds(std::numeric_limits<int64_t>::max() - 5)));
  backend.Use(1);
  value.Update(7);
  backend.clock.millis += 1'000'000'000;
  CHECK(value.Value() == 7);
}

TEST_CASE("ttl: writing begins it anew, reading does only where it is said to", "[state][ttl]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  backend.Use(1);
  SECTION("on create and write") {
    auto value = backend.ExpiringValue(Backend::Ttl());
    value.Update(7);
    backend.clock.millis += 60;
    CHECK(value.Value() == 7);
    backend.clock.millis += 60;
    CHECK_FALSE(value.Value().has_value());
    value.Update(7);
    backend.clock.millis += 60;
    value.Update(8);
    backend.clock.millis += 60;
    CHECK(value.Value() == 8);
  }
  SECTION("on read and write") {
    auto value = backend.ExpiringValue(Backend::Ttl().UpdateOnReadAndWrite());
    value.Update(7);
    for (int i = 0; i < 5; ++i) {
      backend.clock.millis += 60;
      CHECK(value.Value() == 7);
    }
    backend.clock.millis += 100;
    CHECK_FALSE(value.Value().has_value());
  }
  SECTION("an expired value that is changed begins as if there were none") {
    auto value = backend.ExpiringValue(Backend::Ttl());
    value.Update(7);
    backend.clock.millis += 100;
    value.Mutate([](int64_t& v) { v += 1; });
    CHECK(value.Value() == 1);
  }
}

TEST_CASE("ttl: where expired values may be seen, each is seen once", "[state][ttl]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  auto value = backend.ExpiringValue(Backend::Ttl().ReturnExpiredIfNotCleanedUp());
  backend.Use(1);
  value.Update(7);
  backend.clock.millis += 500;
  CHECK(value.Value() == 7);
  CHECK_FALSE(value.Value().has_value());
}

TEST_CASE("ttl: elements of a list expire one by one, the list with its last", "[state][ttl]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  auto list = backend.ExpiringList(Backend::Ttl());
  backend.Use(1);
  list.Add(1);
  backend.clock.millis += 60;
  list.AddAll({2, 3});
  backend.clock.millis += 40;
  CHECK(list.Get() == Numbers{2, 3});
  CHECK(backend->entry_count() == 1);
  backend.clock.millis += 60;
  CHECK(list.Get().empty());
  CHECK(backend->entry_count() == 0);
  SECTION("reading touches what it finds alive") {
    auto touched = backend.ExpiringList(Backend::Ttl().UpdateOnReadAndWrite());
    touched.Add(1);
    backend.clock.millis += 60;
    touched.Add(2);
    CHECK(touched.Get() == Numbers{1, 2});
    backend.clock.millis += 60;
    CHECK(touched.Get() == Numbers{1, 2});
  }
}

TEST_CASE("ttl: entries of a map expire one by one", "[state][ttl]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  auto map = backend.ExpiringMap(Backend::Ttl());
  backend.Use(1);
  map.Put(1, 10);
  backend.clock.millis += 60;
  map.Put(2, 20);
  backend.clock.millis += 40;
  SECTION("looked for") {
    CHECK_FALSE(map.Contains(1));
    CHECK(map.Get(2) == 20);
  }
  SECTION("walked over") { CHECK(map.Entries() == Pairs{{2, 20}}); }
  SECTION("expired entries count until somebody comes by") {
    backend.clock.millis += 60;
    CHECK_FALSE(map.IsEmpty());
    CHECK(map.Entries().empty());
    CHECK(map.IsEmpty());
    CHECK(backend->entry_count() == 0);
  }
}

TEST_CASE("ttl: an expired sum begins anew", "[state][ttl]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  auto sum = backend.ExpiringSum(Backend::Ttl());
  backend.Use(1);
  sum.Add(5);
  backend.clock.millis += 60;
  sum.Add(6);
  backend.clock.millis += 60;
  CHECK(sum.Get() == 11);
  backend.clock.millis += 40;
  sum.Add(1);
  CHECK(sum.Get() == 1);
}

TEST_CASE("ttl: an accumulator is created anew, also where an expired one was seen", "[state][ttl]") {
  const BackendKind kind = AnyBackend();
  Backend backend(kind);
  backend.Use(1);
  SECTION("never seen") {
    auto aggregate = backend.ExpiringAggregate(Backend::Ttl());
    aggregate.Add(5);
    backend.clock.millis += 100;
    aggregate.Add(1);
    CHECK(aggregate.Get() == 1'001);
  }
  SECTION("seen by nobody but the one who adds: it goes on from there, once") {
    auto aggregate = backend.ExpiringAggregate(Backend::Ttl().ReturnExpiredIfNotCleanedUp());
    aggregate.Add(5);
    backend.clock.millis += 100;
    aggregate.Add(1);
    CHECK(aggregate.Get() == 1'006);
  }
  SECTION("seen before") {
    auto aggregate = backend.ExpiringAggregate(Backend::Ttl().ReturnExpiredIfNotCleanedUp());
    aggregate.Add(5);
    backend.clock.millis += 100;
    CHECK(aggregate.Get() == 1'005);
    aggregate.Add(1);
    CHECK(aggregate.Get() == 1'001);
  }
}

TEST_CASE("ttl: a default is ignored", "[state][ttl]") {
  const BackendKind kind = AnyBackend();
  const WithTimeToLive<ValueStateDescriptor<int64_t>> with =
      ValueStateDescriptor<int64_t>("value").WithDefault(40).WithTtl(Backend::Ttl());
  Backend backend(kind);
  auto value = backend.ExpiringValue(with.ttl);
  backend.Use(1);
  CHECK_FALSE(value.Value().has_value());
}

TEST_CASE("ttl: a snapshot holds expired values, unless it is to leave them out", "[state][ttl]") {
  const BackendKind kind = AnyBackend();
  const bool cleans = GENERATE(false, true);
  Backend before(kind);
  StateTtl ttl = Backend::Ttl();
  if (cleans) ttl.CleanupFullSnapshot();
  auto value = before.ExpiringValue(ttl);
  auto list = before.ExpiringList(ttl);
  auto map = before.ExpiringMap(ttl);
  before.Use(1);
  value.Update(7);
  list.Add(1);
  map.Put(1, 10);
  before.clock.millis += 60;
  list.Add(2);
  map.Put(2, 20);
  before.clock.millis += 40;
  const KeyedSnapshot snapshot = before.Snapshot();
  CHECK(before->entry_count() == 3);  // what is at hand stays

  // A clock that is behind finds what is still there.
  Backend after(kind);
  after.clock.millis = before.clock.millis - 50;
  RestoreInto(after, snapshot);
  auto restored_value = after.ExpiringValue(ttl);
  auto restored_list = after.ExpiringList(ttl);
  auto restored_map = after.ExpiringMap(ttl);
  after.Use(1);
  CHECK(restored_value.Value().has_value() == !cleans);
  CHECK(restored_list.Get() == (cleans ? Numbers{2} : Numbers{1, 2}));
  CHECK(restored_map.Entries() == (cleans ? Pairs{{2, 20}} : Pairs{{1, 10}, {2, 20}}));
}

TEST_CASE("ttl: the time in which a job is down counts", "[state][ttl]") {
  const BackendKind kind = AnyBackend();
  Backend before(kind);
  auto value = before.ExpiringValue(Backend::Ttl());
  for (int64_t key : {1, 2}) {
    before.Use(key);
    value.Update(key);
    before.clock.millis += 50;
  }
  const KeyedSnapshot snapshot = before.Snapshot();
  Backend after(kind);
  after.clock.millis = before.clock.millis + 10;
  RestoreInto(after, snapshot);
  auto restored = after.ExpiringValue(Backend::Ttl());
  after.Use(1);
  CHECK_FALSE(restored.Value().has_value());
  after.Use(2);
  CHECK(restored.Value() == 2);
  SECTION("the time to live itself is not in the snapshot: a longer one revives") {
    Backend longer(kind);
    longer.clock.millis = after.clock.millis;
    RestoreInto(longer, snapshot);
    auto revived = longer.ExpiringValue(StateTtl(absl::Seconds(10)));
    longer.Use(1);
    CHECK(revived.Value() == 1);
  }
}

TEST_CASE("ttl: cannot be switched on or off for a state that exists", "[state][ttl]") {
  const BackendKind kind = AnyBackend();
  Backend before(kind);
  auto value = before.ExpiringValue(Backend::Ttl());
  auto plain = before.Value<int64_t>("plain");
  before.Use(1);
  value.Update(7);
  plain.Update(7);
  const KeyedSnapshot snapshot = before.Snapshot();
  Backend after(kind);
  RestoreInto(after, snapshot);
  CHECK(absl::IsFailedPrecondition(after->RegisterValue(ValueState<int64_t>::Spec("value", false)).status()));
  CHECK(absl::IsFailedPrecondition(after->RegisterValue(ValueState<int64_t>::Spec("plain", true)).status()));
}

TEST_CASE("ttl: incremental clean-up looks at a few entries with each access", "[state][ttl]") {
  const BackendKind kind = BackendKind::kHeap;
  Backend backend(kind);
  const bool every_record = GENERATE(false, true);
  auto value = backend.ExpiringValue(StateTtl(absl::Milliseconds(100)).CleanupIncrementally(3, every_record));
  for (int64_t key = 0; key < 20; ++key) {
    backend.Use(key);
    value.Update(key);
  }
  backend.clock.millis += 100;
  CHECK(backend->entry_count() == 20);
  backend.Use(100);
  CHECK(backend->entry_count() == (every_record ? 17 : 20));
  (void)value.Find();
  CHECK(backend->entry_count() == (every_record ? 14 : 17));
  for (int i = 0; i < 10; ++i) (void)value.Find();
  CHECK(backend->entry_count() == 0);
  SECTION("what is alive stays") {
    value.Update(5);
    for (int i = 0; i < 10; ++i) (void)value.Find();
    CHECK(value.Value() == 5);
  }
}

TEST_CASE("ttl: clean-up drops parts of lists and maps", "[state][ttl]") {
  const BackendKind kind = BackendKind::kHeap;
  Backend backend(kind);
  const StateTtl ttl = StateTtl(absl::Milliseconds(100)).CleanupIncrementally(5);
  auto list = backend.ExpiringList(ttl);
  auto map = backend.ExpiringMap(ttl);
  backend.Use(1);
  list.Add(1);
  map.Put(1, 10);
  backend.clock.millis += 60;
  list.Add(2);
  map.Put(2, 20);
  backend.clock.millis += 40;
  backend.Use(2);  // another key's accesses
  (void)list.Get();
  (void)map.Contains(1);
  const KeyedSnapshot snapshot = backend.Snapshot();
  Backend after(kind);
  after.clock.millis = backend.clock.millis - 50;
  RestoreInto(after, snapshot);
  auto restored_list = after.ExpiringList(Backend::Ttl());
  auto restored_map = after.ExpiringMap(Backend::Ttl());
  after.Use(1);
  CHECK(restored_list.Get() == Numbers{2});
  CHECK(restored_map.Entries() == Pairs{{2, 20}});
}

}  // namespace weir
