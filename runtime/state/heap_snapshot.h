// Licensed under the Apache License, Version 2.0.
//
// One snapshot of a heap backend, from the moment it is taken until its bytes are written. Taking it copies the addresses
// of pages, the ledger's values and the timers; nothing else is copied unless it changes meanwhile.
#ifndef WEIR_RUNTIME_STATE_HEAP_SNAPSHOT_H_
#define WEIR_RUNTIME_STATE_HEAP_SNAPSHOT_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/state/canonical_writer.h"
#include "runtime/state/heap_keyed_backend.h"

namespace weir {

class HeapSnapshotWriter final : public KeyedSnapshotWriter {
 public:
  HeapSnapshotWriter(HeapKeyedBackend& backend, const WitnessOf& witness);
  ~HeapSnapshotWriter() override;

  absl::StatusOr<bool> Write(uint64_t entries) override;
  KeyedSnapshot Take() override;

 private:
  // One state, in the order of names.
  struct Source {
    std::string name;
    StateMeta meta;
    // A registered one:
    const HeapStore* store = nullptr;
    HeapTable::View view;
    NamespaceIndex namespaces;
    std::optional<TtlPolicy> ttl;  // if expired values are left out
    bool Sees(uint32_t key) const;
    // Timers, and states that were only restored: composite keys and values, by key group, then in byte order.
    const RestoredState* restored = nullptr;
    std::vector<Timer> timers;
    RestoredState::Entries entries;
    size_t at = 0;
  };

  absl::Status Begin();
  void PrepareEntries(Source& source);
  absl::Status WriteKeyGroup(KeyGroup group);
  absl::Status WriteStore(KeyGroup group, size_t id, const Source& source, size_t begin, size_t end);
  void WriteEntries(KeyGroup group, size_t id, Source& source);

  HeapKeyedBackend& backend_;
  const uint64_t epoch_;
  int64_t now_ = 0;
  std::vector<Source> sources_;
  CollectedWitness witness_;  // until the first Write

  std::optional<CanonicalWriter> writer_;  // from the first Write on
  std::vector<uint32_t> keys_;             // sorted
  size_t at_ = 0;                          // in keys_
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_HEAP_SNAPSHOT_H_
