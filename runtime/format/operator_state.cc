#include "runtime/format/operator_state.h"

#include <limits>

#include "absl/container/btree_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "runtime/base/status.h"
#include "runtime/format/handle_codec.h"

namespace weir {
namespace {

using format_internal::Damaged;

constexpr int32_t kVersionWithoutCompression = 5;
constexpr int32_t kVersion = 6;

// Metas of lists or of broadcasts: a count of two bytes and the blocks.
template <typename States>
absl::Status WriteMetas(const States& states, ByteWriter& writer) {
  if (states.size() > static_cast<size_t>(std::numeric_limits<int16_t>::max())) {
    return absl::InvalidArgumentError(absl::StrCat(states.size(), " operator states"));
  }
  writer.U16(static_cast<uint16_t>(states.size()));
  absl::btree_set<absl::string_view> names;
  for (const auto& state : states) {
    if (!names.insert(state.meta->name).second) {
      return absl::InvalidArgumentError(absl::StrCat("operator state ", state.meta->name, " twice"));
    }
    WEIR_RETURN_IF_ERROR(WriteStateMeta(*state.meta, writer));
  }
  return absl::OkStatus();
}

absl::Status ReadMetas(ByteReader& reader, std::vector<StateMeta>* metas) {
  const size_t count = reader.U16();
  if (!reader.ok() || count > static_cast<size_t>(std::numeric_limits<int16_t>::max())) {
    return Damaged(reader, absl::StrCat("number of operator states (", count, ")"));
  }
  for (size_t i = 0; i < count; ++i) {
    WEIR_ASSIGN_OR_RETURN(StateMeta meta, ReadStateMeta(reader));
    metas->push_back(std::move(meta));
  }
  return absl::OkStatus();
}

OperatorStateMode ModeOf(const StateMeta& meta) {
  const absl::string_view mode = meta.option("OPERATOR_STATE_DISTRIBUTION_MODE");
  return mode == "UNION"       ? OperatorStateMode::kUnion
         : mode == "BROADCAST" ? OperatorStateMode::kBroadcast
                               : OperatorStateMode::kSplitDistribute;
}

}  // namespace

absl::StatusOr<OperatorStateStream> WriteOperatorState(const OperatorStateContent& content,
                                                       FlinkVersion target) {
  OperatorStateView view;
  for (const OperatorListState& list : content.lists) view.lists.push_back({&list.meta, list.elements});
  for (const OperatorBroadcastState& broadcast : content.broadcasts) {
    view.broadcasts.push_back({&broadcast.meta, broadcast.entries});
  }
  return WriteOperatorState(view, target);
}

absl::StatusOr<OperatorStateStream> WriteOperatorState(const OperatorStateView& content, FlinkVersion) {
  // Every release that can be a target reads and writes version 6.
  ByteWriter writer;
  writer.I32(kVersion);
  writer.Bool(false);
  WEIR_RETURN_IF_ERROR(WriteMetas(content.lists, writer));
  WEIR_RETURN_IF_ERROR(WriteMetas(content.broadcasts, writer));
  OperatorStateStream stream;
  stream.states.reserve(content.lists.size() + content.broadcasts.size());
  for (const OperatorListView& list : content.lists) {
    OperatorStateOffsets& state = stream.states.emplace_back();
    state.name = list.meta->name;
    state.mode = ModeOf(*list.meta);
    state.offsets.reserve(list.elements.size());
    for (const std::string& element : list.elements) {
      state.offsets.push_back(static_cast<int64_t>(writer.size()));
      writer.Raw(element);
    }
  }
  for (const OperatorBroadcastView& broadcast : content.broadcasts) {
    OperatorStateOffsets& state = stream.states.emplace_back();
    state.name = broadcast.meta->name;
    state.mode = OperatorStateMode::kBroadcast;
    state.offsets.push_back(static_cast<int64_t>(writer.size()));
    writer.I32(static_cast<int32_t>(broadcast.entries.size()));
    for (const auto& [key, value] : broadcast.entries) {
      writer.Raw(key);
      writer.Raw(value);
    }
  }
  stream.bytes = writer.Take();
  return stream;
}

absl::StatusOr<OperatorStateReader> OperatorStateReader::Open(absl::string_view bytes) {
  OperatorStateReader state;
  WEIR_RETURN_IF_ERROR(state.ParseHeader(bytes));
  return state;
}

absl::Status OperatorStateReader::Reopen(absl::string_view bytes) {
  if (!header_.empty() && absl::StartsWith(bytes, header_)) {
    bytes_ = bytes;
    return absl::OkStatus();
  }
  *this = OperatorStateReader();
  WEIR_RETURN_IF_ERROR(ParseHeader(bytes));
  header_ = std::string(bytes.substr(0, header_end_));
  return absl::OkStatus();
}

absl::Status OperatorStateReader::ParseHeader(absl::string_view bytes) {
  ByteReader reader(bytes);
  const int32_t version = reader.I32();
  if (!reader.ok()) return Damaged(reader, "operator state header");
  if (version != kVersion && version != kVersionWithoutCompression) {
    return absl::UnimplementedError(
        absl::StrCat("operator state header of version ", version, ", only 5 and 6 can be read"));
  }
  if (version == kVersion) {
    const uint8_t compressed = reader.U8();
    if (compressed > 1) return Damaged(reader, "compression flag of the operator state header");
    if (compressed == 1) return absl::UnimplementedError("compressed operator state cannot be read");
  }
  WEIR_RETURN_IF_ERROR(ReadMetas(reader, &lists_));
  WEIR_RETURN_IF_ERROR(ReadMetas(reader, &broadcasts_));
  bytes_ = bytes;
  header_end_ = reader.offset();
  return absl::OkStatus();
}

const StateMeta* OperatorStateReader::Find(absl::string_view name, OperatorStateMode mode) const {
  for (const StateMeta& meta : mode == OperatorStateMode::kBroadcast ? broadcasts_ : lists_) {
    if (meta.name == name && ModeOf(meta) == mode) return &meta;
  }
  return nullptr;
}

absl::StatusOr<ByteReader> OperatorStateReader::At(int64_t offset) const {
  if (offset < static_cast<int64_t>(header_end_) || offset > static_cast<int64_t>(bytes_.size())) {
    return absl::DataLossError(absl::StrCat("offset ", offset, " is not within the operator state, bytes ",
                                            header_end_, " to ", bytes_.size()));
  }
  ByteReader reader(bytes_);
  (void)reader.Raw(static_cast<size_t>(offset));
  return reader;
}

}  // namespace weir
