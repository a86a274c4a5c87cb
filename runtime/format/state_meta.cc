#include "runtime/format/state_meta.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "runtime/base/status.h"
#include "runtime/format/handle_codec.h"
#include "runtime/types/java_string.h"

namespace weir {
namespace {

using format_internal::Damaged;
using format_internal::ReadCount;
using format_internal::WriteText;

constexpr absl::string_view kKeyedStateType = "KEYED_STATE_TYPE";
constexpr absl::string_view kDistributionMode = "OPERATOR_STATE_DISTRIBUTION_MODE";
constexpr absl::string_view kKeySerializer = "KEY_SERIALIZER";
constexpr absl::string_view kValueSerializer = "VALUE_SERIALIZER";
constexpr absl::string_view kNamespaceSerializer = "NAMESPACE_SERIALIZER";

// Nobody has more options or serializers, and a damaged count is no reason to ask for memory.
constexpr size_t kUsual = 4;

StateMeta Make(std::string name, StateMeta::Kind kind, absl::string_view option, absl::string_view value) {
  StateMeta meta;
  meta.name = std::move(name);
  meta.kind = kind;
  meta.options.emplace_back(option, value);
  return meta;
}

}  // namespace

absl::string_view KeyedStateTypeName(KeyedStateType type) {
  switch (type) {
    case KeyedStateType::kValue:
      return "VALUE";
    case KeyedStateType::kList:
      return "LIST";
    case KeyedStateType::kReducing:
      return "REDUCING";
    case KeyedStateType::kFolding:
      return "FOLDING";
    case KeyedStateType::kAggregating:
      return "AGGREGATING";
    case KeyedStateType::kMap:
      return "MAP";
  }
  return "?";
}

const SerializerSnapshot* StateMeta::serializer(absl::string_view key) const {
  for (const auto& [name_of, snapshot] : serializers) {
    if (name_of == key) return &snapshot;
  }
  return nullptr;
}

absl::string_view StateMeta::option(absl::string_view key) const {
  for (const auto& [name_of, value] : options) {
    if (name_of == key) return value;
  }
  return "";
}

StateMeta StateMeta::Keyed(std::string name, KeyedStateType type, SerializerSnapshot value) {
  StateMeta meta = Make(std::move(name), Kind::kKeyValue, kKeyedStateType, KeyedStateTypeName(type));
  meta.serializers.emplace_back(kValueSerializer, std::move(value));
  meta.serializers.emplace_back(kNamespaceSerializer, VoidNamespaceSnapshot());
  return meta;
}

StateMeta StateMeta::OperatorList(std::string name, OperatorStateMode mode, SerializerSnapshot element) {
  StateMeta meta = Make(std::move(name), Kind::kOperator, kDistributionMode,
                        mode == OperatorStateMode::kUnion ? "UNION" : "SPLIT_DISTRIBUTE");
  meta.serializers.emplace_back(kValueSerializer, std::move(element));
  return meta;
}

StateMeta StateMeta::Broadcast(std::string name, SerializerSnapshot key, SerializerSnapshot value) {
  StateMeta meta = Make(std::move(name), Kind::kBroadcast, kDistributionMode, "BROADCAST");
  meta.serializers.emplace_back(kValueSerializer, std::move(value));
  meta.serializers.emplace_back(kKeySerializer, std::move(key));
  return meta;
}

absl::Status WriteStateMeta(const StateMeta& meta, ByteWriter& writer) {
  WEIR_RETURN_IF_ERROR(WriteText(writer, meta.name));
  writer.I32(static_cast<int32_t>(meta.kind));
  writer.I32(static_cast<int32_t>(meta.options.size()));
  for (const auto& [key, value] : meta.options) {
    WEIR_RETURN_IF_ERROR(WriteText(writer, key));
    WEIR_RETURN_IF_ERROR(WriteText(writer, value));
  }
  writer.I32(static_cast<int32_t>(meta.serializers.size()));
  for (const auto& [key, snapshot] : meta.serializers) {
    WEIR_RETURN_IF_ERROR(WriteText(writer, key));
    WEIR_RETURN_IF_ERROR(WithContext(WriteSerializerSnapshot(snapshot, writer),
                                     [&] { return absl::StrCat("state ", meta.name); }));
  }
  return absl::OkStatus();
}

absl::StatusOr<StateMeta> ReadStateMeta(ByteReader& reader) {
  StateMeta meta;
  meta.name = ReadUtf(reader);
  const int32_t kind = reader.I32();
  if (!reader.ok() || kind < 0 || kind > 4)
    return Damaged(reader, absl::StrCat("kind ", kind, " of a state"));
  meta.kind = static_cast<StateMeta::Kind>(kind);
  const auto context = [&meta] { return absl::StrCat("state ", meta.name); };
  size_t count = 0;
  WEIR_RETURN_IF_ERROR(WithContext(ReadCount(reader, 4, "number of options", &count), context));
  meta.options.reserve(std::min(count, kUsual));
  for (size_t i = 0; i < count; ++i) {
    std::string key = ReadUtf(reader);
    std::string value = ReadUtf(reader);
    meta.options.emplace_back(std::move(key), std::move(value));
  }
  WEIR_RETURN_IF_ERROR(WithContext(ReadCount(reader, 2, "number of serializers", &count), context));
  meta.serializers.reserve(std::min(count, kUsual));
  for (size_t i = 0; i < count; ++i) {
    std::string key = ReadUtf(reader);
    absl::StatusOr<SerializerSnapshot> snapshot = ReadSerializerSnapshot(reader);
    if (!snapshot.ok()) return WithContext(snapshot.status(), absl::StrCat(context(), ": ", key));
    meta.serializers.emplace_back(std::move(key), *std::move(snapshot));
  }
  if (!reader.ok()) return Damaged(reader, context());
  return meta;
}

}  // namespace weir
