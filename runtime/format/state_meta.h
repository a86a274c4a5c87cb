// Licensed under the Apache License, Version 2.0.
//
// StateMeta: name, kind and serializers of one registered state, as the header of keyed and
// operator state lists it. The position in that list is the state's id within the stream.
#ifndef WEIR_RUNTIME_FORMAT_STATE_META_H_
#define WEIR_RUNTIME_FORMAT_STATE_META_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "runtime/base/codec.h"
#include "runtime/format/state_handle.h"
#include "runtime/types/serializer_snapshot.h"

namespace weir {

enum class KeyedStateType : uint8_t { kValue, kList, kReducing, kFolding, kAggregating, kMap };

struct StateMeta {
  enum class Kind : uint8_t {
    kKeyValue = 0,
    kOperator = 1,
    kBroadcast = 2,
    kPriorityQueue = 3,
    kKeyValueV2 = 4,
  };
  std::string name;
  Kind kind = Kind::kKeyValue;
  std::vector<std::pair<std::string, std::string>> options;  // in file order
  std::vector<std::pair<std::string, SerializerSnapshot>> serializers;

  bool operator==(const StateMeta&) const = default;
  // Null / "" if there is none of that name ("VALUE_SERIALIZER", "KEYED_STATE_TYPE", ...).
  const SerializerSnapshot* serializer(absl::string_view key) const;
  absl::string_view option(absl::string_view key) const;

  // A keyed state in the void namespace. `value`: of a list or map state the snapshot of the whole
  // list or map.
  static StateMeta Keyed(std::string name, KeyedStateType type, SerializerSnapshot value);
  // A list or union state of an operator; `element` is the snapshot of one element.
  static StateMeta OperatorList(std::string name, OperatorStateMode mode, SerializerSnapshot element);
  static StateMeta Broadcast(std::string name, SerializerSnapshot key, SerializerSnapshot value);
};

absl::string_view KeyedStateTypeName(KeyedStateType type);  // "VALUE", "LIST", ...

// The block of one state. Errors as ReadSerializerSnapshot has them, with the state's name in
// front.
absl::Status WriteStateMeta(const StateMeta& meta, ByteWriter& writer);
absl::StatusOr<StateMeta> ReadStateMeta(ByteReader& reader);

}  // namespace weir

#endif  // WEIR_RUNTIME_FORMAT_STATE_META_H_
