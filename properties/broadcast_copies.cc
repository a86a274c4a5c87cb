#include "properties/broadcast_copies.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"
#include "runtime/types/snapshot_codec.h"

namespace weir::properties {
namespace {

constexpr absl::string_view kKey = "KEY_SERIALIZER";
constexpr absl::string_view kValue = "VALUE_SERIALIZER";
constexpr size_t kTextMax = 200;  // of one value in a message

std::string Text(const StateMeta& meta, absl::string_view role, const std::string& bytes) {
  std::string text;
  if (const SerializerSnapshot* const serializer = meta.serializer(role)) {
    ByteReader reader(bytes);
    const absl::StatusOr<DynamicValue> value = SnapshotCodec(*serializer).Read(reader);
    if (value.ok()) text = ToJson(*value);
  }
  if (text.empty()) text = absl::StrCat("bytes ", absl::BytesToHexString(bytes));
  if (text.size() > kTextMax) {
    text.resize(kTextMax);
    text.append("...");
  }
  return text;
}

}  // namespace

absl::StatusOr<BroadcastCopy> ReadBroadcastCopy(const OperatorStateReader& reader,
                                                const OperatorStateOffsets& state) {
  WEIR_CHECK(state.mode == OperatorStateMode::kBroadcast, state.name);
  const StateMeta* const meta = reader.Find(state.name, state.mode);
  if (meta == nullptr) return absl::DataLossError(absl::StrCat("no state ", state.name, " in the stream"));
  BroadcastCopy copy{*meta, {}};
  const SerializerSnapshot* const key = copy.meta.serializer(kKey);
  const SerializerSnapshot* const value = copy.meta.serializer(kValue);
  if (key == nullptr || value == nullptr) {
    return absl::DataLossError(absl::StrCat("the meta of ", state.name, " names no serializers"));
  }
  const SnapshotCodec keys(*key);
  const SnapshotCodec values(*value);
  for (const int64_t offset : state.offsets) {
    WEIR_ASSIGN_OR_RETURN(ByteReader in, reader.At(offset));
    for (int32_t left = in.I32(); left > 0; --left) {
      const absl::string_view rest = in.Rest();
      const size_t begin = in.offset();
      WEIR_RETURN_IF_ERROR(keys.Skip(in));
      const size_t middle = in.offset();
      WEIR_RETURN_IF_ERROR(values.Skip(in));
      copy.entries[std::string(rest.substr(0, middle - begin))] =
          std::string(rest.substr(middle - begin, in.offset() - middle));
    }
    WEIR_RETURN_IF_ERROR(in.status());
  }
  return copy;
}

std::optional<CopyDifference> FirstDifference(const BroadcastCopy& first, const BroadcastCopy& second) {
  const StateMeta& meta = first.meta.serializers.empty() ? second.meta : first.meta;
  auto a = first.entries.begin();
  auto b = second.entries.begin();
  while (a != first.entries.end() || b != second.entries.end()) {
    const bool has_first = a != first.entries.end() && (b == second.entries.end() || a->first <= b->first);
    const bool has_second = b != second.entries.end() && (a == first.entries.end() || b->first <= a->first);
    if (!has_first || !has_second || a->second != b->second) {
      return CopyDifference{Text(meta, kKey, has_first ? a->first : b->first),
                            has_first ? Text(first.meta, kValue, a->second) : "nothing",
                            has_second ? Text(second.meta, kValue, b->second) : "nothing"};
    }
    ++a;
    ++b;
  }
  return std::nullopt;
}

}  // namespace weir::properties
