// Licensed under the Apache License, Version 2.0.
//
// May a state that is asked for take over what was restored under its name, and how? The one place that decides for keyed
// state of every backend: the kind must be the same, the serializers compatible in their roles (types/schema_compatibility.h).
// Each refusal is kFailedPrecondition: Flink's StateMigrationException.
#ifndef WEIR_RUNTIME_STATE_STATE_SCHEMA_H_
#define WEIR_RUNTIME_STATE_STATE_SCHEMA_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "runtime/state/state_store.h"
#include "runtime/types/migration.h"

namespace weir {

// How the bytes of restored entries become those of the current serializers.
class StateMigration {
 public:
  // Whether they are the same bytes.
  bool is_identity() const {
    return value_.is_identity() && (!user_key_.has_value() || user_key_->is_identity());
  }
  // `user_key`: "" but for maps. kDataLoss: the bytes are not what the restored serializers write.
  absl::Status Apply(absl::string_view old_user_key, absl::string_view old_value, std::string* user_key,
                     std::string* value) const;

 private:
  friend absl::StatusOr<StateMigration> ResolveState(const StateSpec&, const StateMeta&);
  StateMigration(KeyedStateType type, bool is_nullable, std::optional<Migration> user_key, Migration value)
      : type_(type), is_nullable_(is_nullable), user_key_(std::move(user_key)), value_(std::move(value)) {}
  absl::Status ApplyToValue(ByteReader& reader, ByteWriter& writer) const;

  KeyedStateType type_;
  bool is_nullable_;                   // maps: a value may be null
  std::optional<Migration> user_key_;  // maps
  Migration value_;                    // of a value, an element, or a map's value
};

// `found`: what the snapshot says of the state.
absl::StatusOr<StateMigration> ResolveState(const StateSpec& wanted, const StateMeta& found);
absl::Status CheckTimers(const StateMeta& wanted, const StateMeta& found);
absl::Status CheckKeyType(const TypeSerializer& wanted, const SerializerSnapshot& found);
// Two registrations under one name, in one program.
absl::Status CheckSameState(const StateSpec& wanted, const StateSpec& registered);

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_STATE_SCHEMA_H_
