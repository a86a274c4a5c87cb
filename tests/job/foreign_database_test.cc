// A checkpoint whose database this RocksDB cannot read, since a newer one wrote it: the job fails, and the message names
// operator, states and file.
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "runtime/base/stable_hash.h"
#include "runtime/checkpoint/job_record.h"
#include "runtime/format/native_meta.h"
#include "tests/job/cluster.h"

namespace weir {
namespace {

// The end of a table: u32 format version, 8 bytes of magic number.
constexpr size_t kFormatVersionFromEnd = 12;

// Gives a table the format version 99, and makes the record of the database agree with it, so that only RocksDB can object.
// Returns the table's key in the store.
std::string MakeNewer(sim::ObjectStoreDisk& store, const std::string& checkpoint, const KeyedHandle& handle) {
  REQUIRE(handle.is_native());
  REQUIRE(!handle.shared.empty());
  const NamedStream& table = handle.shared.front();
  std::string bytes = store.Find(table.stream.path)->bytes;
  bytes[bytes.size() - kFormatVersionFromEnd] = 99;
  const std::string meta_key = absl::StrCat(checkpoint, "/", handle.stream.path);
  NativeMeta meta = ReadNativeMeta(store.Find(meta_key)->bytes).value();
  for (NativeMeta::File& file : meta.files) {
    if (file.name == table.local_name) file.hash = StableHash64(bytes);
  }
  store.Set(meta_key, {WriteNativeMeta(meta)->bytes, 0});
  store.Set(table.stream.path, {bytes, 0});
  return table.stream.path;
}

TEST_CASE(
    "foreign database: a table that this RocksDB cannot read is refused, with operator, states and file",
    "[job][rocksdb]") {
  Cluster::Options options;
  options.settings = {{"state.backend", "rocksdb"},
                      {"state.backend.incremental", "true"},
                      {"state.storage.fs.memory-threshold", "0"},
                      {"restart-strategy.fixed-delay.attempts", "2"}};
  Cluster cluster(options);
  REQUIRE(cluster.RunUntil([&] { return cluster.count(EventId::kNotifyCompleteSent) >= 3; }));
  sim::ObjectStoreDisk& store = cluster.services().store();
  const std::string checkpoint = cluster.Record().retained.back().path;
  const VersionedMetadata read = ReadMetadata(store.Find(MetadataPath(checkpoint))->bytes).value();
  std::string table;
  for (const OperatorState& op : read.metadata.operators) {
    for (const SubtaskState& subtask : op.subtasks) {
      const KeyedHandle& keyed = subtask.managed_keyed;
      if (table.empty() && !keyed.is_null()) table = MakeNewer(store, checkpoint, keyed);
    }
  }
  for (uint32_t i = 0; i < 2; ++i) cluster.world().Crash(cluster.task_manager(i), sim::CrashMode::kReset);
  REQUIRE(cluster.RunUntil([&] { return cluster.count(EventId::kJobFailed) == 1; }));
  const std::string message = cluster.world().Describe();
  INFO(message);
  CHECK(absl::StrContains(message, "operator total (uid total) of "));
  CHECK(absl::StrContains(message, "states total"));
  CHECK(absl::StrContains(message, ".sst is state file " + table));
  CHECK(cluster.count(EventId::kJobRunning) == 1);
}

}  // namespace
}  // namespace weir
