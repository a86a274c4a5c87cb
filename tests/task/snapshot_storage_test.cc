#include "runtime/task/snapshot_storage.h"

#include <catch2/catch.hpp>

#include "runtime/checkpoint/inline_state.h"

namespace weir {
namespace {

JobConfig ConfigOf(std::initializer_list<std::pair<absl::string_view, absl::string_view>> options) {
  Configuration configuration;
  for (const auto& [key, value] : options) configuration.Set(key, value);
  return JobConfig::From(configuration).value();
}

TEST_CASE("snapshot storage: small state lies in the handle, larger in a file", "[task]") {
  const SnapshotStorage storage(ConfigOf({{"state.storage.fs.memory-threshold", "10"}}));
  std::vector<SnapshotFile> files;
  const StreamHandle small = storage.Place("a", "0123456789", 0, &files);
  CHECK(small.kind == StreamHandle::Kind::kInline);
  CHECK(small.bytes == "0123456789");
  CHECK(files.empty());
  const StreamHandle large = storage.Place("b", "0123456789a", 0, &files);
  CHECK(large.kind == StreamHandle::Kind::kRelativeFile);
  REQUIRE(files.size() == 1);
  CHECK(files[0].name == "b");
  // What the ledger adds does not count, so that judging a run does not change where its state lies.
  CHECK(storage.Place("c", "0123456789a", 5, &files).kind == StreamHandle::Kind::kInline);
}

TEST_CASE("snapshot storage: the ledger's bytes inside handles are known everywhere", "[task]") {
  const SnapshotStorage storage(ConfigOf({{"state.backend", "jobmanager"}}));
  std::vector<SnapshotFile> files;
  OperatorSnapshot snapshot;
  snapshot.state.managed_keyed = KeyedHandle::Savepoint({0, 0}, {0}, storage.Place("k", "12345", 3, &files));
  snapshot.state.managed_operator = OperatorHandle::Partitionable({}, storage.Place("o", "678", 1, &files));
  CHECK(UnbilledOf({snapshot, snapshot}) == 8);
  CHECK(UnbilledOf(std::vector<OperatorSnapshot>{OperatorSnapshot()}) == 0);
}

TEST_CASE("snapshot storage: state too large for the job manager's memory is refused with both sizes",
          "[task]") {
  const SnapshotStorage storage(
      ConfigOf({{"state.backend", "jobmanager"}, {"weir.memory.max-state-size", "4"}}));
  CHECK(storage.CheckSize(4).ok());
  const absl::Status refused = storage.CheckSize(5);
  REQUIRE(absl::IsResourceExhausted(refused));
  CHECK(refused.message() ==
        "5 bytes are more than the 4 that the job manager's memory takes of one state "
        "(weir.memory.max-state-size): use state.checkpoint-storage filesystem");
  CHECK(SnapshotStorage(ConfigOf({{"weir.memory.max-state-size", "4"}})).CheckSize(5).ok());
}

}  // namespace
}  // namespace weir
