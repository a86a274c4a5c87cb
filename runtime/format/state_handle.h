// Licensed under the Apache License, Version 2.0.
//
// Handles: how `_metadata` points at state. A handle is a value; `kind` is the tag byte that Flink
// writes, and the comment of each kind says which members it uses. Unused members stay at their
// defaults and are not written.
#ifndef WEIR_RUNTIME_FORMAT_STATE_HANDLE_H_
#define WEIR_RUNTIME_FORMAT_STATE_HANDLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "runtime/types/key_hash.h"

namespace weir {

// Where bytes are.
struct StreamHandle {
  enum class Kind : uint8_t {
    kNull = 0,
    kInline = 1,        // path (a name), bytes
    kFile = 2,          // path (an absolute URI), size
    kKeyGroups = 3,     // first_key_group, offsets, inner (one): a wrapper of old files
    kRelativeFile = 6,  // path (relative to the directory of _metadata), size
    kSegment = 15,      // path, start, size, scope, logical_id: part of a merged file
    kEmptySegment = 16,
  };
  Kind kind = Kind::kNull;
  std::string path;
  int64_t size = 0;
  std::string bytes;
  int64_t start = 0;
  int32_t scope = 0;  // 0 exclusive, 1 shared
  std::string logical_id;
  int32_t first_key_group = 0;
  std::vector<int64_t> offsets;
  std::vector<StreamHandle> inner;

  bool operator==(const StreamHandle&) const = default;
  bool is_null() const { return kind == Kind::kNull; }
  // What the handle says of its length in bytes.
  int64_t byte_size() const;
  // "state file chk-3/ab", "state ab in _metadata": for messages.
  std::string Place() const;

  static StreamHandle Inline(std::string name, std::string bytes);
  static StreamHandle File(std::string uri, int64_t size);
  static StreamHandle RelativeFile(std::string path, int64_t size);
};

// A file of a native RocksDB snapshot: its local name, and where it lies.
struct NamedStream {
  std::string local_name;
  StreamHandle stream;
  bool operator==(const NamedStream&) const = default;
};

// One change of an in-memory changelog.
struct LoggedChange {
  int32_t key_group = -1;  // -1: a change of the metadata
  std::string bytes;
  bool operator==(const LoggedChange&) const = default;
};

struct OffsetStream {
  int64_t offset = 0;
  StreamHandle stream;
  bool operator==(const OffsetStream&) const = default;
};

// Keyed state of one subtask. All kinds but kNull use first_key_group and key_group_count().
struct KeyedHandle {
  enum class Kind : uint8_t {
    kNull = 0,
    kKeyGroups = 3,           // offsets, stream: checkpoints up to 1.14, savepoints up to 1.12
    kRocksOld = 5,            // checkpoint_id, backend_id, stream (meta), shared, exclusive
    kKeyGroupsSavepoint = 7,  // offsets, stream: canonical savepoints since 1.13
    kChangelogOld = 8,        // nested (materialised), log, checkpointed_size, materialization_id, id
    kChangelogInMemory = 9,   // changes, from, to, id
    kChangelogFilesOld = 10,  // files, size, checkpointed_size, id
    kRocks = 11,              // as kRocksOld, checkpointed_size, id
    kKeyGroupsWithId = 12,    // offsets, stream, id: checkpoints since 1.15
    kChangelogFiles = 13,     // as kChangelogFilesOld, storage_id
    kChangelog = 14,          // as kChangelogOld, checkpoint_id
  };
  Kind kind = Kind::kNull;
  int32_t first_key_group = 0;
  // Position of each key group in the stream, first_key_group first; in the canonical layout 0
  // means it is empty.
  std::vector<int64_t> offsets;
  StreamHandle stream;
  std::string id;

  // The kinds without offsets only:
  int32_t range_size = 0;
  int64_t checkpoint_id = 0;
  std::string backend_id;
  int64_t checkpointed_size = 0;
  std::vector<NamedStream> shared;
  std::vector<NamedStream> exclusive;
  std::vector<KeyedHandle> materialized;
  std::vector<KeyedHandle> log;
  int64_t materialization_id = 0;
  std::vector<LoggedChange> changes;
  int64_t from = 0;
  int64_t to = 0;
  std::vector<OffsetStream> files;
  int64_t size = 0;
  std::string storage_id;

  bool operator==(const KeyedHandle&) const = default;
  bool is_null() const { return kind == Kind::kNull; }
  bool has_offsets() const;
  // The files of a RocksDB database: kRocksOld and kRocks.
  bool is_native() const { return kind == Kind::kRocksOld || kind == Kind::kRocks; }
  KeyGroupRange range() const;
  // What of the handle lies in `wanted`, with the offsets of those key groups only; null if nothing
  // does. REQUIRES: has_offsets().
  KeyedHandle Intersect(KeyGroupRange wanted) const;

  // REQUIRES: offsets.size() == range.size().
  static KeyedHandle Savepoint(KeyGroupRange range, std::vector<int64_t> offsets, StreamHandle stream);
  static KeyedHandle Checkpoint(KeyGroupRange range, std::vector<int64_t> offsets, StreamHandle stream,
                                std::string id);
  // Its files are still to be added.
  static KeyedHandle Native(KeyGroupRange range, int64_t checkpoint_id, std::string backend_id,
                            StreamHandle meta);
};

enum class OperatorStateMode : uint8_t { kSplitDistribute = 0, kUnion = 1, kBroadcast = 2 };

// Where the elements of one named state begin in the stream; a broadcast state has one offset.
struct OperatorStateOffsets {
  std::string name;
  OperatorStateMode mode = OperatorStateMode::kSplitDistribute;
  std::vector<int64_t> offsets;
  bool operator==(const OperatorStateOffsets&) const = default;
};

// Operator (non-keyed) state of one subtask.
struct OperatorHandle {
  enum class Kind : uint8_t { kNull = 0, kPartitionable = 4, kMerged = 17 };
  Kind kind = Kind::kNull;
  std::vector<OperatorStateOffsets> states;
  StreamHandle stream;
  std::string task_owned_directory;  // kMerged only
  std::string shared_directory;
  bool is_empty = false;

  bool operator==(const OperatorHandle&) const = default;
  bool is_null() const { return kind == Kind::kNull; }
  static OperatorHandle Partitionable(std::vector<OperatorStateOffsets> states, StreamHandle stream);
};

// In-flight data of one channel (unaligned checkpoints).
struct ChannelHandle {
  enum class Kind : uint8_t { kInput = 1, kResult = 2, kMergedInput = 3, kMergedResult = 4 };
  Kind kind = Kind::kInput;
  int32_t subtask = 0;
  int32_t gate = 0;     // or result partition
  int32_t channel = 0;  // or subpartition
  std::vector<int64_t> offsets;
  int64_t size = 0;
  StreamHandle stream;
  std::string merged;  // kMerged*: opaque bytes
  bool operator==(const ChannelHandle&) const = default;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_FORMAT_STATE_HANDLE_H_
