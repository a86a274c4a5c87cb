#include "runtime/task/job_config.h"

#include <catch2/catch.hpp>

#include "runtime/base/options.h"

namespace weir {
namespace {

std::string ErrorOf(const std::string& key, const std::string& value) {
  Configuration configuration;
  configuration.Set(key, value);
  const auto config = JobConfig::From(configuration);
  if (config.ok()) return "";
  CHECK(absl::IsInvalidArgument(config.status()));
  return std::string(config.status().message());
}

TEST_CASE("job config: nothing set gives Flink's defaults", "[task]") {
  const auto config = JobConfig::From(Configuration());
  REQUIRE(config.ok());
  CHECK(config->parallelism == 1);
  CHECK_FALSE(config->checkpointing);
  CHECK_FALSE(config->restart);  // as Flink without checkpointing
  CHECK(config->buffer_bytes == 32768);
  CHECK(config->buffer_timeout == Duration::Millis(100));
}

TEST_CASE("job config: the backend and its options", "[task]") {
  Configuration configuration;
  configuration.Set("state.backend.incremental", "true");
  // On the heap there is nothing to build on.
  CHECK_FALSE(JobConfig::From(configuration)->incremental);
  configuration.Set("state.backend", "RocksDB");
  configuration.Set("state.backend.rocksdb.writebuffer.size", "64 kb");
  const auto config = JobConfig::From(configuration);
  REQUIRE(config.ok());
  CHECK(config->backend == KeyedBackend::kRocksdb);
  CHECK(config->incremental);
  CHECK(config->checkpoint_storage == CheckpointStorage::kFileSystem);
  CHECK(config->rocksdb_write_buffer_bytes == 65536);
  configuration.Set("state.checkpoint-storage", "jobmanager");
  CHECK(JobConfig::From(configuration)->checkpoint_storage == CheckpointStorage::kJobManager);
  CHECK(ErrorOf("state.backend.rocksdb.writebuffer.count", "1") != "");
  CHECK(CanonicalOption("execution.checkpointing.incremental") == "state.backend.incremental");
}

TEST_CASE("job config: options are read", "[task]") {
  Configuration configuration;
  configuration.Set("parallelism.default", "4");
  configuration.Set("pipeline.max-parallelism", "16");
  configuration.Set("execution.checkpointing.interval", "5 s");
  configuration.Set("execution.checkpointing.mode", "AT_LEAST_ONCE");
  configuration.Set("taskmanager.memory.segment-size", "64 kb");
  configuration.Set("weir.ledger", "sets");
  configuration.Set("restart-strategy", "none");
  const auto config = JobConfig::From(configuration);
  REQUIRE(config.ok());
  CHECK(config->parallelism == 4);
  CHECK(config->max_parallelism == 16);
  CHECK(config->checkpointing);
  CHECK(config->checkpoint_interval == Duration::Seconds(5));
  CHECK(config->mode == CheckpointingMode::kAtLeastOnce);
  CHECK(config->buffer_bytes == 65536);
  CHECK(config->ledger == LedgerMode::kSets);
  CHECK_FALSE(config->restart);
}

TEST_CASE("job config: what is wrong is named, with what would be right", "[task]") {
  CHECK(ErrorOf("parallelism.default", "0") ==
        "parallelism.default: 0 is not possible; it must be a number from 1 to 32768");
  CHECK(ErrorOf("parallelism.default", "-3") ==
        "parallelism.default: -3 is not possible; it must be a number from 1 to 32768");
  CHECK(ErrorOf("pipeline.max-parallelism", "40000").find("from 1 to 32768") != std::string::npos);
  CHECK(ErrorOf("execution.checkpointing.interval", "5 ms") ==
        "execution.checkpointing.interval: 5 ms is not possible; it must be 10 ms or more");
  CHECK(ErrorOf("execution.checkpointing.mode", "twice") ==
        "execution.checkpointing.mode: twice is not possible; it must be exactly-once or at-least-once");
  CHECK(ErrorOf("weir.task.record-cost", "4294 s") ==
        "weir.task.record-cost: 4294 s is not possible; it must be 100 ms or less");
  CHECK(ErrorOf("weir.task.record-cost", "100 ms").empty());
  CHECK(ErrorOf("weir.ledger", "some").find("off, sums or sets") != std::string::npos);
  CHECK(ErrorOf("heartbeat.timeout", "1 s").find("longer than heartbeat.interval") != std::string::npos);
  CHECK_FALSE(ErrorOf("parallelism.default", "many").empty());
}

TEST_CASE("job config: max parallelism below parallelism is refused", "[task]") {
  Configuration configuration;
  configuration.Set("parallelism.default", "8");
  configuration.Set("pipeline.max-parallelism", "4");
  const auto config = JobConfig::From(configuration);
  REQUIRE_FALSE(config.ok());
  CHECK(config.status().message() ==
        "pipeline.max-parallelism: 4 is not possible; it must be at least parallelism.default, 8");
}

}  // namespace
}  // namespace weir
