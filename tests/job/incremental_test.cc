// A whole cluster with its state in RocksDB and incremental checkpoints: what lies in the object store and on the disks.
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "runtime/checkpoint/shared_state_registry.h"
#include "tests/job/cluster.h"

namespace weir {
namespace {

Cluster::Options OnRocksdb(uint64_t seed) {
  Cluster::Options options;
  options.seed = seed;
  options.settings = {{"state.backend", "rocksdb"},
                      {"state.backend.incremental", "true"},
                      {"state.backend.rocksdb.writebuffer.size", "2048"},
                      {"state.storage.fs.memory-threshold", "0"}};
  return options;
}

// The shared files in the store, and those that the retained checkpoints name: by the oracle's own reading.
struct SharedFiles {
  explicit SharedFiles(Cluster& cluster) {
    const auto& store = cluster.services().store();
    for (const std::string& key : store.Keys("")) {
      if (absl::StrContains(key, "/shared/")) stored.insert(key);
    }
    for (const CheckpointPointer& pointer : cluster.Record().retained) {
      const Blob* const blob = store.Find(MetadataPath(pointer.path));
      REQUIRE(blob != nullptr);
      const auto read = ReadMetadata(blob->bytes);
      REQUIRE(read.ok());
      for (const std::string& key : SharedStateRegistry::KeysOf(read->metadata)) named.insert(key);
    }
  }
  std::set<std::string> stored;
  std::set<std::string> named;
};

TEST_CASE("incremental: the store holds the shared files that are named, and no others", "[rocksdb]") {
  for (const uint32_t retained : {1u, 3u}) {
    Cluster::Options options = OnRocksdb(retained);
    options.settings.emplace_back("state.checkpoints.num-retained", absl::StrCat(retained));
    Cluster cluster(options);
    REQUIRE(cluster.RunUntilDrained());
    CHECK(cluster.count(EventId::kCheckpointCompleted) > 5);
    // Between two checkpoints, with everything deleted that should be.
    const auto settled = [&] {
      const SharedFiles files(cluster);
      return !files.named.empty() && files.stored == files.named;
    };
    CHECK(cluster.RunUntil(settled, Duration::Seconds(5)));
    // Some are of earlier checkpoints: that is what incremental means.
    const SharedFiles files(cluster);
    const std::string newest =
        SharedPrefix(absl::StrCat("checkpoints/", Cluster::kJobId), cluster.Record().retained.back().id);
    CHECK(std::any_of(files.named.begin(), files.named.end(),
                      [&](const std::string& key) { return !absl::StartsWith(key, newest); }));
  }
}

TEST_CASE("incremental: whoever dies at whatever step, nothing is lost, and what is named is there",
          "[rocksdb]") {
  uint64_t seed = 1;
  for (const EventId at :
       {EventId::kSnapshotTaken, EventId::kUploadStarted, EventId::kUploadFinished,
        EventId::kCheckpointAcknowledged, EventId::kMetadataWritten, EventId::kPointerStored,
        EventId::kCheckpointCompleted, EventId::kNotifyCompleteReceived}) {
    Cluster::Options options = OnRocksdb(++seed);
    options.job_managers = 2;
    Cluster cluster(options);
    cluster.CrashAt(at, 9);
    const bool drained = cluster.RunUntilDrained();
    INFO("event " << static_cast<int>(at) << "\n" << cluster.Explain());
    REQUIRE(drained);
    const SharedFiles files(cluster);
    CHECK(std::includes(files.stored.begin(), files.stored.end(), files.named.begin(), files.named.end()));
  }
}

TEST_CASE("incremental: rescaled up, down and back, exactly once", "[rocksdb]") {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    Cluster::Options options = OnRocksdb(seed);
    options.task_managers = 3;
    options.slots = 2;
    Cluster cluster(options);
    const std::vector<uint32_t> parallelisms{5, 1, 3, 2};
    size_t next = 0;
    uint32_t wanted = 0;
    cluster.on_event = [&](NodeId, const Event& event) -> absl::Status {
      if (event.id != EventId::kRecordReceived || next == parallelisms.size()) return absl::OkStatus();
      if (cluster.count(EventId::kCheckpointCompleted) < 2 * (next + 1)) return absl::OkStatus();
      wanted = parallelisms[next++];
      return absl::UnavailableError("injected");
    };
    cluster.on_choose = [&](const Event&, uint32_t count) { return wanted < count ? wanted : 0; };
    const bool drained = cluster.RunUntilDrained();
    INFO("seed " << seed << "\n" << cluster.Explain());
    REQUIRE(drained);
    CHECK(next == parallelisms.size());
    CHECK(cluster.Record().parallelism == 2);
  }
}

TEST_CASE("rocksdb: a task manager keeps on its disk what its subtasks use, and nothing of the past",
          "[rocksdb]") {
  Cluster::Options options = OnRocksdb(4);
  Cluster cluster(options);
  cluster.CrashAt(EventId::kUploadFinished, 8);
  REQUIRE(cluster.RunUntilDrained());
  CHECK(cluster.count(EventId::kTaskManagerRegistered) > 2);
  // A database, and links of a checkpoint or two: 8 KB. What the dead process left would be 3 KB more.
  for (uint32_t i = 0; i < 2; ++i) CHECK(cluster.world().disk(cluster.task_manager(i)).used() < 10'000);
}

}  // namespace
}  // namespace weir
