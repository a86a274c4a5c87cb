#include "runtime/checkpoint/redistribution.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"

namespace weir {
namespace {

// What one new subtask gets: states by the old subtask whose stream holds them.
using Share = std::map<size_t, std::vector<OperatorStateOffsets>>;

struct Piece {
  size_t old_subtask = 0;
  std::vector<int64_t> offsets;
};
using PiecesByName = std::map<std::string, std::vector<Piece>>;

PiecesByName Collect(const std::vector<OperatorHandle>& old, OperatorStateMode mode) {
  PiecesByName pieces;
  for (size_t i = 0; i < old.size(); ++i) {
    for (const OperatorStateOffsets& state : old[i].states) {
      if (state.mode == mode) pieces[state.name].push_back({i, state.offsets});
    }
  }
  return pieces;
}

// Deals the next `count` offsets of `pieces` to `share`, from (piece, position) on.
void Deal(const std::string& name, const std::vector<Piece>& pieces, size_t count, size_t* piece,
          size_t* position, Share* share) {
  while (count > 0) {
    const std::vector<int64_t>& offsets = pieces[*piece].offsets;
    if (*position == offsets.size()) {
      ++*piece, *position = 0;
      continue;
    }
    const size_t taken = std::min(count, offsets.size() - *position);
    const auto first = offsets.begin() + static_cast<std::ptrdiff_t>(*position);
    (*share)[pieces[*piece].old_subtask].push_back(
        {name, OperatorStateMode::kSplitDistribute, {first, first + static_cast<std::ptrdiff_t>(taken)}});
    *position += taken;
    count -= taken;
  }
}

void DealSplit(const std::vector<OperatorHandle>& old, std::vector<Share>* shares) {
  const size_t parallelism = shares->size();
  size_t start = 0;  // who gets the first block, and so the first extra element
  for (const auto& [name, pieces] : Collect(old, OperatorStateMode::kSplitDistribute)) {
    size_t total = 0;
    for (const Piece& piece : pieces) total += piece.offsets.size();
    const size_t base = total / parallelism;
    const size_t extra = total % parallelism;
    size_t piece = 0;
    size_t position = 0;
    for (size_t i = 0; i < parallelism; ++i) {
      const size_t count = base + (i < extra ? 1 : 0);
      Deal(name, pieces, count, &piece, &position, &(*shares)[(i + start) % parallelism]);
    }
    start = (start + extra) % parallelism;
  }
}

void DealUnion(const std::vector<OperatorHandle>& old, std::vector<Share>* shares) {
  for (const auto& [name, pieces] : Collect(old, OperatorStateMode::kUnion)) {
    for (Share& share : *shares) {
      for (const Piece& piece : pieces) {
        share[piece.old_subtask].push_back({name, OperatorStateMode::kUnion, piece.offsets});
      }
    }
  }
}

void DealBroadcast(const std::vector<OperatorHandle>& old, std::vector<Share>* shares) {
  for (const auto& [name, pieces] : Collect(old, OperatorStateMode::kBroadcast)) {
    for (size_t i = 0; i < shares->size(); ++i) {
      const Piece& piece = pieces[i % pieces.size()];
      (*shares)[i][piece.old_subtask].push_back({name, OperatorStateMode::kBroadcast, piece.offsets});
    }
  }
}

// With equal parallelism everything but union state stays where it is.
void KeepInPlace(const std::vector<OperatorHandle>& old, std::vector<Share>* shares) {
  for (size_t i = 0; i < old.size(); ++i) {
    for (const OperatorStateOffsets& state : old[i].states) {
      if (state.mode != OperatorStateMode::kUnion) (*shares)[i][i].push_back(state);
    }
  }
}

bool HasUnion(const std::vector<OperatorHandle>& old) {
  for (const OperatorHandle& handle : old) {
    for (const OperatorStateOffsets& state : handle.states) {
      if (state.mode == OperatorStateMode::kUnion) return true;
    }
  }
  return false;
}

template <typename Handle>
void SpreadOver(std::vector<Handle> handles, Handle SubtaskState::*member, int32_t index,
                std::vector<SubtaskState>* entries) {
  for (size_t i = 0; i < handles.size(); ++i) {
    if (entries->size() == i) entries->emplace_back().index = index;
    (*entries)[i].*member = std::move(handles[i]);
  }
}

void ResolveStream(StreamHandle* stream, absl::string_view folder) {
  if (stream->kind == StreamHandle::Kind::kRelativeFile) {
    *stream = StreamHandle::File(absl::StrCat(folder, "/", stream->path), stream->size);
  }
  for (StreamHandle& inner : stream->inner) {
    if (inner.kind != StreamHandle::Kind::kRelativeFile) continue;
    inner = StreamHandle::File(absl::StrCat(folder, "/", inner.path), inner.size);
  }
}

void ResolveKeyed(KeyedHandle* handle, absl::string_view folder) {
  ResolveStream(&handle->stream, folder);
  for (NamedStream& file : handle->shared) ResolveStream(&file.stream, folder);
  for (NamedStream& file : handle->exclusive) ResolveStream(&file.stream, folder);
  for (OffsetStream& file : handle->files) ResolveStream(&file.stream, folder);
}

}  // namespace

std::vector<std::vector<OperatorHandle>> RedistributeOperatorState(const std::vector<OperatorHandle>& old,
                                                                   uint32_t parallelism) {
  std::vector<std::vector<OperatorHandle>> result(parallelism);
  if (old.size() == parallelism && !HasUnion(old)) {
    for (size_t i = 0; i < old.size(); ++i) {
      if (!old[i].is_null()) result[i].push_back(old[i]);
    }
    return result;
  }
  std::vector<Share> shares(parallelism);
  if (old.size() == parallelism) {
    KeepInPlace(old, &shares);
  } else {
    DealSplit(old, &shares);
    DealBroadcast(old, &shares);
  }
  DealUnion(old, &shares);
  for (size_t i = 0; i < parallelism; ++i) {
    for (auto& [old_subtask, states] : shares[i]) {
      OperatorHandle handle = old[old_subtask];
      handle.states = std::move(states);
      result[i].push_back(std::move(handle));
    }
  }
  return result;
}

absl::StatusOr<std::vector<std::vector<KeyedHandle>>> RedistributeKeyedState(
    const std::vector<KeyedHandle>& old, uint32_t parallelism, uint32_t max_parallelism) {
  std::vector<std::vector<KeyedHandle>> result(parallelism);
  for (size_t i = 0; i < old.size(); ++i) {
    if (old[i].is_null()) continue;
    if (old.size() == parallelism) {
      result[i].push_back(old[i]);
      continue;
    }
    if (!old[i].has_offsets() && !old[i].is_native()) {
      return absl::UnimplementedError(absl::StrCat("keyed state of kind ", static_cast<int>(old[i].kind),
                                                   " cannot be dealt to another parallelism"));
    }
    for (uint32_t subtask = 0; subtask < parallelism; ++subtask) {
      const KeyGroupRange wanted = RangeFor(subtask, max_parallelism, parallelism);
      if (old[i].range().Intersect(wanted).empty()) continue;
      result[subtask].push_back(old[i].is_native() ? old[i] : old[i].Intersect(wanted));
    }
  }
  return result;
}

absl::StatusOr<std::vector<std::vector<SubtaskState>>> Redistribute(const OperatorState& old,
                                                                    uint32_t parallelism) {
  const auto old_parallelism = static_cast<size_t>(old.parallelism);
  const auto max_parallelism = static_cast<uint32_t>(old.max_parallelism);
  WEIR_CHECK(parallelism >= 1 && parallelism <= max_parallelism);
  std::vector<OperatorHandle> managed_operator(old_parallelism), raw_operator(old_parallelism);
  std::vector<KeyedHandle> managed_keyed(old_parallelism), raw_keyed(old_parallelism);
  std::vector<std::vector<SubtaskState>> result(parallelism);
  for (const SubtaskState& state : old.subtasks) {
    const auto index = static_cast<size_t>(state.index);
    if (state.index < 0 || index >= old_parallelism) {
      return absl::DataLossError(absl::StrCat("operator ", old.id.ToHex(), " has state of subtask ",
                                              state.index, " of ", old.parallelism));
    }
    managed_operator[index] = state.managed_operator;
    raw_operator[index] = state.raw_operator;
    managed_keyed[index] = state.managed_keyed;
    raw_keyed[index] = state.raw_keyed;
    if (state.input_channels.empty() && state.result_subpartitions.empty()) continue;
    if (parallelism != old_parallelism) {
      return absl::UnimplementedError("in-flight data cannot be dealt to another parallelism");
    }
    SubtaskState& entry = result[index].emplace_back();
    entry.index = state.index;
    entry.input_channels = state.input_channels;
    entry.result_subpartitions = state.result_subpartitions;
  }
  auto operators = RedistributeOperatorState(managed_operator, parallelism);
  auto raw_operators = RedistributeOperatorState(raw_operator, parallelism);
  WEIR_ASSIGN_OR_RETURN(auto keyed, RedistributeKeyedState(managed_keyed, parallelism, max_parallelism));
  WEIR_ASSIGN_OR_RETURN(auto raw_keyeds, RedistributeKeyedState(raw_keyed, parallelism, max_parallelism));
  for (uint32_t i = 0; i < parallelism; ++i) {
    const auto index = static_cast<int32_t>(i);
    SpreadOver(std::move(operators[i]), &SubtaskState::managed_operator, index, &result[i]);
    SpreadOver(std::move(raw_operators[i]), &SubtaskState::raw_operator, index, &result[i]);
    SpreadOver(std::move(keyed[i]), &SubtaskState::managed_keyed, index, &result[i]);
    SpreadOver(std::move(raw_keyeds[i]), &SubtaskState::raw_keyed, index, &result[i]);
  }
  return result;
}

void ResolveRelativeFiles(SubtaskState* state, absl::string_view folder) {
  ResolveStream(&state->managed_operator.stream, folder);
  ResolveStream(&state->raw_operator.stream, folder);
  ResolveKeyed(&state->managed_keyed, folder);
  ResolveKeyed(&state->raw_keyed, folder);
  for (ChannelHandle& channel : state->input_channels) ResolveStream(&channel.stream, folder);
  for (ChannelHandle& channel : state->result_subpartitions) ResolveStream(&channel.stream, folder);
}

}  // namespace weir
