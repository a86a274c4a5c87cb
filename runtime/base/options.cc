#include "runtime/base/options.h"

#include <array>

namespace weir {
namespace {

constexpr auto kOptions = std::to_array<OptionInfo>({
    {"execution.buffer-timeout.interval", "duration", "drawn",
     "a buffer is sent after this long, full or not; 0: after every record", "execution.buffer-timeout"},
    {"execution.checkpointing.interval", "duration", "drawn", "from one checkpoint to the next", ""},
    {"execution.checkpointing.max-concurrent-checkpoints", "number", "drawn", "checkpoints under way at once",
     ""},
    {"execution.checkpointing.min-pause", "duration", "0 ms", "from the end of a checkpoint to the next", ""},
    {"execution.checkpointing.mode", "exactly-once | at-least-once", "exactly-once",
     "barriers are aligned, or only counted", ""},
    {"execution.checkpointing.timeout", "duration", "drawn", "a checkpoint that takes longer is given up",
     ""},
    {"execution.checkpointing.tolerable-failed-checkpoints", "number", "drawn",
     "more failed checkpoints in a row fail the job", ""},
    {"heartbeat.interval", "duration", "drawn", "from one heartbeat to the next", ""},
    {"heartbeat.timeout", "duration", "drawn", "whoever is silent for longer is taken for dead", ""},
    {"parallelism.default", "number", "drawn", "subtasks of an operator that does not say otherwise", ""},
    {"pipeline.auto-watermark-interval", "duration", "200 ms", "from one generated watermark to the next",
     ""},
    {"pipeline.max-parallelism", "number", "-1", "key groups; -1: derived from the parallelism", ""},
    {"pipeline.object-reuse", "flag", "false", "chained operators may be handed the same object", ""},
    {"restart-strategy", "fixed-delay | none", "fixed-delay", "what follows when the job fails",
     "restart-strategy.type"},
    {"restart-strategy.fixed-delay.attempts", "number", "2147483647",
     "so many restarts, then the job has failed", ""},
    {"restart-strategy.fixed-delay.delay", "duration", "drawn", "from a failure to the restart", ""},
    {"scenario.records", "number", "by scenario", "generated records of each input", ""},
    {"scenario.ttl", "duration", "drawn", "how long the state of ttl-cache lives, from 1 ms on", ""},
    {"state.backend", "hashmap | jobmanager | rocksdb", "drawn",
     "where keyed state lives, and where its snapshots go: to files, or into the job manager's memory",
     "state.backend.type"},
    {"state.backend.incremental", "flag", "drawn with rocksdb",
     "checkpoints of rocksdb hold only the files that the one before did not",
     "execution.checkpointing.incremental"},
    {"state.backend.rocksdb.block.blocksize", "memory", "4 kb", "what is read from a table at once", ""},
    {"state.backend.rocksdb.compaction.level.max-size-level-base", "memory", "256 mb",
     "level 1 is compacted from this size on", ""},
    {"state.backend.rocksdb.compaction.level.target-file-size-base", "memory", "64 mb",
     "tables that a compaction makes", ""},
    {"state.backend.rocksdb.writebuffer.count", "number", "2",
     "full write buffers of a state that may wait for the disk; then its writer waits", ""},
    {"state.backend.rocksdb.writebuffer.size", "memory", "drawn with rocksdb",
     "a state that was given so many bytes begins a new table", ""},
    {"state.checkpoint-storage", "filesystem | jobmanager", "by state.backend",
     "where snapshots go, whatever the backend", "execution.checkpointing.storage"},
    {"state.checkpoints.dir", "text", "checkpoints", "where checkpoints are kept in the object store",
     "execution.checkpointing.dir"},
    {"state.checkpoints.num-retained", "number", "drawn", "completed checkpoints that are kept",
     "execution.checkpointing.num-retained"},
    {"state.storage.fs.memory-threshold", "memory", "drawn",
     "state up to this size lies in the metadata, not in a file of its own",
     "execution.checkpointing.data-inline-threshold"},
    {"taskmanager.memory.segment-size", "memory", "drawn", "size of a network buffer", ""},
    {"taskmanager.network.memory.buffers-per-channel", "number", "drawn", "credits of a channel", ""},
    {"taskmanager.network.partition-request-timeout", "duration", "drawn",
     "a consumer gives up a producer that does not answer", ""},
    {"weir.ledger", "off | sums | sets", "sums", "what the witness of the delivery ledger holds", ""},
    {"weir.memory.max-state-size", "memory", "5 mb",
     "a larger state does not go into the job manager's memory: the checkpoint fails", ""},
    {"weir.net.latency-max", "duration", "drawn", "latency of every link, its greatest ordinary value", ""},
    {"weir.retry-delay", "duration", "500 ms", "before a failed request is tried again", ""},
    {"weir.run.event-budget", "number", "50000000", "a run with more events is given up", ""},
    {"weir.run.faulty-span", "duration", "drawn", "from here on nothing breaks any more: the liveness phase",
     ""},
    {"weir.sink.batch-records", "number", "100", "records that a sink writes at once", ""},
    {"weir.snapshot.step-delay", "duration", "50 us", "before each step in which a snapshot is written", ""},
    {"weir.snapshot.step-entries", "number", "drawn", "entries of keyed state written in one event", ""},
    {"weir.source.discovery-interval", "duration", "drawn",
     "from one look for new partitions to the next, for sources that discover them", ""},
    {"weir.source.fetch-records", "number", "drawn", "records that a source reads at once", ""},
    {"weir.source.poll-interval", "duration", "10 ms", "from one look for new records to the next", ""},
    {"weir.state.lockstep", "flag", "false",
     "a keyed backend of another kind is told and asked the same, and its answers are compared: "
     "backends-agree",
     ""},
    {"weir.task.record-cost", "duration", "drawn", "time that an operator spends on a record, at most 100 ms",
     ""},
    {"weir.task.slice-records", "number", "drawn", "records that a subtask handles in one event", ""},
    {"weir.workload.span", "duration", "drawn", "the records appear over this long", ""},
});

}  // namespace

absl::Span<const OptionInfo> KnownOptions() { return kOptions; }

std::string CanonicalOption(absl::string_view key) {
  for (const OptionInfo& option : kOptions) {
    if (option.key == key || (!option.alias.empty() && option.alias == key)) return std::string(option.key);
  }
  return "";
}

std::vector<absl::string_view> OptionNames() {
  std::vector<absl::string_view> names;
  for (const OptionInfo& option : kOptions) {
    names.push_back(option.key);
    if (!option.alias.empty()) names.push_back(option.alias);
  }
  return names;
}

}  // namespace weir
