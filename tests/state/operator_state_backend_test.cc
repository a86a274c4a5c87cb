#include "runtime/state/operator_state_backend.h"

#include <catch2/catch.hpp>

#include "runtime/state/operator_list.h"
#include "runtime/types/bytes.h"

namespace weir {
namespace {

OperatorHandle HandleOf(const OperatorStateSnapshot& snapshot) {
  return OperatorHandle::Partitionable(snapshot.stream.states, StreamHandle::File("f", 1));
}

TEST_CASE("operator state: a list comes back in order, also only a part of it", "[state]") {
  OperatorStateBackend before;
  auto elements =
      before.RegisterList("offsets", OperatorStateMode::kSplitDistribute, TypeOf<int64_t>::Serializer());
  REQUIRE(elements.ok());
  OperatorList<int64_t> list(*elements);
  for (int64_t i = 0; i < 5; ++i) REQUIRE(list.Add(i * 10).ok());
  const auto snapshot = before.Snapshot({});
  REQUIRE(snapshot.ok());

  OperatorHandle handle = HandleOf(*snapshot);
  REQUIRE(handle.states.size() == 1);
  handle.states[0].offsets = {handle.states[0].offsets[1], handle.states[0].offsets[3]};
  OperatorStateBackend after;
  REQUIRE(after.Restore(handle, snapshot->stream.bytes, nullptr).ok());
  auto restored =
      after.RegisterList("offsets", OperatorStateMode::kSplitDistribute, TypeOf<int64_t>::Serializer());
  REQUIRE(restored.ok());
  CHECK(*OperatorList<int64_t>(*restored).Get() == std::vector<int64_t>{10, 30});
}

TEST_CASE("operator state: nothing registered, nothing written, and an empty list is written", "[state]") {
  OperatorStateBackend backend;
  CHECK(backend.Snapshot({})->stream.bytes.empty());
  REQUIRE(backend.RegisterList("a", OperatorStateMode::kSplitDistribute, TypeOf<Bytes>::Serializer()).ok());
  CHECK_FALSE(backend.Snapshot({})->stream.bytes.empty());
}

TEST_CASE("operator state: another mode or type for the same name is refused", "[state]") {
  OperatorStateBackend backend;
  REQUIRE(backend.RegisterList("a", OperatorStateMode::kSplitDistribute, TypeOf<int64_t>::Serializer()).ok());
  const auto mode = backend.RegisterList("a", OperatorStateMode::kUnion, TypeOf<int64_t>::Serializer());
  CHECK(mode.status().message() == "operator state a is a split list and is now asked for as a union list");
  const auto type =
      backend.RegisterList("a", OperatorStateMode::kSplitDistribute, TypeOf<std::string>::Serializer());
  CHECK(absl::IsFailedPrecondition(type.status()));
}

TEST_CASE("operator state: lists that nobody asks for are carried on", "[state]") {
  OperatorStateBackend before;
  auto elements = before.RegisterList("old", OperatorStateMode::kUnion, TypeOf<std::string>::Serializer());
  REQUIRE(OperatorList<std::string>(*elements).Add("kept").ok());
  const auto snapshot = before.Snapshot({});
  OperatorStateBackend after;
  REQUIRE(after.Restore(HandleOf(*snapshot), snapshot->stream.bytes, nullptr).ok());
  CHECK(after.Snapshot({})->stream.bytes == snapshot->stream.bytes);
}

TEST_CASE("operator state: the ledger's elements are kept apart and not billed", "[state]") {
  OperatorStateBackend before;
  auto elements =
      before.RegisterList("a", OperatorStateMode::kSplitDistribute, TypeOf<int64_t>::Serializer());
  REQUIRE(OperatorList<int64_t>(*elements).Add(7).ok());
  ByteWriter entry;
  entry.Bytes("entries");
  const std::string bytes = entry.Take();
  const auto without = before.Snapshot({});
  const auto with = before.Snapshot({{bytes}, false, {}});
  CHECK(with->stream.bytes.size() - with->unbilled == without->stream.bytes.size());
  OperatorStateBackend after;
  OperatorWitness witness;
  REQUIRE(after.Restore(HandleOf(*with), with->stream.bytes, &witness).ok());
  CHECK(witness.elements == OperatorStateBackend::Elements{bytes});
  CHECK(after.Snapshot({})->stream.bytes == without->stream.bytes);
}

}  // namespace
}  // namespace weir
