#include "runtime/state/state_schema.h"

#include "absl/strings/str_cat.h"
#include "runtime/base/status.h"
#include "runtime/types/schema_compatibility.h"

namespace weir {
namespace {

constexpr absl::string_view kKind = "KEYED_STATE_TYPE";
constexpr absl::string_view kNamespace = "NAMESPACE_SERIALIZER";
constexpr absl::string_view kValue = "VALUE_SERIALIZER";
constexpr uint8_t kListDelimiter = ',';

absl::Status CheckNamespace(const StateSpec& wanted, const StateMeta& found) {
  const SerializerSnapshot* const before = found.serializer(kNamespace);
  if (before == nullptr) return absl::DataLossError("no namespace serializer");
  return CheckRole(SerializerRole::kNamespace, *before,
                   wanted.name_space == nullptr ? VoidNamespaceSnapshot() : wanted.name_space->Snapshot());
}

absl::StatusOr<StateMigration> DamagedMeta(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("its description in the snapshot has no ", what));
}

}  // namespace

absl::Status StateMigration::ApplyToValue(ByteReader& reader, ByteWriter& writer) const {
  if (type_ == KeyedStateType::kMap) {
    const bool is_null = reader.Bool();
    writer.Bool(is_null);
    if (is_null) return is_nullable_ ? absl::OkStatus() : absl::DataLossError("null as value of a map");
  }
  WEIR_RETURN_IF_ERROR(value_.Rewrite(reader, writer));
  while (type_ == KeyedStateType::kList && reader.remaining() > 0) {
    if (reader.U8() != kListDelimiter) return absl::DataLossError("no ',' between the elements of a list");
    writer.U8(kListDelimiter);
    WEIR_RETURN_IF_ERROR(value_.Rewrite(reader, writer));
  }
  return absl::OkStatus();
}

absl::Status StateMigration::Apply(absl::string_view old_user_key, absl::string_view old_value,
                                   std::string* user_key, std::string* value) const {
  user_key->assign(old_user_key.data(), old_user_key.size());
  if (user_key_.has_value() && !user_key_->is_identity()) {
    ByteReader reader(old_user_key);
    ByteWriter writer;
    WEIR_RETURN_IF_ERROR(user_key_->Rewrite(reader, writer));
    WEIR_RETURN_IF_ERROR(reader.Finish());
    *user_key = writer.Take();
  }
  value->assign(old_value.data(), old_value.size());
  if (value_.is_identity()) return absl::OkStatus();
  ByteReader reader(old_value);
  ByteWriter writer;
  WEIR_RETURN_IF_ERROR(ApplyToValue(reader, writer));
  *value = writer.Take();
  return reader.Finish();
}

absl::StatusOr<StateMigration> ResolveState(const StateSpec& wanted, const StateMeta& found) {
  const StateMeta meta = wanted.ToMeta();
  if (meta.kind != found.kind || meta.option(kKind) != found.option(kKind)) {
    return absl::FailedPreconditionError(absl::StrCat("state ", wanted.name, " was a ", found.option(kKind),
                                                      " state and is now asked for as ", meta.option(kKind)));
  }
  const std::string who = absl::StrCat("state ", wanted.name);
  WEIR_RETURN_IF_ERROR(WithContext(CheckNamespace(wanted, found), who));
  const SerializerSnapshot* const whole = found.serializer(kValue);
  if (whole == nullptr) return DamagedMeta("value serializer");
  WEIR_RETURN_IF_ERROR(WithContext(CheckRole(SerializerRole::kValue, *whole, wanted.ValueSnapshot()), who));
  SerializerSnapshot value = *whole;
  std::optional<Migration> user_key;
  if (wanted.type == KeyedStateType::kMap) {
    if (whole->nested.size() != 2) return DamagedMeta("map serializer");
    WEIR_RETURN_IF_ERROR(
        WithContext(CheckRole(SerializerRole::kUserKey, whole->nested[0], wanted.user_key->Snapshot()), who));
    WEIR_ASSIGN_OR_RETURN(user_key, Migration::Plan(whole->nested[0], *wanted.user_key));
    value = whole->nested[1];
  } else if (wanted.type == KeyedStateType::kList) {
    if (whole->nested.size() != 1) return DamagedMeta("list serializer");
    value = whole->nested[0];
  }
  const bool is_map = wanted.type == KeyedStateType::kMap;
  WEIR_ASSIGN_OR_RETURN(Migration migration,
                        Migration::Plan(std::move(value), is_map ? wanted.value->non_null() : *wanted.value));
  return StateMigration(wanted.type, wanted.value->kind() == TypeKind::kNullable, std::move(user_key),
                        std::move(migration));
}

absl::Status CheckTimers(const StateMeta& wanted, const StateMeta& found) {
  if (found.kind != wanted.kind) {
    return absl::FailedPreconditionError(
        absl::StrCat("state ", wanted.name, " holds timers and was written as another kind"));
  }
  const SerializerSnapshot* const before = found.serializer(kValue);
  if (before == nullptr) return DamagedMeta("timer serializer").status();
  return WithContext(CheckRole(SerializerRole::kTimer, *before, *wanted.serializer(kValue)),
                     absl::StrCat("state ", wanted.name));
}

absl::Status CheckKeyType(const TypeSerializer& wanted, const SerializerSnapshot& found) {
  return CheckRole(SerializerRole::kKey, found, wanted.Snapshot());
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
