#include "runtime/state/state_store.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"
#include "runtime/types/snapshot_classes.h"

namespace weir {

StateNotObtained::StateNotObtained(absl::string_view kind, absl::string_view how)
    : std::logic_error(
          absl::StrCat("a ", kind, " was accessed that was never obtained: obtain it by ", how)) {}

bool StateStore::RefuseLoan() {
  Fail(absl::FailedPreconditionError(
      "accessed by the very function that it was lent to, a visitor or a change in "
      "place: let the function collect what is to be done, and do it afterwards (of "
      "a map, RemoveIf removes what a condition selects)"));
  return false;
}

void ThrowStateNotObtained(absl::string_view kind, absl::string_view how) {
  throw StateNotObtained(kind, how);
}

SerializerSnapshot StateSpec::ValueSnapshot() const {
  WEIR_CHECK(value != nullptr, "state ", name);
  if (type == KeyedStateType::kList) return list->Snapshot();
  if (type != KeyedStateType::kMap) return value->Snapshot();
  SerializerSnapshot map;
  map.class_name = std::string(types_internal::kMapSnapshotClass);
  map.version = 3;
  map.family = SnapshotFamily::kComposite;
  map.outer_version = 1;
  map.nested.push_back(user_key->Snapshot());
  map.nested.push_back(value->non_null().Snapshot());  // the null flag of a map value is the map's own
  return map;
}

StateMeta StateSpec::ToMeta() const {
  StateMeta meta = StateMeta::Keyed(name, type, ValueSnapshot());
  if (name_space == nullptr) return meta;
  for (auto& [key, snapshot] : meta.serializers) {
    if (key == "NAMESPACE_SERIALIZER") snapshot = name_space->Snapshot();
  }
  return meta;
}

// Expired from the very instant on: timestamp + ttl <= now, without overflow.
bool TtlPolicy::IsExpiredAt(int64_t timestamp, int64_t now) const {
  const int64_t room = std::numeric_limits<int64_t>::max() - std::max<int64_t>(timestamp, 0);
  return timestamp + std::min(ttl_millis, room) <= now;
}

}  // namespace weir
