// Licensed under the Apache License, Version 2.0.
//
// The resolved options of a job: Configuration read once, checked, typed. Defaults are those of Flink 1.20 where it has
// the option. A campaign varies many of them per seed (scenarios/), because fixed ones hide whole classes of bugs.
#ifndef WEIR_RUNTIME_TASK_JOB_CONFIG_H_
#define WEIR_RUNTIME_TASK_JOB_CONFIG_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "runtime/base/configuration.h"
#include "runtime/base/time.h"
#include "runtime/stream/ledger_mode.h"

namespace weir {

struct LockstepReport;

// Where keyed state lives.
enum class KeyedBackend : uint8_t { kHeap, kRocksdb };

// Who holds the bytes of snapshots.
enum class CheckpointStorage : uint8_t { kFileSystem, kJobManager };

enum class CheckpointingMode : uint8_t { kExactlyOnce, kAtLeastOnce };

struct JobConfig {
  uint32_t parallelism = 1;      // parallelism.default
  uint32_t max_parallelism = 0;  // pipeline.max-parallelism; 0: derived per vertex
  bool checkpointing = false;    // an interval was set
  CheckpointingMode mode = CheckpointingMode::kExactlyOnce;  // execution.checkpointing.mode
  Duration checkpoint_interval;                              // execution.checkpointing.interval
  Duration checkpoint_timeout = Duration::Seconds(600);      // execution.checkpointing.timeout
  Duration min_pause;                                        // execution.checkpointing.min-pause
  uint32_t max_concurrent_checkpoints = 1;     // execution.checkpointing.max-concurrent-checkpoints
  uint32_t tolerable_failed_checkpoints = 0;   // execution.checkpointing.tolerable-failed-checkpoints
  uint32_t retained_checkpoints = 1;           // state.checkpoints.num-retained
  std::string checkpoint_dir = "checkpoints";  // state.checkpoints.dir
  // state.backend: hashmap (filesystem) | rocksdb | jobmanager; state.checkpoint-storage overrides the second
  KeyedBackend backend = KeyedBackend::kHeap;
  CheckpointStorage checkpoint_storage = CheckpointStorage::kFileSystem;
  bool incremental = false;                        // state.backend.incremental: rocksdb only
  uint32_t rocksdb_write_buffer_bytes = 64 << 20;  // state.backend.rocksdb.writebuffer.size
  uint32_t rocksdb_write_buffers = 2;              // state.backend.rocksdb.writebuffer.count
  uint32_t rocksdb_block_bytes = 4096;             // state.backend.rocksdb.block.blocksize
  uint32_t rocksdb_target_file_bytes = 64
                                       << 20;  // state.backend.rocksdb.compaction.level.target-file-size-base
  uint32_t rocksdb_level_base_bytes = 256
                                      << 20;  // state.backend.rocksdb.compaction.level.max-size-level-base
  uint32_t inline_state_max = 20480;          // state.storage.fs.memory-threshold
  uint32_t memory_state_max = 5242880;        // weir.memory.max-state-size
  uint32_t snapshot_step_entries = 1000;      // weir.snapshot.step-entries: written in one scheduler event
  Duration snapshot_step_delay = Duration::Micros(50);  // weir.snapshot.step-delay: before each
  uint32_t restart_attempts = 2147483647;               // restart-strategy.fixed-delay.attempts
  Duration restart_delay = Duration::Seconds(1);        // restart-strategy.fixed-delay.delay
  bool restart = true;                                  // restart-strategy: fixed-delay | none
  Duration heartbeat_interval = Duration::Seconds(10);  // heartbeat.interval
  Duration heartbeat_timeout = Duration::Seconds(50);   // heartbeat.timeout
  uint32_t buffer_bytes = 32768;                        // taskmanager.memory.segment-size
  Duration buffer_timeout =
      Duration::Millis(100);     // execution.buffer-timeout.interval; 0: after every record
  uint32_t channel_credits = 2;  // taskmanager.network.memory.buffers-per-channel
  bool object_reuse = false;     // pipeline.object-reuse
  Duration watermark_interval = Duration::Millis(200);  // pipeline.auto-watermark-interval
  // Ours.
  uint32_t slice_records = 50;                 // weir.task.slice-records: records of one scheduler event
  Duration record_cost = Duration::Micros(5);  // weir.task.record-cost: charged per record and operator
  Duration discovery_interval = Duration::Millis(500);  // weir.source.discovery-interval
  uint32_t fetch_records = 100;                         // weir.source.fetch-records
  Duration source_poll_interval =
      Duration::Millis(10);           // weir.source.poll-interval: before asking again for records
  uint32_t sink_batch_records = 100;  // weir.sink.batch-records: of one append to the log
  Duration partition_request_timeout =
      Duration::Seconds(10);  // taskmanager.network.partition-request-timeout
  Duration retry_delay =
      Duration::Millis(500);  // weir.retry-delay: before a failed request or connect is tried again
  LedgerMode ledger = LedgerMode::kSums;  // weir.ledger: off | sums | sets
  bool lockstep = false;  // weir.state.lockstep: a backend of another kind is told and asked the same
  // What came out of that, if lockstep: set by whoever runs the job, null if nobody looks. Outlives all processes.
  LockstepReport* lockstep_report = nullptr;

  // kInvalidArgument names the option, the value and what would be right.
  static absl::StatusOr<JobConfig> From(const Configuration& configuration);
};

}  // namespace weir

#endif  // WEIR_RUNTIME_TASK_JOB_CONFIG_H_
