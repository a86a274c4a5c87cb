// State that was written by one version of a program and is asked for by the next. Two C++ types under one persistent name
// are the two versions.
#include "runtime/state/state_schema.h"

#include <catch2/catch.hpp>

#include "runtime/state/operator_list.h"
#include "runtime/state/operator_state_backend.h"
#include "tests/state/keyed_harness.h"

namespace weir {

struct AccountV1 {
  std::string owner;
  int64_t balance = 0;
  int32_t flags = 0;
};
WEIR_TYPE(AccountV1, "com.acme.Account", owner, balance, flags);
struct AccountV2 {  // flags is gone, limit is new
  int64_t limit = 500;
  int64_t balance = 0;
  std::string owner;
};
WEIR_TYPE(AccountV2, "com.acme.Account", limit, balance, owner);
struct AccountRetyped {
  std::string owner;
  std::string balance;
};
WEIR_TYPE(AccountRetyped, "com.acme.Account", owner, balance);

namespace {

template <typename Write>
KeyedSnapshot Written(BackendKind kind, Write write) {
  TestBackend before(kind);
  write(before);
  return SnapshotNow(*before, nullptr).value();
}

void RestoreInto(TestBackend& after, const KeyedSnapshot& snapshot) {
  REQUIRE(after->Restore(HandleOf(snapshot), snapshot.stream.bytes, nullptr).ok());
}

TEST_CASE("schema: a struct may lose and gain fields, in values, lists and maps", "[state][schema]") {
  const BackendKind kind = AnyBackend();
  const KeyedSnapshot snapshot = Written(kind, [](TestBackend& before) {
    auto value = before.Value<AccountV1>("value");
    auto list = before.List<AccountV1>("list");
    auto map = before.Map<std::string, AccountV1>("map");
    before.Use(1);
    value.Update({"ann", 7, 3});
    list.Update({{"bob", 8, 3}, {"cid", 9, 3}});
    map.Put("x", {"dan", 10, 3});
  });
  TestBackend after(kind);
  RestoreInto(after, snapshot);
  auto value = after.Value<AccountV2>("value");
  auto list = after.List<AccountV2>("list");
  auto map = after.Map<std::string, AccountV2>("map");
  after.Use(1);
  REQUIRE(value.Find() != nullptr);
  CHECK(value.Find()->owner == "ann");
  CHECK(value.Find()->balance == 7);
  CHECK(value.Find()->limit == 500);
  REQUIRE(list.Get().size() == 2);
  CHECK(list.Get()[1].owner == "cid");
  CHECK(list.Get()[1].limit == 500);
  REQUIRE(map.Find("x") != nullptr);
  CHECK(map.Find("x")->balance == 10);
  // The next snapshot holds the new schema, and is taken over as it is.
  const KeyedSnapshot again = SnapshotNow(*after, nullptr).value();
  TestBackend third(kind);
  RestoreInto(third, again);
  auto same = third.Value<AccountV2>("value");
  third.Use(1);
  CHECK(same.Find()->owner == "ann");
}

TEST_CASE("schema: another type of a field is refused by name", "[state][schema]") {
  const BackendKind kind = AnyBackend();
  const KeyedSnapshot snapshot = Written(kind, [](TestBackend& before) {
    auto value = before.Value<AccountV1>("account");
    before.Use(1);
    value.Update({"ann", 7, 3});
  });
  TestBackend after(kind);
  RestoreInto(after, snapshot);
  const auto refused = after->RegisterValue(ValueState<AccountRetyped>::Spec("account", false));
  REQUIRE(absl::IsFailedPrecondition(refused.status()));
  CHECK(refused.status().message().find("state account") != std::string::npos);
  CHECK(refused.status().message().find("balance") != std::string::npos);
  // Nothing is lost: it is written again.
  CHECK(SnapshotNow(*after, nullptr).value().stream.bytes == snapshot.stream.bytes);
}

TEST_CASE("schema: kind, key, namespace and time to live cannot change", "[state][schema]") {
  const BackendKind kind = AnyBackend();
  const KeyedSnapshot snapshot = Written(kind, [](TestBackend& before) {
    auto value = before.Value<int64_t>("v");
    before->RegisterTimers(TimerStateName(TimeDomain::kEventTime, "t"), nullptr).value();
    before.Use(1);
    value.Update(5);
  });
  const auto refuses = [&](const auto& ask) {
    TestBackend after(kind);
    RestoreInto(after, snapshot);
    const absl::Status status = ask(*after);
    CHECK(absl::IsFailedPrecondition(status));
    return std::string(status.message());
  };
  CHECK(refuses([](KeyedStateBackend& b) {
          return b.RegisterList(ListState<int64_t>::Spec("v", false)).status();
        }) == "state v was a VALUE state and is now asked for as LIST");
  refuses(
      [](KeyedStateBackend& b) { return b.RegisterValue(ValueState<int64_t>::Spec("v", true)).status(); });
  refuses([](KeyedStateBackend& b) {
    StateSpec spec = ValueState<int64_t>::Spec("v", false);
    spec.name_space = &TypeOf<int64_t>::Serializer();
    return b.RegisterValue(spec).status();
  });
  refuses([](KeyedStateBackend& b) {
    return b.RegisterTimers(TimerStateName(TimeDomain::kEventTime, "t"), &TypeOf<int64_t>::Serializer())
        .status();
  });
  FakeNode node;
  const auto text_keys = node.Make(kind, TypeOf<std::string>::Serializer(), {0, 127}, 128);
  CHECK(absl::IsFailedPrecondition(text_keys->Restore(HandleOf(snapshot), snapshot.stream.bytes, nullptr)));
}

TEST_CASE("schema: operator lists and broadcast maps evolve like keyed state", "[state][schema]") {
  OperatorStateBackend before;
  OperatorList<AccountV1> list(
      before.RegisterList("list", OperatorStateMode::kUnion, TypeOf<AccountV1>::Serializer()).value());
  REQUIRE(list.Add({"ann", 7, 3}).ok());
  auto* const map = before.RegisterBroadcast<std::string, AccountV1>("map").value();
  map->Put("x", {"bob", 8, 3});
  OperatorStateSnapshot snapshot = before.Snapshot({}).value();
  const OperatorHandle handle =
      OperatorHandle::Partitionable(snapshot.stream.states, StreamHandle::File("f", 1));

  OperatorStateBackend after;
  REQUIRE(after.Restore(handle, snapshot.stream.bytes, nullptr).ok());
  OperatorList<AccountV2> evolved(
      after.RegisterList("list", OperatorStateMode::kUnion, TypeOf<AccountV2>::Serializer()).value());
  REQUIRE(evolved.Get().value().size() == 1);
  CHECK(evolved.Get().value()[0].limit == 500);
  CHECK(evolved.Get().value()[0].owner == "ann");
  auto* const copy = after.RegisterBroadcast<std::string, AccountV2>("map").value();
  REQUIRE(copy->Find("x") != nullptr);
  CHECK(copy->Find("x")->balance == 8);

  OperatorStateBackend other;
  REQUIRE(other.Restore(handle, snapshot.stream.bytes, nullptr).ok());
  const auto refused =
      other.RegisterList("list", OperatorStateMode::kUnion, TypeOf<AccountRetyped>::Serializer());
  REQUIRE(absl::IsFailedPrecondition(refused.status()));
  CHECK(refused.status().message().find("operator state list") != std::string::npos);
}

}  // namespace
}  // namespace weir
