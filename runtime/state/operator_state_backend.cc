#include "runtime/state/operator_state_backend.h"

#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/format/witness.h"
#include "runtime/types/bytes.h"
#include "runtime/types/snapshot_codec.h"

namespace weir {
namespace {

constexpr absl::string_view kKey = "KEY_SERIALIZER";
constexpr absl::string_view kValue = "VALUE_SERIALIZER";
constexpr absl::string_view kModes[] = {"a split list", "a union list", "a broadcast map"};

absl::string_view ModeName(OperatorStateMode mode) { return kModes[static_cast<size_t>(mode)]; }

std::string DescribeTypes(const StateMeta& meta) {
  std::string text;
  for (absl::string_view role : {"KEY_SERIALIZER", "VALUE_SERIALIZER"}) {
    const SerializerSnapshot* const snapshot = meta.serializer(role);
    if (snapshot != nullptr) absl::StrAppend(&text, text.empty() ? "" : " to ", DescribeSnapshot(*snapshot));
  }
  return text;
}

// Parts of one snapshot, or of one program, describe a state alike.
absl::Status CheckCompatible(const StateMeta& restored, const StateMeta& wanted) {
  if (restored == wanted) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("operator state ", wanted.name, " was written as ",
                                                    DescribeTypes(restored), " and is now asked for as ",
                                                    DescribeTypes(wanted)));
}

absl::Status InState(const absl::Status& status, absl::string_view name) {
  return WithContext(status, absl::StrCat("operator state ", name));
}

const SerializerSnapshot& ElementOf(const StateMeta& meta) { return meta.serializers.front().second; }

// The entries of one copy of a broadcast map, by what its meta says of keys and values. `entries` may be null: then
// they are only looked at.
absl::Status SplitCopy(const StateMeta& meta, ByteReader& reader,
                       std::vector<std::pair<std::string, std::string>>* entries) {
  const SerializerSnapshot* const key = meta.serializer(kKey);
  const SerializerSnapshot* const value = meta.serializer(kValue);
  if (key == nullptr || value == nullptr) return absl::DataLossError("its meta names no serializers");
  for (int32_t left = reader.I32(); left > 0; --left) {
    const absl::string_view rest = reader.Rest();
    const size_t begin = reader.offset();
    WEIR_RETURN_IF_ERROR(SnapshotCodec(*key).Skip(reader));
    const size_t middle = reader.offset();
    WEIR_RETURN_IF_ERROR(SnapshotCodec(*value).Skip(reader));
    if (entries == nullptr) continue;
    entries->emplace_back(rest.substr(0, middle - begin),
                          rest.substr(middle - begin, reader.offset() - middle));
  }
  return reader.status();
}

// A state of the witness, and what its meta takes in a stream: made once, since every snapshot has both.
struct WitnessMeta {
  explicit WitnessMeta(StateMeta of) : meta(std::move(of)) {
    ByteWriter bytes;
    WEIR_CHECK(WriteStateMeta(meta, bytes).ok(), meta.name);
    size = bytes.size();
  }
  StateMeta meta;
  uint64_t size = 0;
};
const WitnessMeta& WitnessList() {
  static const auto* const kMeta =
      new WitnessMeta(StateMeta::OperatorList(std::string(kWitnessState), OperatorStateMode::kSplitDistribute,
                                              TypeOf<Bytes>::Serializer().Snapshot()));
  return *kMeta;
}
const WitnessMeta& WitnessCopies() {
  static const auto* const kMeta = new WitnessMeta(
      StateMeta::Broadcast(std::string(kBroadcastWitnessState), TypeOf<int32_t>::Serializer().Snapshot(),
                           TypeOf<Bytes>::Serializer().Snapshot()));
  return *kMeta;
}

// Damage is an error now; a layout that only its type knows is left to whoever registers it.
absl::Status UnlessUnknown(const absl::Status& status) {
  return absl::IsUnimplemented(status) ? absl::OkStatus() : status;
}

}  // namespace

absl::Status OperatorStateBackend::AtPlace(const absl::Status& status, absl::string_view state,
                                           const Place& place) const {
  return InState(status, absl::StrCat(state, " in ", streams_[place.stream].name));
}

absl::StatusOr<ByteReader> OperatorStateBackend::ReaderAt(const Place& place) const {
  return streams_[place.stream].reader->At(place.offset);
}

absl::StatusOr<OperatorStateBackend::Elements*> OperatorStateBackend::RegisterList(
    absl::string_view name, OperatorStateMode mode, const TypeSerializer& element) {
  WEIR_CHECK(mode != OperatorStateMode::kBroadcast, "a list is split or union");
  StateMeta meta = StateMeta::OperatorList(std::string(name), mode, element.Snapshot());
  auto [found, is_new] = lists_.try_emplace(std::string(name));
  List& list = found->second;
  if (is_new) {
    list.meta = std::move(meta);
    list.mode = mode;
  } else if (list.mode != mode) {
    return absl::FailedPreconditionError(absl::StrCat("operator state ", name, " is ", ModeName(list.mode),
                                                      " and is now asked for as ", ModeName(mode)));
  } else if (list.is_registered) {
    WEIR_RETURN_IF_ERROR(CheckCompatible(list.meta, meta));
  } else {
    WEIR_RETURN_IF_ERROR(
        InState(CheckRole(SerializerRole::kOperatorElement, ElementOf(list.meta), ElementOf(meta)), name));
    WEIR_RETURN_IF_ERROR(LoadElements(element, &list));
    list.meta = std::move(meta);
  }
  list.is_registered = true;
  return &list.elements;
}

// Restored elements, as today's serializer writes them.
absl::Status OperatorStateBackend::LoadElements(const TypeSerializer& element, List* list) {
  if (list->restored.empty()) return absl::OkStatus();
  WEIR_ASSIGN_OR_RETURN(const Migration migration, Migration::Plan(ElementOf(list->meta), element));
  for (const Place& place : std::exchange(list->restored, {})) {
    const absl::Status status = LoadElement(place, migration, element, list);
    if (!status.ok()) return AtPlace(status, list->meta.name, place);
  }
  return absl::OkStatus();
}

absl::Status OperatorStateBackend::LoadElement(const Place& place, const Migration& migration,
                                               const TypeSerializer& element, List* list) const {
  WEIR_ASSIGN_OR_RETURN(ByteReader reader, ReaderAt(place));
  ByteWriter bytes;
  WEIR_RETURN_IF_ERROR(migration.Rewrite(reader, bytes));
  ByteReader written(bytes.bytes());
  ErasedValue value(element);
  element.Deserialize(written, value.get());
  WEIR_RETURN_IF_ERROR(written.Finish());
  list->elements.push_back(bytes.Take());
  return absl::OkStatus();
}

// A restored copy, as today's serializers write it.
absl::Status OperatorStateBackend::LoadCopy(const Place& place, const StateMeta& found,
                                            ErasedBroadcastTable& table) {
  WEIR_ASSIGN_OR_RETURN(ByteReader reader, ReaderAt(place));
  WEIR_ASSIGN_OR_RETURN(const Migration key, Migration::Plan(*found.serializer(kKey), table.key_type()));
  WEIR_ASSIGN_OR_RETURN(const Migration value,
                        Migration::Plan(*found.serializer(kValue), table.value_type()));
  if (key.is_identity() && value.is_identity()) return table.Read(reader);
  ByteWriter copy;
  const int32_t count = reader.I32();
  copy.I32(count);
  for (int32_t left = count; left > 0 && reader.ok(); --left) {
    WEIR_RETURN_IF_ERROR(key.Rewrite(reader, copy));
    WEIR_RETURN_IF_ERROR(value.Rewrite(reader, copy));
  }
  WEIR_RETURN_IF_ERROR(reader.status());
  ByteReader written(copy.bytes());
  return table.Read(written);
}

absl::StatusOr<ErasedBroadcastTable*> OperatorStateBackend::Register(absl::string_view name,
                                                                     const TypeSerializer& key,
                                                                     const TypeSerializer& value,
                                                                     MakeTable make) {
  StateMeta meta = StateMeta::Broadcast(std::string(name), key.Snapshot(), value.Snapshot());
  auto [found, is_new] = broadcasts_.try_emplace(std::string(name));
  Broadcast& broadcast = found->second;
  if (is_new) broadcast.meta = meta;
  if (broadcast.table != nullptr) {
    WEIR_RETURN_IF_ERROR(CheckCompatible(broadcast.meta, meta));
    return broadcast.table.get();
  }
  const SerializerSnapshot* const old_key = broadcast.meta.serializer(kKey);
  const SerializerSnapshot* const old_value = broadcast.meta.serializer(kValue);
  if (old_key == nullptr || old_value == nullptr) {
    return InState(absl::DataLossError("its meta names no serializers"), name);
  }
  WEIR_RETURN_IF_ERROR(
      InState(CheckRole(SerializerRole::kBroadcastKey, *old_key, *meta.serializer(kKey)), name));
  WEIR_RETURN_IF_ERROR(
      InState(CheckRole(SerializerRole::kBroadcastValue, *old_value, *meta.serializer(kValue)), name));
  std::unique_ptr<ErasedBroadcastTable> table = make(name, error_);
  for (const Place& place : broadcast.restored) {
    const absl::Status status = LoadCopy(place, broadcast.meta, *table);
    if (!status.ok()) return AtPlace(status, name, place);
  }
  broadcast.restored.clear();
  broadcast.meta = std::move(meta);
  broadcast.table = std::move(table);
  return broadcast.table.get();
}

absl::StatusOr<OperatorStateBackend::Elements> OperatorStateBackend::AllElementsOf(const List& list) const {
  Elements elements = list.elements;
  for (const Place& place : list.restored) {
    WEIR_ASSIGN_OR_RETURN(ByteReader reader, ReaderAt(place));
    const absl::string_view rest = reader.Rest();
    WEIR_RETURN_IF_ERROR(SnapshotCodec(ElementOf(list.meta)).Skip(reader));
    elements.emplace_back(rest.substr(0, rest.size() - reader.remaining()));
  }
  return elements;
}

absl::StatusOr<OperatorStateBackend::Entries> OperatorStateBackend::EntriesOf(
    const Broadcast& broadcast) const {
  Entries entries;
  if (broadcast.table != nullptr) WEIR_RETURN_IF_ERROR(broadcast.table->Write(&entries));
  for (const Place& place : broadcast.restored) {
    WEIR_ASSIGN_OR_RETURN(ByteReader reader, ReaderAt(place));
    WEIR_RETURN_IF_ERROR(SplitCopy(broadcast.meta, reader, &entries));
  }
  return entries;
}

absl::StatusOr<OperatorStateSnapshot> OperatorStateBackend::Snapshot(const OperatorWitness& witness) const {
  OperatorStateSnapshot snapshot;
  const bool has_state = !lists_.empty() || !broadcasts_.empty();
  if (!has_state && witness.empty()) return snapshot;
  OperatorStateView content;
  std::deque<Elements> not_registered;  // together with what is: they are kept while the view looks at them
  std::deque<Entries> copies;
  for (const auto& [name, list] : lists_) {
    if (list.restored.empty()) {
      content.lists.push_back({&list.meta, list.elements});
      continue;
    }
    auto elements = AllElementsOf(list);
    if (!elements.ok()) return InState(elements.status(), name);
    content.lists.push_back({&list.meta, not_registered.emplace_back(*std::move(elements))});
  }
  for (const auto& [name, broadcast] : broadcasts_) {
    auto entries = EntriesOf(broadcast);
    if (!entries.ok()) return InState(entries.status(), name);
    content.broadcasts.push_back({&broadcast.meta, copies.emplace_back(*std::move(entries))});
  }
  if (!witness.elements.empty()) {
    content.lists.push_back({&WitnessList().meta, witness.elements});
    snapshot.unbilled += WitnessList().size;
    for (const std::string& element : witness.elements) snapshot.unbilled += element.size();
  }
  if (witness.has_broadcast) {
    content.broadcasts.push_back({&WitnessCopies().meta, witness.broadcast});
    snapshot.unbilled += WitnessCopies().size + sizeof(int32_t);  // of the number of entries
    for (const auto& [key, value] : witness.broadcast) snapshot.unbilled += key.size() + value.size();
  }
  WEIR_ASSIGN_OR_RETURN(snapshot.stream, WriteOperatorState(content));
  if (!has_state) snapshot.unbilled = snapshot.stream.bytes.size();
  return snapshot;
}

absl::Status OperatorStateBackend::Restore(const OperatorHandle& handle, std::string bytes,
                                           OperatorWitness* witness) {
  Stream& stream = streams_.emplace_back();
  stream.bytes = std::move(bytes);
  stream.name = handle.stream.Place();
  WEIR_ASSIGN_OR_RETURN(stream.reader, OperatorStateReader::Open(stream.bytes));
  for (const OperatorStateOffsets& state : handle.states) {
    const StateMeta* const meta = stream.reader->Find(state.name, state.mode);
    if (meta == nullptr) {
      return absl::DataLossError(absl::StrCat("operator state ", state.name, " is not in its stream"));
    }
    const bool is_broadcast = state.mode == OperatorStateMode::kBroadcast;
    const bool is_witness = state.name == (is_broadcast ? kBroadcastWitnessState : kWitnessState);
    if (is_witness && witness == nullptr) continue;
    WEIR_RETURN_IF_ERROR(InState(is_witness     ? RestoreWitness(state, witness)
                                 : is_broadcast ? RestoreBroadcast(state, *meta)
                                                : RestoreList(state, *meta),
                                 state.name));
  }
  return absl::OkStatus();
}

absl::Status OperatorStateBackend::RestoreList(const OperatorStateOffsets& state, const StateMeta& meta) {
  auto [found, is_new] = lists_.try_emplace(state.name);
  List& list = found->second;
  WEIR_CHECK(!list.is_registered, "state is restored before it is registered: ", state.name);
  if (is_new) {
    list.meta = meta;
    list.mode = state.mode;
  } else {
    WEIR_RETURN_IF_ERROR(CheckCompatible(list.meta, meta));
  }
  for (const int64_t offset : state.offsets) {
    const Place place{streams_.size() - 1, offset};
    WEIR_ASSIGN_OR_RETURN(ByteReader reader, ReaderAt(place));
    WEIR_RETURN_IF_ERROR(UnlessUnknown(SnapshotCodec(ElementOf(meta)).Skip(reader)));
    list.restored.push_back(place);
  }
  return absl::OkStatus();
}

absl::Status OperatorStateBackend::RestoreBroadcast(const OperatorStateOffsets& state,
                                                    const StateMeta& meta) {
  auto [found, is_new] = broadcasts_.try_emplace(state.name);
  Broadcast& broadcast = found->second;
  WEIR_CHECK(broadcast.table == nullptr, "state is restored before it is registered: ", state.name);
  if (!is_new || state.offsets.size() != 1) return absl::DataLossError("a broadcast map has one copy");
  broadcast.meta = meta;
  const Place place{streams_.size() - 1, state.offsets[0]};
  WEIR_ASSIGN_OR_RETURN(ByteReader reader, ReaderAt(place));
  WEIR_RETURN_IF_ERROR(UnlessUnknown(SplitCopy(meta, reader, nullptr)));
  broadcast.restored.push_back(place);
  return absl::OkStatus();
}

absl::Status OperatorStateBackend::RestoreWitness(const OperatorStateOffsets& state,
                                                  OperatorWitness* witness) const {
  const SerializerSnapshot bytes = TypeOf<Bytes>::Serializer().Snapshot();
  for (const int64_t offset : state.offsets) {
    WEIR_ASSIGN_OR_RETURN(ByteReader reader, ReaderAt({streams_.size() - 1, offset}));
    if (state.mode != OperatorStateMode::kBroadcast) {
      const absl::string_view rest = reader.Rest();
      WEIR_RETURN_IF_ERROR(SnapshotCodec(bytes).Skip(reader));
      witness->elements.emplace_back(rest.substr(0, rest.size() - reader.remaining()));
      continue;
    }
    witness->has_broadcast = true;
    WEIR_RETURN_IF_ERROR(SplitCopy(WitnessCopies().meta, reader, &witness->broadcast));
  }
  return absl::OkStatus();
}

}  // namespace weir
