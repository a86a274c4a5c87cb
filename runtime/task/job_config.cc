#include "runtime/task/job_config.h"

#include <limits>

#include "absl/strings/ascii.h"
#include "runtime/base/status.h"
#include "runtime/types/key_hash.h"

namespace weir {
namespace {

constexpr int64_t kIntMax = std::numeric_limits<int32_t>::max();

// Reads options into fields; the first error sticks.
class OptionReader {
 public:
  explicit OptionReader(const Configuration& configuration) : configuration_(configuration) {}

  const absl::Status& status() const { return status_; }

  void Integer(absl::string_view key, int64_t least, int64_t most, uint32_t* field) {
    const auto value = configuration_.GetInt(key, *field);
    if (!Take(value.status())) return;
    if (*value < least || *value > most) {
      Refuse(key, absl::StrCat(*value), absl::StrCat("a number from ", least, " to ", most));
      return;
    }
    *field = static_cast<uint32_t>(*value);
  }
  void Memory(absl::string_view key, int64_t least, int64_t most, uint32_t* field) {
    const auto value = configuration_.GetMemorySize(key, *field);
    if (!Take(value.status())) return;
    if (*value < least || *value > most) {
      Refuse(key, absl::StrCat(*value, " bytes"), absl::StrCat("from ", least, " to ", most, " bytes"));
      return;
    }
    *field = static_cast<uint32_t>(*value);
  }
  void Time(absl::string_view key, Duration least, Duration* field,
            Duration most = Duration::Nanos(std::numeric_limits<int64_t>::max())) {
    const auto value = configuration_.GetDuration(key, *field);
    if (!Take(value.status())) return;
    if (*value < least)
      return Refuse(key, DurationToOption(*value), absl::StrCat(DurationToOption(least), " or more"));
    if (*value > most)
      return Refuse(key, DurationToOption(*value), absl::StrCat(DurationToOption(most), " or less"));
    *field = *value;
  }
  void Flag(absl::string_view key, bool* field) {
    const auto value = configuration_.GetBool(key, *field);
    if (Take(value.status())) *field = *value;
  }
  // One of `names`, upper and lower case alike, '-' and '_' too; the index of it.
  std::optional<size_t> Choice(absl::string_view key, std::initializer_list<absl::string_view> names) {
    const std::optional<std::string> value = configuration_.Get(key);
    if (!value.has_value()) return std::nullopt;
    std::string given = absl::AsciiStrToLower(*value);
    for (char& c : given) c = c == '_' ? '-' : c;
    size_t index = 0;
    std::string all;
    for (const absl::string_view name : names) {
      if (given == name) return index;
      absl::StrAppend(&all, index == 0 ? "" : index + 1 == names.size() ? " or " : ", ", name);
      ++index;
    }
    Refuse(key, *value, all);
    return std::nullopt;
  }
  void Refuse(absl::string_view key, absl::string_view value, absl::string_view right) {
    Take(absl::InvalidArgumentError(absl::StrCat(key, ": ", value, " is not possible; it must be ", right)));
  }

 private:
  bool Take(const absl::Status& status) {
    if (status_.ok()) status_ = status;
    return status.ok();
  }
  const Configuration& configuration_;
  absl::Status status_;
};

void ReadCheckpointing(const Configuration& configuration, OptionReader& read, JobConfig& config) {
  const Duration least = Duration::Millis(10);
  config.checkpointing = configuration.Has("execution.checkpointing.interval");
  if (config.checkpointing) read.Time("execution.checkpointing.interval", least, &config.checkpoint_interval);
  if (const auto mode = read.Choice("execution.checkpointing.mode", {"exactly-once", "at-least-once"})) {
    config.mode = *mode == 0 ? CheckpointingMode::kExactlyOnce : CheckpointingMode::kAtLeastOnce;
  }
  read.Time("execution.checkpointing.timeout", least, &config.checkpoint_timeout);
  read.Time("execution.checkpointing.min-pause", Duration(), &config.min_pause);
  read.Integer("execution.checkpointing.max-concurrent-checkpoints", 1, kIntMax,
               &config.max_concurrent_checkpoints);
  read.Integer("execution.checkpointing.tolerable-failed-checkpoints", 0, kIntMax,
               &config.tolerable_failed_checkpoints);
  read.Integer("state.checkpoints.num-retained", 1, kIntMax, &config.retained_checkpoints);
  if (const auto dir = configuration.Get("state.checkpoints.dir")) {
    config.checkpoint_dir = *dir;
    if (dir->empty()) read.Refuse("state.checkpoints.dir", "''", "a folder");
  }
}

void ReadState(OptionReader& read, JobConfig& config) {
  if (const auto backend = read.Choice("state.backend", {"hashmap", "jobmanager", "rocksdb"})) {
    config.checkpoint_storage =
        *backend == 1 ? CheckpointStorage::kJobManager : CheckpointStorage::kFileSystem;
    config.backend = *backend == 2 ? KeyedBackend::kRocksdb : KeyedBackend::kHeap;
  }
  if (const auto chosen = read.Choice("state.checkpoint-storage", {"filesystem", "jobmanager"})) {
    config.checkpoint_storage =
        *chosen == 0 ? CheckpointStorage::kFileSystem : CheckpointStorage::kJobManager;
  }
  read.Flag("state.backend.incremental", &config.incremental);
  // On the heap there is nothing to build on: Flink says so in a warning and goes on.
  if (config.backend != KeyedBackend::kRocksdb) config.incremental = false;
  read.Flag("weir.state.lockstep", &config.lockstep);
  read.Memory("state.backend.rocksdb.writebuffer.size", 1024, kIntMax, &config.rocksdb_write_buffer_bytes);
  read.Integer("state.backend.rocksdb.writebuffer.count", 2, 1000, &config.rocksdb_write_buffers);
  read.Memory("state.backend.rocksdb.block.blocksize", 256, 1 << 20, &config.rocksdb_block_bytes);
  read.Memory("state.backend.rocksdb.compaction.level.target-file-size-base", 1024, kIntMax,
              &config.rocksdb_target_file_bytes);
  read.Memory("state.backend.rocksdb.compaction.level.max-size-level-base", 1024, kIntMax,
              &config.rocksdb_level_base_bytes);
  read.Memory("state.storage.fs.memory-threshold", 0, 1 << 20, &config.inline_state_max);
  read.Memory("weir.memory.max-state-size", 1, kIntMax, &config.memory_state_max);
  read.Integer("weir.snapshot.step-entries", 1, kIntMax, &config.snapshot_step_entries);
  read.Time("weir.snapshot.step-delay", Duration(), &config.snapshot_step_delay);
}

void ReadFailureHandling(OptionReader& read, JobConfig& config) {
  // Without checkpointing Flink does not restart unless it is told how.
  config.restart = config.checkpointing;
  if (const auto strategy = read.Choice("restart-strategy", {"fixed-delay", "none", "off", "disable"})) {
    config.restart = *strategy == 0;
  }
  read.Integer("restart-strategy.fixed-delay.attempts", 0, kIntMax, &config.restart_attempts);
  read.Time("restart-strategy.fixed-delay.delay", Duration(), &config.restart_delay);
  read.Time("heartbeat.interval", Duration::Millis(1), &config.heartbeat_interval);
  read.Time("heartbeat.timeout", Duration::Millis(1), &config.heartbeat_timeout);
  if (config.heartbeat_timeout <= config.heartbeat_interval) {
    read.Refuse(
        "heartbeat.timeout", DurationToOption(config.heartbeat_timeout),
        absl::StrCat("longer than heartbeat.interval, ", DurationToOption(config.heartbeat_interval)));
  }
}

void ReadDataPlane(OptionReader& read, JobConfig& config) {
  read.Memory("taskmanager.memory.segment-size", 1, kIntMax / 2, &config.buffer_bytes);
  read.Time("execution.buffer-timeout.interval", Duration(), &config.buffer_timeout);
  read.Integer("taskmanager.network.memory.buffers-per-channel", 1, 65536, &config.channel_credits);
  read.Flag("pipeline.object-reuse", &config.object_reuse);
  read.Time("pipeline.auto-watermark-interval", Duration(), &config.watermark_interval);
  read.Integer("weir.task.slice-records", 1, 1'000'000, &config.slice_records);
  // Above this a job cannot finish a checkpoint under most of the timeouts that are drawn: it restarts without end, and
  // since the bound of its liveness phase grows with the cost, until the event budget is spent.
  read.Time("weir.task.record-cost", Duration(), &config.record_cost, Duration::Millis(100));
  read.Time("weir.source.discovery-interval", Duration::Millis(1), &config.discovery_interval);
  read.Integer("weir.source.fetch-records", 1, 1'000'000, &config.fetch_records);
  read.Time("weir.source.poll-interval", Duration::Micros(100), &config.source_poll_interval);
  read.Integer("weir.sink.batch-records", 1, 1'000'000, &config.sink_batch_records);
  read.Time("taskmanager.network.partition-request-timeout", Duration::Millis(1),
            &config.partition_request_timeout);
  read.Time("weir.retry-delay", Duration::Millis(1), &config.retry_delay);
  if (const auto ledger = read.Choice("weir.ledger", {"off", "sums", "sets"})) {
    config.ledger = static_cast<LedgerMode>(*ledger);
  }
}

}  // namespace

absl::StatusOr<JobConfig> JobConfig::From(const Configuration& configuration) {
  JobConfig config;
  OptionReader read(configuration);
  read.Integer("parallelism.default", 1, kMaxParallelismUpperBound, &config.parallelism);
  // -1 is Flink's way to say "derive it".
  if (configuration.Get("pipeline.max-parallelism") != "-1") {
    config.max_parallelism = 1;
    read.Integer("pipeline.max-parallelism", 1, kMaxParallelismUpperBound, &config.max_parallelism);
    if (!configuration.Has("pipeline.max-parallelism")) config.max_parallelism = 0;
  }
  if (config.max_parallelism != 0 && config.max_parallelism < config.parallelism) {
    read.Refuse("pipeline.max-parallelism", absl::StrCat(config.max_parallelism),
                absl::StrCat("at least parallelism.default, ", config.parallelism));
  }
  ReadCheckpointing(configuration, read, config);
  ReadState(read, config);
  ReadFailureHandling(read, config);
  ReadDataPlane(read, config);
  if (!read.status().ok()) return read.status();
  return config;
}

}  // namespace weir
