#include "runtime/state/state_schema.h"

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"

namespace weir {
namespace {

constexpr absl::string_view kKind = "KEYED_STATE_TYPE";
constexpr absl::string_view kNamespace = "NAMESPACE_SERIALIZER";
constexpr absl::string_view kValue = "VALUE_SERIALIZER";

std::string DescribeOrNothing(const SerializerSnapshot* snapshot) {
  return snapshot == nullptr ? "?" : DescribeSnapshot(*snapshot);
}

absl::Status CheckEqual(absl::string_view what, const SerializerSnapshot* now, const SerializerSnapshot* before) {
  if (now != nullptr && before != nullptr && *now == *before) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(what, " was written as ", DescribeOrNothing(before),
                                                    " and cannot be read as ", DescribeOrNothing(now)));
}

}  // namespace

absl::Status StateMigration::Apply(absl::string_view old_user_key, absl::string_view old_value,
                                   std::string* user_key, std::string* value) const {
  user_key->assign(old_user_key.data(), old_user_key.size());
  value->assign(old_value.data(), old_value.size());
  return absl::OkStatus();
}

absl::StatusOr<StateMigration> ResolveState(const StateSpec& wanted, const StateMeta& found) {
  const StateMeta meta = wanted.ToMeta();
  if (meta.kind != found.kind || meta.option(kKind) != found.option(kKind)) {
    return absl::FailedPreconditionError(absl::StrCat("state ", wanted.name, " was a ", found.option(kKind),
                                                      " state and is now asked for as ", meta.option(kKind)));
  }
  absl::Status status = CheckEqual(absl::StrCat("namespace of state ", wanted.name), meta.serializer(kNamespace),
                                   found.serializer(kNamespace));
  if (status.ok()) {
    status = CheckEqual(absl::StrCat("state ", wanted.name), meta.serializer(kValue), found.serializer(kValue));
  }
  if (!status.ok()) return status;
  return StateMigration();
}

absl::Status CheckTimers(const StateMeta& wanted, const StateMeta& found) {
  if (found.kind != wanted.kind) {
    return absl::FailedPreconditionError(
        absl::StrCat("state ", wanted.name, " holds timers and was written as another kind"));
  }
  return CheckEqual(absl::StrCat("state ", wanted.name), wanted.serializer(kValue), found.serializer(kValue));
}

absl::Status CheckKeyType(const TypeSerializer& wanted, const SerializerSnapshot& found) {
  const SerializerSnapshot snapshot = wanted.Snapshot();
  if (found == snapshot) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("keys were written as ", DescribeSnapshot(found),
                                                    " and cannot be read as ", DescribeSnapshot(snapshot)));
}

absl::Status CheckSameState(const StateSpec& wanted, const StateSpec& registered) {
  if (wanted.type == registered.type && wanted.value == registered.value &&
      wanted.user_key == registered.user_key && wanted.name_space == registered.name_space) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("state ", wanted.name, " is registered twice, with different kinds or types"));
}

}  // namespace weir
