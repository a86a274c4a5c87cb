#include "runtime/state/lockstep/lockstep_keyed_backend.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/stable_hash.h"
#include "runtime/base/status.h"
#include "runtime/format/native_meta.h"
#include "runtime/state/lockstep/stream_comparison.h"

namespace weir {
namespace {

constexpr uint64_t kAllEntries = std::numeric_limits<uint64_t>::max();

KeyedHandle HandleOf(const KeyedSnapshot& snapshot) {
  return KeyedHandle::Savepoint(snapshot.stream.range, snapshot.stream.offsets,
                                StreamHandle::Inline("stream", snapshot.stream.bytes));
}

}  // namespace

LockstepKeyedBackend::LockstepKeyedBackend(LockstepSide leader, LockstepSide follower, Options options)
    : KeyedStateBackend(leader.backend->key_type(), leader.backend->range(),
                        leader.backend->max_parallelism()),
      leader_(std::move(leader)),
      follower_(std::move(follower)),
      options_(std::move(options)),
      comparison_(std::make_unique<Comparison>(*this, leader_, follower_, options_.place, *options_.report,
                                               options_.on_difference)) {}

// --- Keys

void LockstepKeyedBackend::OnKeyLeft() {
  leader_.backend->ClearCurrentKey();
  if (comparison_->is_on()) follower_.backend->ClearCurrentKey();
}

void LockstepKeyedBackend::OnKeyEntered() {
  leader_.backend->SetCurrentKey(current_key(), current_key_group());
  if (comparison_->Follows()) follower_.backend->SetCurrentKey(current_key(), current_key_group());
}

std::vector<KeyedStateBackend::KeyRef> LockstepKeyedBackend::KeysOf(absl::string_view state,
                                                                    absl::string_view name_space) {
  EndRestore();
  std::vector<KeyRef> ours = leader_.backend->KeysOf(state, name_space);
  if (!comparison_->Follows()) return ours;
  const std::vector<KeyRef> theirs = follower_.backend->KeysOf(state, name_space);
  if (!comparison_->HasAnswered(state, "keys", [] { return ""; })) return ours;
  const auto found = states_.find(state);
  if (found != states_.end() && found->second->form().has_ttl()) return ours;
  const auto is_same = [](const KeyRef& a, const KeyRef& b) {
    return a.key_group == b.key_group && a.bytes == b.bytes;
  };
  const auto [mine, other] = std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end(), is_same);
  if (mine == ours.end() && other == theirs.end()) {
    comparison_->Agree();
    return ours;
  }
  const auto text = [this](const std::vector<KeyRef>& keys, std::vector<KeyRef>::const_iterator at) {
    if (at == keys.end()) return absl::StrCat("no more than ", keys.size(), " keys");
    return absl::StrCat(TextOfBytes(key_type(), at->bytes), " as key ", at - keys.begin() + 1, " of ",
                        keys.size());
  };
  comparison_->Differ(state, "keys", "", text(ours, mine), text(theirs, other));
  return ours;
}

size_t LockstepKeyedBackend::entry_count() const {
  const size_t ours = leader_.backend->entry_count();
  if (!comparison_->Follows()) return ours;
  const size_t theirs = follower_.backend->entry_count();
  for (const auto& [name, state] : states_) {
    if (state->form().has_ttl()) return ours;
  }
  if (ours == theirs) {
    comparison_->Agree();
  } else {
    comparison_->Differ("", "entry-count", "", absl::StrCat(ours), absl::StrCat(theirs));
  }
  return ours;
}

// --- Registration

void LockstepKeyedBackend::CompareStatus(absl::string_view state, absl::string_view operation,
                                         const absl::Status& follower) {
  if (follower.ok()) return comparison_->Agree();
  comparison_->Differ(state, operation, "", "without an error",
                      absl::StrCat("with the error \"", follower.message(), "\""));
}

template <typename Lockstep, typename Store>
absl::StatusOr<Store*> LockstepKeyedBackend::Register(
    const StateSpec& spec, absl::StatusOr<Store*> (KeyedStateBackend::*method)(const StateSpec&)) {
  EndRestore();
  WEIR_ASSIGN_OR_RETURN(Store* const ours, ((*leader_.backend).*method)(spec));
  Store* theirs = nullptr;
  if (comparison_->Follows()) {
    const absl::StatusOr<Store*> registered = ((*follower_.backend).*method)(spec);
    CompareStatus(spec.name, "registration", registered.status());
    theirs = registered.ok() ? *registered : nullptr;
  }
  std::unique_ptr<LockstepState>& slot = states_[spec.name];
  if (slot == nullptr) slot = std::make_unique<Lockstep>(*comparison_, spec, *ours, theirs);
  return static_cast<Lockstep*>(slot.get());
}

absl::StatusOr<ValueStore*> LockstepKeyedBackend::RegisterValue(const StateSpec& spec) {
  return Register<LockstepValueStore>(spec, &KeyedStateBackend::RegisterValue);
}
absl::StatusOr<ListStore*> LockstepKeyedBackend::RegisterList(const StateSpec& spec) {
  return Register<LockstepListStore>(spec, &KeyedStateBackend::RegisterList);
}
absl::StatusOr<MapStore*> LockstepKeyedBackend::RegisterMap(const StateSpec& spec) {
  return Register<LockstepMapStore>(spec, &KeyedStateBackend::RegisterMap);
}

absl::StatusOr<TimerQueue*> LockstepKeyedBackend::RegisterTimers(const std::string& name,
                                                                 const TypeSerializer* name_space) {
  EndRestore();
  WEIR_ASSIGN_OR_RETURN(TimerQueue* const ours, leader_.backend->RegisterTimers(name, name_space));
  TimerQueue* theirs = nullptr;
  if (comparison_->Follows()) {
    const absl::StatusOr<TimerQueue*> registered = follower_.backend->RegisterTimers(name, name_space);
    CompareStatus(name, "registration", registered.status());
    theirs = registered.ok() ? *registered : nullptr;
  }
  std::unique_ptr<LockstepTimerQueue>& slot = queues_[name];
  if (slot == nullptr)
    slot = std::make_unique<LockstepTimerQueue>(*comparison_, name, name_space, *ours, theirs);
  return slot.get();
}

// --- Snapshots

// Both snapshots are of one moment; the follower's is written when the leader's is there to be compared with it.
class LockstepKeyedBackend::SnapshotWriter final : public KeyedSnapshotWriter {
 public:
  // `theirs` null: nothing is compared.
  SnapshotWriter(LockstepKeyedBackend& backend, std::unique_ptr<KeyedSnapshotWriter> ours,
                 std::unique_ptr<KeyedSnapshotWriter> theirs)
      : backend_(backend), ours_(std::move(ours)), theirs_(std::move(theirs)) {}

  absl::StatusOr<bool> Write(uint64_t entries) override { return ours_->Write(entries); }
  KeyedSnapshot Take() override {
    KeyedSnapshot snapshot = ours_->Take();
    if (theirs_ != nullptr && backend_.comparison_->Follows()) backend_.CompareSnapshots(snapshot, *theirs_);
    return snapshot;
  }

 private:
  LockstepKeyedBackend& backend_;
  const std::unique_ptr<KeyedSnapshotWriter> ours_;
  const std::unique_ptr<KeyedSnapshotWriter> theirs_;
};

std::unique_ptr<KeyedSnapshotWriter> LockstepKeyedBackend::Paired(std::unique_ptr<KeyedSnapshotWriter> ours) {
  std::unique_ptr<KeyedSnapshotWriter> theirs;
  if (comparison_->Follows()) theirs = follower_.backend->Snapshot(nullptr);
  return std::make_unique<SnapshotWriter>(*this, std::move(ours), std::move(theirs));
}

std::unique_ptr<KeyedSnapshotWriter> LockstepKeyedBackend::Snapshot(const WitnessOf& witness) {
  EndRestore();
  return Paired(leader_.backend->Snapshot(witness));
}

std::unique_ptr<KeyedSnapshotWriter> LockstepKeyedBackend::SnapshotForCheckpoint(
    const CheckpointRequest& request, const WitnessOf& witness) {
  EndRestore();
  return Paired(leader_.backend->SnapshotForCheckpoint(request, witness));
}

std::optional<absl::StatusOr<KeyedSnapshot>> LockstepKeyedBackend::StreamOfFiles(
    const KeyedSnapshot& snapshot) {
  const NativeSnapshot& native = *snapshot.native;
  const absl::StatusOr<NativeMeta> meta = ReadNativeMeta(native.meta);
  if (!meta.ok()) return meta.status();
  std::map<std::string, uint64_t> hashes;
  for (const NativeMeta::File& file : meta->files) hashes[file.name] = file.hash;
  KeyedHandle handle = KeyedHandle::Native(snapshot.stream.range, 1, native.backend_id,
                                           StreamHandle::Inline("meta", native.meta));
  for (const NativeFile& file : native.files) {
    if (file.is_table && !file.bytes.empty()) tables_[file.name] = file.bytes;
    const std::string& bytes = file.is_table ? tables_[file.name] : file.bytes;
    if (StableHash64(bytes) != hashes[file.name]) return std::nullopt;
    (file.is_table ? handle.shared : handle.exclusive)
        .push_back({file.name, StreamHandle::Inline(file.name, bytes)});
  }
  const LockstepSide side = options_.another_leader();
  const auto bytes_of = [](const StreamHandle& stream) -> absl::StatusOr<std::string> {
    return stream.bytes;
  };
  const auto restored = [&]() -> absl::StatusOr<KeyedSnapshot> {
    WEIR_RETURN_IF_ERROR(side.backend->RestoreFiles(handle, bytes_of, nullptr));
    return SnapshotNow(*side.backend, nullptr);
  };
  absl::StatusOr<KeyedSnapshot> stream = restored();
  side.backend->Close();
  return stream;
}

void LockstepKeyedBackend::CompareSnapshots(const KeyedSnapshot& leader, KeyedSnapshotWriter& follower) {
  const absl::StatusOr<bool> done = follower.Write(kAllEntries);
  if (!done.ok()) return CompareStatus("", "snapshot", done.status());
  const KeyedSnapshot theirs = follower.Take();
  std::optional<absl::StatusOr<KeyedSnapshot>> of_files;
  if (leader.native.has_value()) {
    of_files = StreamOfFiles(leader);
    if (!of_files.has_value()) return;
  }
  const auto refuse = [this](const absl::Status& status) {
    comparison_->Differ("", "snapshot", "", absl::StrCat("what cannot be read: ", status.message()),
                        "a stream");
  };
  if (of_files.has_value() && !of_files->ok()) return refuse(of_files->status());
  StreamContents contents;
  contents.key_type = &key_type();
  contents.max_parallelism = max_parallelism();
  contents.form_of = [this](absl::string_view state) -> const AnswerForm* {
    const auto found = states_.find(state);
    return found == states_.end() ? nullptr : &found->second->form();
  };
  contents.timers_of = [this](absl::string_view state) -> std::optional<const TypeSerializer*> {
    const auto found = queues_.find(state);
    if (found == queues_.end()) return std::nullopt;
    return found->second->name_space();
  };
  const absl::StatusOr<StreamsCompared> compared =
      CompareStreams(of_files.has_value() ? (*of_files)->stream : leader.stream, theirs.stream, contents);
  if (!compared.ok()) return refuse(compared.status());
  comparison_->Agree(compared->entries);
  if (const auto& first = compared->first)
    comparison_->Differ(first->state, "snapshot", first->of, first->left, first->right);
}

void LockstepKeyedBackend::NotifyCheckpointComplete(CheckpointId checkpoint) {
  leader_.backend->NotifyCheckpointComplete(checkpoint);
}

void LockstepKeyedBackend::NotifyCheckpointAborted(CheckpointId checkpoint) {
  leader_.backend->NotifyCheckpointAborted(checkpoint);
}

// --- Restores

absl::Status LockstepKeyedBackend::Restore(const KeyedHandle& handle, absl::string_view bytes,
                                           const RestoreWitness& witness) {
  WEIR_RETURN_IF_ERROR(leader_.backend->Restore(handle, bytes, witness));
  if (comparison_->Follows())
    CompareStatus("", "restore", follower_.backend->Restore(handle, bytes, nullptr));
  return absl::OkStatus();
}

absl::Status LockstepKeyedBackend::RestoreFiles(const KeyedHandle& handle, const BytesOfFile& bytes_of,
                                                const RestoreWitness& witness) {
  WEIR_RETURN_IF_ERROR(leader_.backend->RestoreFiles(handle, bytes_of, witness));
  if (!comparison_->Follows()) return absl::OkStatus();
  for (const NamedStream& table : handle.shared) {
    WEIR_ASSIGN_OR_RETURN(std::string bytes, bytes_of(table.stream));
    // Of several handles, the leader goes on with the tables of the first.
    tables_.try_emplace(table.local_name, std::move(bytes));
  }
  if (!from_files_.has_value()) from_files_.emplace(options_.another_leader());
  CompareStatus("", "restore", from_files_->backend->RestoreFiles(handle, bytes_of, nullptr));
  return absl::OkStatus();
}

void LockstepKeyedBackend::EndRestore() {
  if (!from_files_.has_value()) return;
  const LockstepSide side = *std::exchange(from_files_, std::nullopt);
  if (comparison_->Follows()) {
    const absl::StatusOr<KeyedSnapshot> stream = SnapshotNow(*side.backend, nullptr);
    absl::Status status = stream.status();
    if (status.ok()) status = follower_.backend->Restore(HandleOf(*stream), stream->stream.bytes, nullptr);
    CompareStatus("", "restore", status);
  }
  side.backend->Close();
}

void LockstepKeyedBackend::Close() {
  leader_.backend->Close();
  follower_.backend->Close();
  if (from_files_.has_value()) from_files_->backend->Close();
}

}  // namespace weir
