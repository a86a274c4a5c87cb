#include <vector>

#include "tests/env/worlds.h"

namespace weir::contract {
namespace {

using Names = std::vector<std::string>;

absl::StatusOr<Versioned> Read(ContractWorld& world, uint32_t node, std::string key) {
  return world.Ask<absl::StatusOr<Versioned>>(
      node, [&](auto answer) { world.env(node).registry.Read(world.actor(node), key, std::move(answer)); });
}

absl::StatusOr<Versioned> Swap(ContractWorld& world, uint32_t node, std::string key, uint64_t expected,
                               std::string value) {
  return world.Ask<absl::StatusOr<Versioned>>(node, [&](auto answer) {
    world.env(node).registry.CompareAndSet(world.actor(node), key, expected, value, std::move(answer));
  });
}

TEMPLATE_TEST_CASE("Register: a swap succeeds only on the version it expects", "[env]", WEIR_WORLDS) {
  TestType world;
  const absl::StatusOr<Versioned> unset = Read(world, 0, "leader");
  REQUIRE(unset.ok());
  CHECK(unset->version == 0);
  CHECK(unset->value.empty());
  const absl::StatusOr<Versioned> first = Swap(world, 0, "leader", 0, "zero");
  REQUIRE(first.ok());
  CHECK(first->version > 0);
  CHECK(first->value == "zero");
  CHECK(absl::IsAborted(Swap(world, 1, "leader", 0, "one").status()));
  CHECK(absl::IsAborted(Swap(world, 1, "leader", first->version + 1, "one").status()));
  CHECK(Read(world, 1, "leader")->value == "zero");
  const absl::StatusOr<Versioned> second = Swap(world, 1, "leader", first->version, "");
  REQUIRE(second.ok());
  CHECK(second->version > first->version);
  CHECK(Read(world, 0, "leader")->version == second->version);
  CHECK(Read(world, 0, "leader")->value.empty());
  CHECK(Read(world, 0, "an/other key")->version == 0);
}

TEMPLATE_TEST_CASE("Register: of many at once, one swap wins", "[env]", WEIR_WORLDS) {
  TestType world;
  std::vector<absl::StatusOr<Versioned>> answers;
  for (uint32_t i = 0; i < 10; ++i) {
    const uint32_t node = i % 2;
    world.Do(node, [&world, &answers, node, i] {
      world.env(node).registry.CompareAndSet(
          world.actor(node), "leader", 0, std::to_string(i),
          [&answers](absl::StatusOr<Versioned> answer) { answers.push_back(std::move(answer)); });
    });
  }
  REQUIRE(world.RunUntil([&] { return answers.size() == 10; }));
  int winners = 0;
  for (const absl::StatusOr<Versioned>& answer : answers) {
    winners += answer.ok();
    CHECK((answer.ok() || absl::IsAborted(answer.status())));
    if (answer.ok()) CHECK(Read(world, 0, "leader")->value == answer->value);
  }
  CHECK(winners == 1);
}

absl::StatusOr<LogBatch> Fetch(ContractWorld& world, std::string topic, uint32_t partition, uint64_t offset,
                               uint32_t max_records) {
  return world.Ask<absl::StatusOr<LogBatch>>(1, [&](auto answer) {
    world.env(1).log.Fetch(world.actor(1), topic, partition, offset, max_records, std::move(answer));
  });
}

absl::Status Append(ContractWorld& world, std::string topic, uint32_t partition, LogRecords records) {
  return world.Ask<absl::Status>(0, [&](auto answer) {
    world.env(0).log.Append(world.actor(0), topic, partition, records, std::move(answer));
  });
}

absl::Status AppendIn(ContractWorld& world, std::string transaction, uint64_t sequence, uint32_t partition,
                      LogRecords records) {
  return world.Ask<absl::Status>(0, [&](auto answer) {
    world.env(0).log.AppendInTransaction(world.actor(0), transaction, sequence, "output", partition, records,
                                         std::move(answer));
  });
}

absl::Status Commit(ContractWorld& world, std::string transaction) {
  return world.Ask<absl::Status>(
      0, [&](auto answer) { world.env(0).log.Commit(world.actor(0), transaction, std::move(answer)); });
}

absl::Status Abort(ContractWorld& world, std::string transaction) {
  return world.Ask<absl::Status>(
      0, [&](auto answer) { world.env(0).log.Abort(world.actor(0), transaction, std::move(answer)); });
}

absl::StatusOr<Names> Open(ContractWorld& world, std::string prefix) {
  return world.Ask<absl::StatusOr<Names>>(
      1, [&](auto answer) { world.env(1).log.OpenTransactions(world.actor(1), prefix, std::move(answer)); });
}

// The values that a reader of a partition of "output" sees.
Names Values(ContractWorld& world, uint32_t partition) {
  Names values;
  const absl::StatusOr<LogBatch> batch = Fetch(world, "output", partition, 0, 1000);
  REQUIRE(batch.ok());
  for (const LogRecord& record : batch->records) values.emplace_back(record.value);
  return values;
}

TEMPLATE_TEST_CASE("Log: a source is read by offset to its end", "[env]", WEIR_WORLDS) {
  TestType world;
  const absl::StatusOr<uint32_t> partitions = world.template Ask<absl::StatusOr<uint32_t>>(
      0, [&](auto answer) { world.env(0).log.Partitions(world.actor(0), "input", std::move(answer)); });
  REQUIRE(partitions.ok());
  CHECK(*partitions == 2);
  const absl::StatusOr<LogBatch> begin = Fetch(world, "input", 1, 0, 3);
  REQUIRE(begin.ok());
  REQUIRE(begin->records.size() == 3);
  const LogRecord third = *std::next(begin->records.begin(), 2);
  CHECK(third.value == "p1o2");
  CHECK(third.identity == Hash128{1, 2});
  CHECK(begin->next_offset == 3);
  CHECK(!begin->at_end);
  const absl::StatusOr<LogBatch> end = Fetch(world, "input", 1, 3, 3);
  REQUIRE(end.ok());
  CHECK(end->records.size() == 2);
  CHECK(end->next_offset == 5);
  CHECK(end->at_end);
  const absl::StatusOr<LogBatch> past = Fetch(world, "input", 1, 5, 3);
  REQUIRE(past.ok());
  CHECK(past->records.empty());
  CHECK(past->at_end);
  CHECK(absl::IsFailedPrecondition(Append(world, "input", 0, {{"x", {}}})));
}

TEMPLATE_TEST_CASE("Log: unknown topics and partitions are kNotFound", "[env]", WEIR_WORLDS) {
  TestType world;
  CHECK(absl::IsNotFound(Fetch(world, "none", 0, 0, 1).status()));
  CHECK(absl::IsNotFound(Fetch(world, "output", 2, 0, 1).status()));
  CHECK(absl::IsNotFound(Append(world, "none", 0, {{"x", {}}})));
  CHECK(absl::IsNotFound(AppendIn(world, "t", 1, 9, {{"x", {}}})));
  CHECK(Open(world, "")->empty());
}

TEMPLATE_TEST_CASE("Log: plain records are visible at once, in order", "[env]", WEIR_WORLDS) {
  TestType world;
  CHECK(Values(world, 0).empty());
  REQUIRE(Append(world, "output", 0, {{"a", Hash128{1, 2}}, {"b", {}}}).ok());
  REQUIRE(Append(world, "output", 0, {{"c", {}}}).ok());
  const absl::StatusOr<LogBatch> batch = Fetch(world, "output", 0, 0, 2);
  REQUIRE(batch.ok());
  CHECK(batch->next_offset == 2);
  CHECK(!batch->at_end);
  CHECK((*batch->records.begin()).identity == Hash128{1, 2});
  CHECK(Values(world, 0) == Names{"a", "b", "c"});
  CHECK(Values(world, 1).empty());
}

TEMPLATE_TEST_CASE("Log: a transaction becomes visible as one, and is applied once", "[env]", WEIR_WORLDS) {
  TestType world;
  REQUIRE(AppendIn(world, "sink-1", 1, 0, {{"a", {}}}).ok());
  REQUIRE(AppendIn(world, "sink-1", 2, 1, {{"b", {}}}).ok());
  REQUIRE(AppendIn(world, "sink-1", 1, 0, {{"a", {}}}).ok());  // a retry
  REQUIRE(AppendIn(world, "sink-2", 1, 0, {{"c", {}}}).ok());
  REQUIRE(AppendIn(world, "other", 1, 0, {{"d", {}}}).ok());
  CHECK(Values(world, 0).empty());
  CHECK(*Open(world, "sink") == Names{"sink-1", "sink-2"});
  CHECK(Commit(world, "sink-1").ok());
  CHECK(Commit(world, "sink-1").ok());
  CHECK(Values(world, 0) == Names{"a"});
  CHECK(Values(world, 1) == Names{"b"});
  CHECK(*Open(world, "sink") == Names{"sink-2"});
  CHECK(absl::IsFailedPrecondition(Abort(world, "sink-1")));
  CHECK(absl::IsFailedPrecondition(AppendIn(world, "sink-1", 3, 0, {{"late", {}}})));
  CHECK(Values(world, 0) == Names{"a"});
}

TEMPLATE_TEST_CASE("Log: an aborted transaction is gone for good", "[env]", WEIR_WORLDS) {
  TestType world;
  REQUIRE(AppendIn(world, "t", 1, 0, {{"a", {}}}).ok());
  CHECK(Abort(world, "t").ok());
  CHECK(Abort(world, "t").ok());
  CHECK(Abort(world, "never seen").ok());
  CHECK(absl::IsFailedPrecondition(Commit(world, "t")));
  CHECK(absl::IsFailedPrecondition(Commit(world, "unknown")));
  CHECK(absl::IsFailedPrecondition(AppendIn(world, "t", 2, 0, {{"b", {}}})));
  CHECK(absl::IsFailedPrecondition(AppendIn(world, "never seen", 1, 0, {{"b", {}}})));
  CHECK(Values(world, 0).empty());
  CHECK(Open(world, "")->empty());
}

}  // namespace
}  // namespace weir::contract
