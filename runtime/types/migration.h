// Licensed under the Apache License, Version 2.0.
//
// Migration: values written under an old snapshot, read as values of a type of today. Fields that
// are gone are skipped; new ones have what their member initializer says; constants of enums are
// found by name. Made once per state, then used for each value.
#ifndef WEIR_RUNTIME_TYPES_MIGRATION_H_
#define WEIR_RUNTIME_TYPES_MIGRATION_H_

#include <memory>

#include "absl/status/statusor.h"
#include "runtime/types/schema_compatibility.h"
#include "runtime/types/type_serializer.h"

namespace weir {

namespace types_internal {
struct MigrationStep;
}

class Migration {
 public:
  // kFailedPrecondition, with the reason, if Resolve calls them incompatible. `from` is not needed
  // afterwards.
  static absl::StatusOr<Migration> Plan(SerializerSnapshot from, const TypeSerializer& to);
  Migration(Migration&&) noexcept;
  Migration& operator=(Migration&&) noexcept;
  ~Migration();

  // True if old bytes are new bytes: nothing needs to be rewritten.
  bool is_identity() const;

  // One old value over *value, a value of `to`. kDataLoss, kUnimplemented (a dropped field that
  // cannot be skipped): `in` is then of no further use and *value unspecified but valid.
  absl::Status Read(ByteReader& in, void* value) const;
  // One old value, appended as `to` writes it.
  absl::Status Rewrite(ByteReader& in, ByteWriter& out) const;

 private:
  Migration();
  std::unique_ptr<const SerializerSnapshot> from_;  // SnapshotCodecs refer to it
  std::unique_ptr<const types_internal::MigrationStep> step_;
  const TypeSerializer* to_ = nullptr;
};

// Plan and Rewrite for a single value.
absl::Status Migrate(const SerializerSnapshot& from, const TypeSerializer& to, ByteReader& in,
                     ByteWriter& out);

}  // namespace weir

#endif  // WEIR_RUNTIME_TYPES_MIGRATION_H_
