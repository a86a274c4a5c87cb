#include "runtime/task/keyed_backends.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/state/heap_keyed_backend.h"
#include "runtime/state/lockstep/lockstep_keyed_backend.h"
#include "runtime/state/rocksdb/rocks_keyed_backend.h"

namespace weir {
namespace {

// `name` tells backends of one subtask apart; "" is the one that counts.
RocksKeyedBackend::Options RocksOptionsOf(const OperatorNode& head, const JobConfig& config,
                                          const OperatorContext& context, absl::string_view name) {
  RocksKeyedBackend::Options options;
  // An attempt runs a subtask once on a node.
  options.database.identity = absl::StrCat(context.job_id, "-", context.attempt.value, "-", head.id.ToHex(),
                                           "-", context.subtask.index, name);
  options.database.folder = absl::StrCat(kRocksFolder, "/", options.database.identity);
  options.database.write_buffer_bytes = config.rocksdb_write_buffer_bytes;
  options.database.write_buffers_max = config.rocksdb_write_buffers;
  options.database.block_bytes = config.rocksdb_block_bytes;
  options.database.target_file_bytes = config.rocksdb_target_file_bytes;
  options.database.level_base_bytes = config.rocksdb_level_base_bytes;
  options.is_incremental = config.incremental;
  return options;
}

std::unique_ptr<KeyedStateBackend> MakeBackend(KeyedBackend kind, const OperatorNode& head,
                                               const JobConfig& config, const OperatorContext& context,
                                               Env& env, absl::string_view name) {
  const uint32_t max = context.max_parallelism;
  const KeyGroupRange range = RangeFor(context.subtask.index, max, context.parallelism);
  if (kind == KeyedBackend::kHeap) return std::make_unique<HeapKeyedBackend>(*head.key_type, range, max);
  return std::make_unique<RocksKeyedBackend>(*head.key_type, range, max, env,
                                             RocksOptionsOf(head, config, context, name));
}

LockstepSide MakeShadow(KeyedBackend kind, const OperatorNode& head, const JobConfig& config,
                        const OperatorContext& context, absl::string_view name) {
  LockstepSide side;
  side.name = kind == KeyedBackend::kHeap ? "hashmap" : "rocksdb";
  side.node = std::make_unique<ShadowNode>(*context.env);
  side.backend = MakeBackend(kind, head, config, context, side.node->env(), name);
  return side;
}

}  // namespace

std::unique_ptr<KeyedStateBackend> MakeKeyedBackend(const OperatorNode& head, const JobConfig& config,
                                                    const OperatorContext& context) {
  std::unique_ptr<KeyedStateBackend> backend =
      MakeBackend(config.backend, head, config, context, *context.env, "");
  if (!config.lockstep || config.lockstep_report == nullptr) return backend;
  const bool is_heap = config.backend == KeyedBackend::kHeap;
  LockstepSide leader{is_heap ? "hashmap" : "rocksdb", nullptr, std::move(backend)};
  LockstepSide follower =
      MakeShadow(is_heap ? KeyedBackend::kRocksdb : KeyedBackend::kHeap, head, config, context, "-follower");
  LockstepKeyedBackend::Options options;
  options.place = {head.uid.empty() ? head.id.ToHex() : head.uid,
                   absl::StrCat(context.task_name, ", attempt ", context.attempt.value)};
  options.report = config.lockstep_report;
  options.on_difference = [env = context.env, subtask = context.subtask,
                           attempt = context.attempt](uint64_t access) {
    env->tracer.Note(
        events::StateBackendsDiffered(subtask.vertex.value, subtask.index, attempt.value, access));
  };
  if (config.incremental) {
    options.another_leader = [&head, &config, context, made = uint64_t{0}]() mutable {
      return MakeShadow(config.backend, head, config, context, absl::StrCat("-again-", ++made));
    };
  }
  return std::make_unique<LockstepKeyedBackend>(std::move(leader), std::move(follower), std::move(options));
}

}  // namespace weir
