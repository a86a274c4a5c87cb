#include "runtime/state/operator_state_backend.h"

#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/format/witness.h"
#include "runtime/types/bytes.h"

namespace weir {
namespace {

constexpr absl::string_view kModes[] = {"a split list", "a union list", "a broadcast map"};

absl::string_view ModeName(OperatorStateMode mode) { return kModes[static_cast<size_t>(mode)]; }

// The bytes of one element that begins at `offset`: its type knows where it ends.
absl::StatusOr<std::string> ElementAt(absl::string_view bytes, int64_t offset, const TypeSerializer& type) {
  WEIR_ASSIGN_OR_RETURN(const OperatorStateReader reader, OperatorStateReader::Open(bytes));
  WEIR_ASSIGN_OR_RETURN(ByteReader at, reader.At(offset));
  ErasedValue value(type);
  const size_t before = at.remaining();
  type.Deserialize(at, value.get());
  if (absl::Status status = at.status(); !status.ok()) return status;
  return std::string(bytes.substr(static_cast<size_t>(offset), before - at.remaining()));
}

// The type of a restored list that nothing registered.
const TypeSerializer* BaseTypeOf(const StateMeta& meta) {
  for (const TypeSerializer* type :
       {&TypeOf<Bytes>::Serializer(), &TypeOf<std::string>::Serializer(), &TypeOf<int64_t>::Serializer(),
        &TypeOf<int32_t>::Serializer(), &TypeOf<double>::Serializer(), &TypeOf<bool>::Serializer()}) {
    if (meta == StateMeta::OperatorList(meta.name, OperatorStateMode::kSplitDistribute, type->Snapshot()) ||
        meta == StateMeta::OperatorList(meta.name, OperatorStateMode::kUnion, type->Snapshot())) {
      return type;
    }
  }
  return nullptr;
}

}  // namespace

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
  } else if (list.meta != meta) {
    return absl::FailedPreconditionError(absl::StrCat("operator state ", name,
                                                      " was written with another element type than ",
                                                      DescribeSnapshot(element.Snapshot())));
  }
  if (list.type == nullptr) {
    WEIR_RETURN_IF_ERROR(Load(element, list, &list.elements));
    list.restored.clear();
    list.type = &element;
  }
  return &list.elements;
}

absl::Status OperatorStateBackend::Load(const TypeSerializer& type, const List& list,
                                        Elements* elements) const {
  for (const auto& [stream, offset] : list.restored) {
    auto element = ElementAt(streams_[stream], offset, type);
    if (!element.ok()) return WithContext(element.status(), absl::StrCat("operator state ", list.meta.name));
    elements->push_back(*std::move(element));
  }
  return absl::OkStatus();
}

absl::StatusOr<OperatorStateSnapshot> OperatorStateBackend::Snapshot(const Elements& witness) const {
  OperatorStateSnapshot snapshot;
  if (lists_.empty() && witness.empty()) return snapshot;
  OperatorStateContent content;
  for (const auto& [name, list] : lists_) {
    content.lists.push_back({list.meta, list.elements});
    if (list.restored.empty()) continue;
    const TypeSerializer* const type = BaseTypeOf(list.meta);
    if (type == nullptr) {
      return absl::UnimplementedError(absl::StrCat(
          "operator state ", name, " is not used any more, and its elements cannot be carried on"));
    }
    WEIR_RETURN_IF_ERROR(Load(*type, list, &content.lists.back().elements));
  }
  if (witness.empty()) {
    WEIR_ASSIGN_OR_RETURN(snapshot.stream, WriteOperatorState(content));
    return snapshot;
  }
  uint64_t billed = 0;
  if (!lists_.empty()) {
    WEIR_ASSIGN_OR_RETURN(const OperatorStateStream without, WriteOperatorState(content));
    billed = without.bytes.size();
  }
  content.lists.push_back(
      {StateMeta::OperatorList(std::string(kWitnessState), OperatorStateMode::kSplitDistribute,
                               TypeOf<Bytes>::Serializer().Snapshot()),
       witness});
  WEIR_ASSIGN_OR_RETURN(snapshot.stream, WriteOperatorState(content));
  snapshot.unbilled = snapshot.stream.bytes.size() - billed;
  return snapshot;
}

absl::Status OperatorStateBackend::Restore(const OperatorHandle& handle, std::string bytes,
                                           Elements* witness) {
  WEIR_ASSIGN_OR_RETURN(const OperatorStateReader reader, OperatorStateReader::Open(bytes));
  for (const OperatorStateOffsets& state : handle.states) {
    if (state.mode == OperatorStateMode::kBroadcast) {
      return absl::UnimplementedError(absl::StrCat("operator state ", state.name, " is a broadcast map"));
    }
    const StateMeta* const meta = reader.Find(state.name, state.mode);
    if (meta == nullptr) {
      return absl::DataLossError(absl::StrCat("operator state ", state.name, " is not in its stream"));
    }
    List* list = nullptr;
    if (state.name != kWitnessState) {
      list = &lists_[state.name];
      WEIR_CHECK(list->type == nullptr, "state is restored before it is registered: ", state.name);
      list->meta = *meta;
      list->mode = state.mode;
    }
    for (const int64_t offset : state.offsets) {
      if (list != nullptr) {
        list->restored.emplace_back(streams_.size(), offset);
      } else if (witness != nullptr) {
        WEIR_ASSIGN_OR_RETURN(std::string element, ElementAt(bytes, offset, TypeOf<Bytes>::Serializer()));
        witness->push_back(std::move(element));
      }
    }
  }
  streams_.push_back(std::move(bytes));
  return absl::OkStatus();
}

}  // namespace weir
