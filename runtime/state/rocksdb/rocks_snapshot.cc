#include "runtime/state/rocksdb/rocks_snapshot.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"

namespace weir {

RocksSnapshotWriter::RocksSnapshotWriter(RocksKeyedBackend& backend, const WitnessOf& witness)
    : backend_(backend), witness_(backend.range(), witness) {
  for (auto& [name, registered] : backend.families_) {
    Source& source = sources_.emplace_back(
        Source{registered.meta, registered.family->IterateAll(), std::nullopt, std::nullopt});
    const std::optional<TtlPolicy>& ttl = registered.family->ttl().policy();
    if (registered.store == nullptr || !ttl.has_value()) continue;
    now_ = ttl->Now();
    if (!ttl->cleans_snapshots) continue;
    source.spec = registered.store->spec();
    source.ttl = ttl;
  }
}

absl::Status RocksSnapshotWriter::Begin() {
  std::vector<StateMeta> states;
  for (const Source& source : sources_) states.push_back(source.meta);
  WEIR_ASSIGN_OR_RETURN(CanonicalWriter writer,
                        CanonicalWriter::Create(backend_, std::move(states), std::move(witness_)));
  writer_.emplace(std::move(writer));
  return absl::OkStatus();
}

absl::StatusOr<bool> RocksSnapshotWriter::Write(uint64_t entries) {
  if (!writer_.has_value()) WEIR_RETURN_IF_ERROR(Begin());
  WEIR_ASSIGN_OR_RETURN(const bool is_done, writer_->WriteGroups(entries, [this](KeyGroup group) {
    return WriteKeyGroup(group);
  }));
  if (!is_done) return false;
  for (const Source& source : sources_) WEIR_CHECK(!source.entries.Valid(), "a key outside of the range");
  return true;
}

absl::Status RocksSnapshotWriter::WriteKeyGroup(KeyGroup group) {
  std::string part;
  for (size_t id = 0; id < sources_.size(); ++id) {
    Source& source = sources_[id];
    FamilyIterator& entries = source.entries;
    for (; entries.Valid(); entries.Next()) {
      ByteReader reader(entries.key());
      if (ReadKeyGroup(reader, backend_.max_parallelism()) != group) break;
      absl::string_view value = entries.value();
      if (source.ttl.has_value()) {
        value = LivePart(*source.spec, *source.ttl, now_, value, &part);
        if (value.empty()) continue;
      }
      writer_->Add(id, entries.key(), value);
    }
    WEIR_RETURN_IF_ERROR(WithContext(entries.status(), absl::StrCat("state ", source.meta.name)));
  }
  return absl::OkStatus();
}

}  // namespace weir
