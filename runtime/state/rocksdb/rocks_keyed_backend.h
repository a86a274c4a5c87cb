// Licensed under the Apache License, Version 2.0.
//
// Keyed state in a RocksDB database of its own: one column family per state and per queue of timers, named like it, and
// nothing else (Flink refuses any other). What it looks like from outside is what the heap backend looks like; where the
// two differ is said in rocks_store.h.
//
// Life:  (Restore...) -> registration, access, snapshots -> Close, or the end of the process. The database is opened when
// it is needed first. Its folder is never opened again: what is left there after a crash belongs to nobody.
//
// Snapshots: the canonical stream (rocks_snapshot.h), or, for checkpoints if is_incremental, the files of the database
// (native_snapshot.h), of which those that are in the object store already are only named.
//
// Invariants:
//  1. Every key in the database lies in range(), but for what Restore is about to cut off.
//  2. families_ has exactly the column families of the database, "default" aside.
//  3. A state that was restored and not asked for yet has neither store nor queue.
#ifndef WEIR_RUNTIME_STATE_ROCKSDB_ROCKS_KEYED_BACKEND_H_
#define WEIR_RUNTIME_STATE_ROCKSDB_ROCKS_KEYED_BACKEND_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/env/env.h"
#include "runtime/format/native_meta.h"
#include "runtime/state/keyed_state_backend.h"
#include "runtime/state/rocksdb/job_runner.h"
#include "runtime/state/rocksdb/rocks_store.h"
#include "runtime/state/rocksdb/rocks_timer_queue.h"
#include "runtime/state/rocksdb/uploaded_tables.h"

namespace weir {

// Where all databases of a node lie. Nothing that is there when a process begins is of use to it.
inline constexpr absl::string_view kRocksFolder = "rocksdb";

class RocksKeyedBackend final : public KeyedStateBackend {
 public:
  struct Options {
    RocksOptions database;  // folder and identity are this backend's alone
    bool is_incremental = false;
  };

  // `env` outlives it.
  RocksKeyedBackend(const TypeSerializer& key_type, KeyGroupRange range, uint32_t max_parallelism, Env& env,
                    Options options);
  // The end of the process, or after Close. REQUIRES: no snapshot writer is left.
  ~RocksKeyedBackend() override;

  absl::StatusOr<ValueStore*> RegisterValue(const StateSpec& spec) override;
  absl::StatusOr<ListStore*> RegisterList(const StateSpec& spec) override;
  absl::StatusOr<MapStore*> RegisterMap(const StateSpec& spec) override;
  absl::StatusOr<TimerQueue*> RegisterTimers(const std::string& name,
                                             const TypeSerializer* name_space) override;
  std::vector<KeyRef> KeysOf(absl::string_view state, absl::string_view name_space) override;
  // Reads everything.
  size_t entry_count() const override;
  std::unique_ptr<KeyedSnapshotWriter> Snapshot(const WitnessOf& witness) override;
  std::unique_ptr<KeyedSnapshotWriter> SnapshotForCheckpoint(const CheckpointRequest& request,
                                                             const WitnessOf& witness) override;
  absl::Status Restore(const KeyedHandle& handle, absl::string_view bytes,
                       const RestoreWitness& witness) override;
  absl::Status RestoreFiles(const KeyedHandle& handle, const BytesOfFile& bytes_of,
                            const RestoreWitness& witness) override;
  void NotifyCheckpointComplete(CheckpointId checkpoint) override { uploaded_.OnComplete(checkpoint); }
  void NotifyCheckpointAborted(CheckpointId checkpoint) override { uploaded_.OnAborted(checkpoint); }
  void Close() override;

  // --- For stores and snapshots.
  CompositeKeyLayout LayoutOf(const StateSpec& spec) const;

 private:
  friend class RocksSnapshotWriter;
  friend class NativeSnapshotWriter;
  // One column family: of a state, of timers, or of what was restored and not asked for yet.
  struct Registered {
    StateMeta meta;
    std::unique_ptr<ColumnFamily> family;
    std::unique_ptr<RocksStore> store;
    std::unique_ptr<RocksTimerQueue> queue;
    // The canonical streams that its entries come from, while nobody has looked at them.
    std::vector<std::string> unchecked_from;
    // For messages: the state, and the files that it was read from.
    std::string Describe() const;
  };

  absl::Status Open();
  absl::StatusOr<Registered*> FamilyOf(const StateMeta& meta);
  RocksOptions DatabaseOptions();
  template <typename Store>
  absl::StatusOr<Store*> Register(const StateSpec& spec);
  // Takes over what was restored under the store's name: checks it where that is due, and rewrites it where its schema
  // has changed.
  absl::Status Adopt(Registered& registered);
  static absl::Status CheckSameMeta(const StateMeta& found, const StateMeta& known);
  // Puts the files of a snapshot into a folder of this node's disk.
  absl::StatusOr<std::vector<RocksFile>> PlaceFiles(const KeyedHandle& handle, const NativeMeta& meta,
                                                    const BytesOfFile& bytes_of, const std::string& folder);
  absl::Status TakeOverFiles(const KeyedHandle& handle, const NativeMeta& meta, const BytesOfFile& bytes_of);
  absl::Status CopyFromFiles(const KeyedHandle& handle, const NativeMeta& meta, const BytesOfFile& bytes_of);
  absl::Status Clip();

  Env& env_;
  const Options options_;
  std::map<std::string, std::unique_ptr<TtlFilter>, std::less<>> filters_;  // by column family
  JobRunner runner_;
  std::unique_ptr<RocksDatabase> database_;  // null until it is needed
  std::map<std::string, Registered, std::less<>> families_;
  UploadedTables uploaded_;
  std::set<std::string> folders_;  // on the disk, to be deleted: of snapshots that are over
  uint64_t copies_ = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_ROCKSDB_ROCKS_KEYED_BACKEND_H_
