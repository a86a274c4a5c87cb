// The source that finds new partitions: who reads which, and what it does at a rescale that loses nothing.
#include "runtime/operators/discovering_log_source.h"

#include <catch2/catch.hpp>
#include <set>

#include "runtime/api/api.h"
#include "tests/task/mini_cluster.h"

namespace weir {
namespace {

constexpr uint64_t kRecords = 100;  // of each partition

TEST_CASE("discovering source: each partition has one owner, in turn, as Flink deals them out", "[task]") {
  for (const char* topic : {"transactions", "", "a topic with a long name whose hash is negative", "t"}) {
    for (uint32_t parallelism = 1; parallelism <= 7; ++parallelism) {
      const uint32_t first = DiscoveringLogSourceOperator::OwnerOf(topic, 0, parallelism);
      CHECK(first < parallelism);
      for (uint32_t partition = 1; partition < 20; ++partition) {
        CHECK(DiscoveringLogSourceOperator::OwnerOf(topic, partition, parallelism) ==
              (first + partition) % parallelism);
      }
    }
  }
  // "abc".hashCode() is 96354; 96354 * 31 is 2986974, in the range of an int.
  CHECK(DiscoveringLogSourceOperator::OwnerOf("abc", 0, 7) == 2986974 % 7);
}

TEST_CASE("discovering source: a partition that comes late is read once, also after a crash", "[task]") {
  const bool crashes = GENERATE(false, true);
  MiniCluster cluster({}, [] {
    StreamExecutionEnvironment env;
    env.SetParallelism(2).EnableCheckpointing(absl::Milliseconds(100));
    env.Set("weir.source.discovery-interval", "20 ms");
    env.AddSource(TextLogSource("growing").DiscoverPartitions())
        .Uid("growing")
        .AddSink(TransactionalSink<std::string>("out"))
        .Uid("out");
    return env.BuildJobGraph().value();
  });
  LogState& log = cluster.services().log();
  log.AddSourceTopic(
      "growing", 4,
      [](uint32_t split, uint64_t offset, LogRecordsWriter* to) {
        if (offset >= kRecords) return false;
        if (to != nullptr) to->Add({absl::StrCat(split, "/", offset)});
        return true;
      },
      Duration::Millis(5));
  log.AddPartitionsLater("growing", 1, Instant() + Duration::Millis(300));
  log.AddTopic("out", 2);
  cluster.Start();
  if (crashes) {
    cluster.RunFor(Duration::Millis(440));
    cluster.CrashNode(1);
  }
  REQUIRE(cluster.RunUntilDrained(Duration::Seconds(30)));
  CHECK(cluster.attempt() == (crashes ? 2 : 1));
  std::set<std::string> seen;
  size_t records = 0;
  for (uint32_t partition = 0; partition < 2; ++partition) {
    for (const LogRecord& stored : log.CommittedRecords("out", partition)) {
      seen.emplace(stored.value);
      ++records;
    }
  }
  CHECK(records == 4 * kRecords);
  CHECK(seen.size() == 4 * kRecords);
}

}  // namespace
}  // namespace weir
